# vern_fuzz(name corpus libraries...): fuzz/fuzz_<name>.c against fuzz/corpus/<corpus>.
# Always a test fuzz_<name>_replay that runs the target over its corpus; with VERN_FUZZ also the
# libFuzzer program fuzz_<name>:
#   build-fuzz/fuzz_http -max_total_time=60 fuzz/corpus/http
if(VERN_FUZZ)
  add_custom_target(fuzzers) # all of them and nothing else, for fuzz/run
endif()

function(vern_fuzz name corpus)
  add_executable(fuzz_${name}_replay fuzz/fuzz_${name}.c fuzz/replay.c)
  target_link_libraries(fuzz_${name}_replay PRIVATE ${ARGN})
  add_test(NAME fuzz_${name}_replay
    COMMAND fuzz_${name}_replay ${CMAKE_SOURCE_DIR}/fuzz/corpus/${corpus}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(VERN_FUZZ)
    add_executable(fuzz_${name} fuzz/fuzz_${name}.c)
    target_link_libraries(fuzz_${name} PRIVATE ${ARGN})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${name})
  endif()
endfunction()

vern_fuzz(http http http)
vern_fuzz(proof proof audit)
vern_fuzz(policy policy policy)
vern_fuzz(sealed sealed keys)
vern_fuzz(json json base)
vern_fuzz(csv csv api)
vern_fuzz(token token engine)
vern_fuzz(import import engine)
vern_fuzz(public public api)
vern_fuzz(oidc oidc oidc)
vern_fuzz(api api api)
vern_fuzz(verify verify cli)

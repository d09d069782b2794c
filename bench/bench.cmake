# Programs that measure: vern_bench(name libraries...) builds bench/<name>.c as bench_<name>.
function(vern_bench name)
  add_executable(bench_${name} bench/${name}.c)
  target_link_libraries(bench_${name} PRIVATE ${ARGN})
endfunction()

vern_bench(http_constant http)
as_a_whole(bench_http_constant) # as what it is compared with
vern_bench(batch base)
vern_bench(log audit PkgConfig::CRYPTO)
vern_bench(plot m)
vern_bench(delay)
vern_bench(yardstick PkgConfig::CRYPTO)
vern_bench(load_clock engine)
vern_bench(ops engine PkgConfig::CMOCKA)
target_include_directories(bench_ops PRIVATE tests)
vern_bench(bulk engine PkgConfig::CMOCKA)
target_include_directories(bench_bulk PRIVATE tests)
vern_bench(gate engine PkgConfig::CMOCKA)
target_include_directories(bench_gate PRIVATE tests)

# vern with log, sealing and decision switched off, for a row of bench/http: other functions are linked
# in these places, and no other program has them.
add_executable(bench_bare src/server/main.c bench/bare.c)
target_link_libraries(bench_bare PRIVATE cli)
foreach(place audit_write audit_append audit_pending audit_drop audit_flush audit_size audit_sign
        audit_contains_id aead_seal aead_open settle decide)
  target_link_options(bench_bare PRIVATE LINKER:--wrap=${place})
endforeach()

# What runs beside others is built where their libraries are; its short form says so where they are not.
pkg_check_modules(HIREDIS IMPORTED_TARGET hiredis)
if(PQ_FOUND AND HIREDIS_FOUND)
  vern_bench(gdpr PkgConfig::PQ PkgConfig::HIREDIS m)
  target_sources(bench_gdpr PRIVATE bench/gdpr_vern.c bench/gdpr_postgres.c bench/gdpr_redis.c)
  vern_bench(write PkgConfig::PQ)
endif()

# The short form of each benchmark is a test of its answers, never of its time.
function(vern_bench_test)
  foreach(name ${ARGN})
    add_test(NAME bench_${name} COMMAND bench/run ${name} --short --build ${CMAKE_BINARY_DIR}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(bench_${name} PROPERTIES SKIP_RETURN_CODE 77)
  endforeach()
endfunction()
if(NOT CMAKE_C_FLAGS MATCHES "sanitize") # the same answers, at several times the length
  vern_bench_test(ops store together gdpr write http batch log grow import disk sweep load)
endif()

# Ceilings of instructions are those of one compiler and its flags: of the preset gcc.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_C_FLAGS STREQUAL "-O2")
  add_test(NAME bench_gate COMMAND bench/gate ${CMAKE_BINARY_DIR} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(bench_gate PROPERTIES SKIP_RETURN_CODE 77)
endif()

# Programs that measure: vern_bench(name libraries...) builds bench/<name>.c as bench_<name>.
function(vern_bench name)
  add_executable(bench_${name} bench/${name}.c)
  target_link_libraries(bench_${name} PRIVATE ${ARGN})
endfunction()

vern_bench(http_constant http)
vern_bench(batch base)
vern_bench(log audit PkgConfig::CRYPTO)

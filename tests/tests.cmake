# SQLite's file layer with a fault at the nth change, for tests of what stores.
add_library(crash_vfs STATIC tests/crash_vfs.c)
target_include_directories(crash_vfs PUBLIC tests)
target_link_libraries(crash_vfs PRIVATE PkgConfig::SQLITE)

# The engine from end to end, in process.
vern_test(engine_test tests/engine_test.c engine)

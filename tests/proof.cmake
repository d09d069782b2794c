# Which obligation is fulfilled by which clause and proved by which test: build/obligations.json. Runs
# after every other test, whose results it reads from ctest's log.
add_executable(obligations tools/obligations.c)
target_link_libraries(obligations PRIVATE decide)
add_test(NAME obligations
  COMMAND obligations ${VERN_SHARED} ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
set_tests_properties(obligations PROPERTIES SKIP_RETURN_CODE 77)
function(vern_obligations_last)
  get_property(tests DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTY TESTS)
  list(REMOVE_ITEM tests obligations)
  set_tests_properties(obligations PROPERTIES DEPENDS "${tests}")
endfunction()
cmake_language(DEFER CALL vern_obligations_last)

# A real server process, and tests that attack it from outside.
add_library(process STATIC tests/process.c)
target_include_directories(process PUBLIC tests)
target_compile_definitions(process PRIVATE VERN_BUILD="${CMAKE_BINARY_DIR}")
target_link_libraries(process PUBLIC http PkgConfig::CMOCKA)
add_dependencies(process vern)
add_library(receiver STATIC tests/receiver.c)
target_link_libraries(receiver PUBLIC process base PkgConfig::CMOCKA)
vern_test(requests_test tests/requests_test.c api process)
vern_test(attacks_test tests/attacks_test.c api process)
target_sources(attacks_test PRIVATE tests/every_route.c)
vern_test(bodies_test tests/bodies_test.c api process)
target_sources(bodies_test PRIVATE tests/every_route.c)
vern_test(public_routes_test tests/public_routes_test.c api process)
target_sources(public_routes_test PRIVATE tests/every_route.c)
vern_test(foreign_members_test tests/foreign_members_test.c api process)
target_sources(foreign_members_test PRIVATE tests/every_route.c)
vern_test(canary_test tests/canary_test.c process)
vern_test(webhook_test tests/webhook_test.c process receiver PkgConfig::CRYPTO)
vern_test(mail_test tests/mail_test.c process receiver)
vern_test(signin_test tests/signin_test.c process receiver)
vern_test(upload_test tests/upload_test.c process document)
vern_test(load_test tests/load_test.c engine process)
if(CMAKE_C_FLAGS MATCHES "sanitize") # what is freed is memory again, not put by for a while
  set_property(TEST load_test upload_test APPEND PROPERTY ENVIRONMENT "ASAN_OPTIONS=quarantine_size_mb=1")
endif()
vern_test(monitor_test tests/monitor_test.c process m)
vern_test(account_test tests/account_test.c process)
vern_test(staff_in_test tests/staff_in_test.c process keys PkgConfig::CJOSE PkgConfig::SODIUM)
target_sources(staff_in_test PRIVATE tests/provider.c)
target_include_directories(staff_in_test PRIVATE src/api) # its table of routes
vern_test(person_in_test tests/person_in_test.c process keys PkgConfig::CJOSE PkgConfig::SODIUM)
target_sources(person_in_test PRIVATE tests/provider.c)
vern_test(openid_test tests/openid_test.c process receiver keys PkgConfig::SODIUM)
vern_test(bulk_test tests/bulk_test.c process)
vern_test(csv_test tests/csv_test.c process)
vern_test(uses_test tests/uses_test.c process)
vern_test(register_end_test tests/register_end_test.c process)
vern_test(sharing_test tests/sharing_test.c process)

# Style that can be checked.
vern_test(tidy_test tests/tidy_test.c base)

# Copies and corrections under each of the policies.
vern_test(rights_test tests/rights_test.c engine)
vern_test(public_test tests/public_test.c process)
vern_test(banner_test tests/banner_test.c process)
vern_test(hostile_input_test tests/hostile_input_test.c process)

# A real server killed again and again under clients that remember.
if(postgres)
  vern_test(postgres_failover_test tests/postgres_failover_test.c process postgres_server)
  target_sources(postgres_failover_test PRIVATE tests/ledger.c)
  if(VERN_TESTS)
    set_tests_properties(postgres_failover_test PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1500)
  endif()
endif()
vern_test(kill_test tests/kill_test.c process)
target_sources(kill_test PRIVATE tests/ledger.c)
set_tests_properties(kill_test PROPERTIES TIMEOUT 1500)
if(CMAKE_C_FLAGS MATCHES "sanitize")
  set_property(TEST kill_test APPEND PROPERTY ENVIRONMENT "VERN_KILLS=40") # all 200 with gcc
endif()

# The pages in a browser, against the binary: where Chromium and the packages of web/ are there.
find_program(CHROMIUM chromium)
if(CHROMIUM AND TARGET site AND DEFINED pages AND NOT CMAKE_C_FLAGS MATCHES "sanitize")
  add_test(NAME pages COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/web/tests/run.mjs $<TARGET_FILE:vern>)
  set_tests_properties(pages PROPERTIES TIMEOUT 900 ENVIRONMENT "VERN_CHROMIUM=${CHROMIUM}")
endif()

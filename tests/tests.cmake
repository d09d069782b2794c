# SQLite's file layer with a fault at the nth change, for tests of what stores.
add_library(crash_vfs STATIC tests/crash_vfs.c)
target_include_directories(crash_vfs PUBLIC tests)
target_link_libraries(crash_vfs PRIVATE PkgConfig::SQLITE)

# A PostgreSQL of a test's own.
if(postgres)
  add_library(postgres_server STATIC tests/postgres_server.c tests/postgres_proxy.c)
  target_include_directories(postgres_server PUBLIC tests)
  target_link_libraries(postgres_server PUBLIC PkgConfig::PQ)
  add_executable(with_postgres tests/with_postgres.c)
  target_link_libraries(with_postgres PRIVATE postgres_server)
endif()

# A test that runs on files, once more on a PostgreSQL of its own: over_postgres(TEST [FILTER]).
function(over_postgres test)
  again_with_postgres(over_postgres_${test} "" ${test} ${ARGN})
endfunction()

# And once more in a register for several servers: over_servers(TEST).
function(over_servers test)
  again_with_postgres(over_servers_${test} ";VERN_TEST_SERVERS=1" ${test} ${ARGN})
endfunction()

function(again_with_postgres name settings test)
  if(NOT postgres)
    return()
  endif()
  add_test(NAME ${name} COMMAND with_postgres $<TARGET_FILE:${test}> ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1500
    ENVIRONMENT "VERN_SHARED=${VERN_SHARED}${settings}")
endfunction()

# The disk under a whole process, whose power can go.
add_library(power_disk STATIC tests/power_disk.c)
target_include_directories(power_disk PUBLIC tests)

# The engine from end to end, in process.
vern_test(engine_test tests/engine_test.c engine)
over_servers(engine_test)
if(postgres)
  vern_test(postgres_engine_test tests/postgres_engine_test.c engine postgres_server)
  vern_test(postgres_log_test tests/postgres_log_test.c engine postgres_server)
  vern_test(postgres_beside_test tests/postgres_beside_test.c engine postgres_server)
  vern_test(postgres_shared_test tests/postgres_shared_test.c engine postgres_server)
  vern_test(postgres_uses_test tests/postgres_uses_test.c engine postgres_server)
  vern_test(postgres_move_test tests/postgres_move_test.c engine postgres_server)
  vern_test(postgres_costs_test tests/postgres_costs_test.c engine postgres_server)
  vern_test(postgres_reads_test tests/postgres_reads_test.c api postgres_server)
  if(VERN_TESTS)
    target_include_directories(postgres_costs_test PRIVATE bench)
    target_include_directories(postgres_reads_test PRIVATE bench)
    set_tests_properties(postgres_reads_test PROPERTIES SKIP_RETURN_CODE 77)
    set_tests_properties(postgres_engine_test postgres_log_test postgres_beside_test postgres_shared_test postgres_uses_test postgres_costs_test postgres_move_test PROPERTIES SKIP_RETURN_CODE 77)
  endif()
endif()

# A second evaluator of docs/semantics.md, and random cases on which both must agree.
add_library(reference STATIC tests/reference/reference_settle.c tests/reference/reference_gates.c
  tests/reference/reference_needs.c tests/reference/reference_decide.c
  tests/reference/agree_policy.c tests/reference/agree_facts.c tests/reference/agree_shrink.c)
target_include_directories(reference PUBLIC tests/reference)
target_link_libraries(reference PUBLIC decide)
vern_test(agree_test tests/reference/agree_test.c reference)

# Proofs about the whole: obligations, bad requests, planted data, style.
include(tests/proof.cmake)

# The acceptance scenarios, over HTTP against the real binary; as filed and with every name drawn anew.
file(GLOB scenario_sources CONFIGURE_DEPENDS tests/scenarios/*.c)
list(REMOVE_ITEM scenario_sources ${CMAKE_SOURCE_DIR}/tests/scenarios/main.c)
vern_test(scenarios tests/scenarios/main.c policy http PkgConfig::SQLITE ${postgres_also})
target_sources(scenarios PRIVATE ${scenario_sources})
add_dependencies(scenarios vern)
if(postgres)
  target_compile_definitions(scenarios PRIVATE VERN_POSTGRES)
endif()
set_tests_properties(scenarios PROPERTIES TIMEOUT 1500)
if(NOT CMAKE_C_FLAGS MATCHES "sanitize")
  over_postgres(scenarios a_c*_as_filed) # ten of the eighty
else() # half the time: the other names walk the same code
  set_property(TEST scenarios APPEND PROPERTY ENVIRONMENT "VERN_SCENARIOS=*_as_filed")
endif()

# Documents against the code.
vern_test(docs_test tests/docs_test.c cli)
vern_test(install_test tests/install_test.c)

# Bad days: crashes at each step, restores, forgetting, a year without a sweep, disks and clocks.
vern_test(crash_test tests/crash_test.c engine crash_vfs power_disk PkgConfig::SQLITE)
set_tests_properties(crash_test PROPERTIES TIMEOUT 1500) # under sanitizers it takes minutes
vern_test(pieces_test tests/pieces_test.c api)
vern_test(crash_routes_test tests/crash_routes_test.c api crash_vfs power_disk PkgConfig::SQLITE)
set_tests_properties(crash_routes_test PROPERTIES TIMEOUT 2400)
if(CMAKE_C_FLAGS MATCHES "sanitize")
  set_property(TEST crash_test crash_routes_test APPEND PROPERTY ENVIRONMENT "VERN_WALK=seldom")
endif()
vern_test(canary_routes_test tests/canary_routes_test.c api crash_vfs PkgConfig::SQLITE)
vern_test(foreign_routes_test tests/foreign_routes_test.c api crash_vfs PkgConfig::SQLITE)
vern_test(suppress_test tests/suppress_test.c engine PkgConfig::SQLITE)
vern_test(restore_test tests/restore_test.c engine PkgConfig::SQLITE)
vern_test(concern_test tests/concern_test.c engine PkgConfig::SQLITE)
vern_test(merge_test tests/merge_test.c engine PkgConfig::SQLITE)
vern_test(forget_test tests/forget_test.c engine PkgConfig::SQLITE ${postgres_also})
vern_test(year_test tests/year_test.c engine PkgConfig::SQLITE ${postgres_also})
if(postgres)
  target_compile_definitions(forget_test PRIVATE VERN_POSTGRES)
  target_compile_definitions(year_test PRIVATE VERN_POSTGRES)
endif()
vern_test(baddays_test tests/baddays_test.c engine crash_vfs PkgConfig::SQLITE)
vern_test(damage_test tests/damage_test.c api PkgConfig::SQLITE)
set_tests_properties(damage_test PROPERTIES TIMEOUT 1500)

# Files in parts, and attacks on them.
vern_test(files_test tests/files_test.c engine PkgConfig::SQLITE)

# Years of random requests in a world that a seed makes, beside a model of what must be so.
add_executable(simulation tests/simulation/main.c tests/simulation/world.c
  tests/simulation/draw.c tests/simulation/judge.c tests/simulation/act.c
  tests/simulation/check.c tests/simulation/model.c tests/simulation/versions.c
  tests/simulation/many.c tests/simulation/merges.c tests/simulation/errands.c
  tests/simulation/concerns.c tests/simulation/spaces.c)
target_link_libraries(simulation PRIVATE engine reference crash_vfs)
# A million steps, or as many as fit in two minutes on two cores; it prints how many.
set(simulated --steps 1000000 --seconds 120 --side-by-side 2)
if(CMAKE_C_FLAGS MATCHES "sanitize")
  set(simulated --steps 4000)
endif()
add_test(NAME simulation COMMAND simulation ${simulated} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(simulation PROPERTIES TIMEOUT 900 PROCESSORS 2)

# The guarantees against those who hold a token, in process.
vern_test(guarantee_test tests/guarantee_test.c engine)

# Every clause of the five policies taken out or weakened in turn: does a policy test notice?
vern_test(mutation_test tests/mutation/mutation_test.c decide)
target_sources(mutation_test PRIVATE tests/mutation/mutants.c)
set_tests_properties(mutation_test PROPERTIES TIMEOUT 1500)
if(CMAKE_C_FLAGS MATCHES "sanitize") # one of the five: the others walk the same code
  set_property(TEST mutation_test APPEND PROPERTY ENVIRONMENT "VERN_MUTANTS=confect")
endif()
vern_test(rows_test tests/mutation/rows_test.c decide)

# Versions of the policy, those that a restore lost, and what is said of past instants.
vern_test(versions_test tests/versions_test.c engine)
vern_test(past_test tests/past_test.c engine)
vern_test(lost_version_test tests/lost_version_test.c engine)

# Manual pages and completion, by the programs that read them.
vern_test(hands_test tests/hands_test.c cli)
add_dependencies(hands_test vern)

# libvern as others use it, from the build and from an installed tree.
if(NOT VERN_FUZZ)
  vern_test(vern_test tests/vern_test.c vern_shared)
  target_compile_definitions(vern_test PRIVATE VERN_CC="${CMAKE_C_COMPILER}" VERN_CC_FLAGS="${CMAKE_C_FLAGS}")
  add_dependencies(vern_test vern hands vern_static)
endif()

# What runs on files runs on PostgreSQL, too: many programs on one server, each in a database of its own. Those behind
# --whole where VERN_POSTGRES is "whole", since they take long and meet little more of the database. Left out is what looks
# into the files themselves, copies folders or puts backups back, of which there are none (restore, lost_version, canary,
# files, damage, crash and kill), bulk_test, whose largest list is twenty thousand round trips of one turn, and what has no register.
# Single tests of that kind say so: only_in_files() of tests/places.h.
set(suite_tests engine_test api_api_test requests_test rights_test versions_test guarantee_test upload_test csv_test uses_test
  sharing_test register_end_test public_test engine_batch_test engine_breach_test engine_breach_scope_test engine_case_test
  engine_choices_test engine_collect_test engine_desk_test engine_errand_test engine_feed_test engine_register_end_test
  engine_session_test engine_staff_test engine_sweep_test engine_task_test engine_told_test engine_token_test engine_turn_test)
set(suite_tests_whole past_test account_test banner_test webhook_test mail_test signin_test person_in_test staff_in_test
  openid_test monitor_test bodies_test public_routes_test foreign_members_test foreign_routes_test engine_account_test
  engine_address_test engine_alarm_test engine_audience_test engine_banner_test engine_bounce_test engine_breach_tell_test
  engine_browser_test engine_damaged_test engine_limits_test engine_mail_test engine_overview_test engine_refused_test
  engine_statistics_test engine_synthetic_test engine_watch_test merge_test concern_test suppress_test
  forget_test year_test)
set(suite_tests_together upload_test csv_test requests_test account_test banner_test webhook_test mail_test signin_test
  person_in_test staff_in_test register_end_test openid_test public_test monitor_test sharing_test uses_test bodies_test
  public_routes_test foreign_members_test)
set(suite_tests_spread engine_test requests_test rights_test engine_batch_test engine_sweep_test)
if(CMAKE_C_FLAGS MATCHES "sanitize") # the driver under them; what it serves goes through them on files
  set(suite_tests engine_test api_api_test engine_turn_test)
  set(suite_tests_spread engine_batch_test)
endif()
if(postgres)
  foreach(test ${suite_tests})
    list(APPEND suite_programs $<TARGET_FILE:${test}>)
  endforeach()
  foreach(test ${suite_tests_whole})
    list(APPEND suite_programs_whole $<TARGET_FILE:${test}>)
  endforeach()
  add_test(NAME over_postgres_suite COMMAND with_postgres --each ${suite_programs} --whole ${suite_programs_whole}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  # And what is asked of a server, of two that serve together, in turn (tests/process.c); in the long form alone. It is all of
  # the above that asks a server over HTTP. What each of several counts by itself (floods by address, what a monitor is told)
  # is asked of one of the two.
  foreach(test ${suite_tests_together})
    list(APPEND suite_programs_together $<TARGET_FILE:${test}>)
  endforeach()
  add_test(NAME over_together_suite COMMAND with_postgres --each --whole ${suite_programs_together}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(over_together_suite PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 2400 PROCESSORS 2
    ENVIRONMENT "VERN_SHARED=${VERN_SHARED};VERN_TEST_SERVERS=1;VERN_TEST_TOGETHER=1")
  # The core of it where each table is spread over partitions, as a cluster would (docs/scale.md).
  foreach(test ${suite_tests_spread})
    list(APPEND suite_programs_spread $<TARGET_FILE:${test}>)
  endforeach()
  set(suite_programs_rest ${suite_programs})
  list(REMOVE_ITEM suite_programs_rest ${suite_programs_spread}) # each has a database of its own name
  add_test(NAME over_spread_suite COMMAND with_postgres --spread --each ${suite_programs_spread} --whole ${suite_programs_rest}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(over_postgres_suite over_spread_suite PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 2400 PROCESSORS 2
    ENVIRONMENT "VERN_SHARED=${VERN_SHARED}")
endif()
if(postgres AND NOT CMAKE_C_FLAGS MATCHES "sanitize")
  # Majors that Debian has not: the catalogue, a turn, a use case; in the long form the driver's bad days, and the suite.
  set(suite_programs_newer $<TARGET_FILE:db_dialect_test> $<TARGET_FILE:engine_turn_test> $<TARGET_FILE:engine_collect_test>)
  set(suite_programs_rest ${suite_programs})
  list(REMOVE_ITEM suite_programs_rest ${suite_programs_newer})
  add_test(NAME over_newer_suite COMMAND with_postgres --newer --each ${suite_programs_newer}
    --whole $<TARGET_FILE:db_postgres_test> $<TARGET_FILE:db_postgres_formats_test> $<TARGET_FILE:postgres_again_test>
    ${suite_programs_rest} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(over_newer_suite PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 2400 PROCESSORS 2
    ENVIRONMENT "VERN_SHARED=${VERN_SHARED}")
endif()

# What takes longest begins first, so that no core waits for it at the end.
set(long_tests pages scenarios simulation db_postgres_test kill_test mutation_test crash_routes_test crash_test
  over_postgres_suite signin_test db_postgres_formats_test over_postgres_scenarios postgres_move_test staff_in_test
  postgres_together_test)
foreach(test ${long_tests})
  if(TEST ${test})
    set_tests_properties(${test} PROPERTIES COST 100)
  endif()
endforeach()

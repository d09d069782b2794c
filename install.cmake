# What `cmake --install` puts in place. Manual pages and completion are printed by the binary.
include(GNUInstallDirs)

set(hands ${CMAKE_BINARY_DIR}/hands)
add_custom_command(OUTPUT ${hands}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${hands}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${hands}/man
  COMMAND vern manual --to ${hands}/man
  COMMAND vern completion bash >${hands}/vern
  COMMAND vern completion zsh >${hands}/_vern
  COMMAND vern completion fish >${hands}/vern.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${hands}/stamp
  DEPENDS vern)
add_custom_target(hands ALL DEPENDS ${hands}/stamp)

install(TARGETS vern RUNTIME)
install(DIRECTORY ${hands}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${hands}/vern DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${hands}/_vern DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${hands}/vern.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES policies/example.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# libvern: one shared and one static library, of which only what vern.h names is seen from outside.
# It has no network: the functions that answer are those of src/library/local.c.
file(GLOB library_sources CONFIGURE_DEPENDS src/library/*.c)
add_library(vern_objects OBJECT ${library_sources})
target_link_libraries(vern_objects PRIVATE api)
target_include_directories(vern_objects PUBLIC include)

add_library(vern_shared SHARED $<TARGET_OBJECTS:vern_objects>)
target_link_libraries(vern_shared PRIVATE api)
target_include_directories(vern_shared INTERFACE include)
set_target_properties(vern_shared PROPERTIES OUTPUT_NAME vern VERSION 0.1 SOVERSION 0)
if(NOT VERN_FUZZ AND NOT CMAKE_C_FLAGS MATCHES "sanitize")
  target_link_options(vern_shared PRIVATE -Wl,--no-undefined)
endif()

set(parts api engine document vault permit audit keys db decide policy http base)
set(part_files "")
foreach(part ${parts})
  get_target_property(kind ${part} TYPE)
  if(kind STREQUAL "STATIC_LIBRARY")
    list(APPEND part_files $<TARGET_FILE:${part}>)
  endif()
endforeach()
# Whoever links the static one has its code; what the program is optimised by as a whole stays here.
set(static ${CMAKE_BINARY_DIR}/libvern.a)
add_custom_command(OUTPUT ${static}
  COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -fno-lto -o libvern.o $<TARGET_OBJECTS:vern_objects>
    -Wl,--start-group ${part_files} -Wl,--end-group
  COMMAND ${CMAKE_OBJCOPY} --localize-hidden --wildcard --remove-section=.gnu.lto_*
    --remove-section=.gnu.debuglto_* --strip-symbol=__gnu_lto_* libvern.o
  COMMAND ${CMAKE_COMMAND} -E rm -f ${static}
  COMMAND ${CMAKE_AR} rcs ${static} libvern.o
  DEPENDS vern_objects $<TARGET_OBJECTS:vern_objects> ${parts} COMMAND_EXPAND_LISTS)
add_custom_target(vern_static ALL DEPENDS ${static})

set(vern_version 0.1)
file(RELATIVE_PATH vern_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(include/vern.pc.in vern.pc @ONLY)
install(TARGETS vern_shared LIBRARY)
install(FILES ${static} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/vern.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_BINARY_DIR}/vern.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES examples/library.c DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

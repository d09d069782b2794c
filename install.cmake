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

# SPDX-License-Identifier: MIT
# The manual page and the completion of shells, where these look for them. The program is run without the variables
# that would make it a Lambda function.
set(command_line ${CMAKE_BINARY_DIR}/command-line)
set(run_program ${CMAKE_COMMAND} -E env --unset=AWS_LAMBDA_RUNTIME_API $<TARGET_FILE:iam-census>)
set(parts "help --man" "completion bash" "completion zsh" "completion fish")
set(names iam-census.1 iam-census.bash _iam-census iam-census.fish)
set(folders ${CMAKE_INSTALL_MANDIR}/man1 ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
            ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
            ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
set(made)
foreach(part name folder IN ZIP_LISTS parts names folders)
  separate_arguments(words UNIX_COMMAND ${part})
  add_custom_command(OUTPUT ${command_line}/${name}
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${command_line}
                     COMMAND ${run_program} ${words} > ${command_line}/${name}
                     DEPENDS iam-census VERBATIM)
  list(APPEND made ${command_line}/${name})
  string(REGEX REPLACE "[.]bash$" "" installed ${name}) # bash looks for the program's name
  install(FILES ${command_line}/${name} DESTINATION ${folder} RENAME ${installed})
endforeach()
add_custom_target(command-line ALL DEPENDS ${made})

# SPDX-License-Identifier: MIT
# Run by cpack between 'install' and the package: gives the installed tree the form that Debian's policy asks for. The
# same tree gives the same package, so every file has the moment of Debian's changelog.
set(documents ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/iam-census)
set(debian ${CMAKE_CURRENT_LIST_DIR}/../deploy/debian)

# What only developers read, and the licence, which is in 'copyright'.
foreach(name decisions architecture.md contract.md development.md simulator.md testing.md)
  file(REMOVE_RECURSE ${documents}/docs/${name})
endforeach()
file(REMOVE ${documents}/LICENSE)

file(COPY ${debian}/copyright DESTINATION ${documents})
file(MAKE_DIRECTORY ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/lintian/overrides)
file(COPY_FILE ${debian}/lintian-overrides ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/lintian/overrides/iam-census)
file(COPY_FILE ${debian}/changelog ${documents}/changelog.Debian)
file(RENAME ${documents}/CHANGELOG.md ${documents}/changelog)
file(GLOB pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/man*/*)
execute_process(COMMAND gzip -9n ${documents}/changelog ${documents}/changelog.Debian ${pages}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND chmod -R u=rwX,go=rX ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND find ${CPACK_TEMPORARY_INSTALL_DIRECTORY} -exec touch -h -d @$ENV{SOURCE_DATE_EPOCH} "{}" +
                COMMAND_ERROR_IS_FATAL ANY)

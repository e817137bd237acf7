# SPDX-License-Identifier: MIT
# How a target is linked, by libFuzzer (CMakeLists.txt here) and for the replay of the seeds (../CMakeLists.txt).
set(FUZZ_FOLDER ${CMAKE_CURRENT_LIST_DIR})
file(GLOB FUZZ_TARGETS CONFIGURE_DEPENDS ${FUZZ_FOLDER}/fuzz_*.c)

function(add_fuzz_target source)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source} ${ARGN})
  target_link_libraries(${name} PRIVATE census)
  # In these the network and time are those of wire.c.
  if(name MATCHES "^fuzz_(client|local|runtime)$")
    target_sources(${name} PRIVATE ${FUZZ_FOLDER}/wire.c)
    foreach(function http_start http_cancel http_response_status http_response_header epoll_wait clock_system)
      target_link_options(${name} PRIVATE -Wl,--wrap=${function})
    endforeach()
  endif()
  if(name STREQUAL "fuzz_process")
    target_compile_definitions(${name} PRIVATE FUZZ_CHILD="$<TARGET_FILE:fuzz_child>")
    add_dependencies(${name} fuzz_child)
  endif()
endfunction()

# What fuzz_process runs, thousands of times: without what a sanitizer does at the start.
add_executable(fuzz_child ${FUZZ_FOLDER}/child.c)
target_compile_options(fuzz_child PRIVATE -fno-sanitize=all)
target_link_options(fuzz_child PRIVATE -fno-sanitize=all)
set_target_properties(fuzz_child PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

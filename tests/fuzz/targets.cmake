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
endfunction()

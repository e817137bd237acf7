# SPDX-License-Identifier: MIT
# gcc counts what runs of src/, and nothing else: not the tests, nor the simulator. Without
# optimization, so that each condition of the source stays a branch of its own.
foreach(target census iam-census)
  target_compile_options(${target} PRIVATE --coverage -fprofile-update=atomic -O0)
endforeach()
target_link_options(census PUBLIC --coverage)
add_library(dump_at_exit OBJECT ${CMAKE_SOURCE_DIR}/tests/coverage/dump_at_exit.c)
target_sources(census PRIVATE $<TARGET_OBJECTS:dump_at_exit>)

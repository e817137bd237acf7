# SPDX-License-Identifier: MIT
# What every program is built with against attackers: HARDENING_COMPILE for whatever is compiled, HARDENING_LINK for each
# program, by CMAKE_SYSTEM_PROCESSOR. Used by CMakeLists.txt and by the toolchain of the static programs, which builds
# libcurl with it too. scripts/check-hardening looks at what came out. Why, and what is left: docs/security.md
set(HARDENING_COMPILE -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
  list(APPEND HARDENING_COMPILE -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  list(APPEND HARDENING_COMPILE -mbranch-protection=standard)
endif()
# Debian's own flags may define it already.
set(HARDENING_FORTIFY -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
set(HARDENING_LINK -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

# For all targets of a project. A sanitizer has checks of its own, which these would hide or be in the way of; glibc's
# need the optimizer.
function(harden_targets)
  set(program $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
  set(in_program $<OR:${program},$<STREQUAL:$<TARGET_PROPERTY:TYPE>,STATIC_LIBRARY>>)
  add_compile_options($<${in_program}:-fPIE> ${HARDENING_COMPILE}
                      $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(${HARDENING_LINK})
  if(NOT IAM_CENSUS_STATIC) # which is linked as -static-pie
    add_link_options($<${program}:-pie>)
  endif()
endfunction()

# SPDX-License-Identifier: MIT
# Toolchain of the Lambda package: one static program for LAMBDA_ARCH (x86_64 or arm64), from the
# headers and libraries under LAMBDA_SYSROOT alone. scripts/package-lambda fills that folder.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LAMBDA_ARCH LAMBDA_SYSROOT)

set(CMAKE_SYSTEM_NAME Linux)
if(LAMBDA_ARCH STREQUAL "arm64")
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
else()
  set(CMAKE_SYSTEM_PROCESSOR x86_64)
endif()
set(triplet ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_STRIP ${triplet}-strip)

set(CMAKE_SYSROOT ${LAMBDA_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_FIND_ROOT_PATH ${LAMBDA_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_DIR} "")
set(ENV{PKG_CONFIG_PATH} "")
set(ENV{PKG_CONFIG_LIBDIR} ${LAMBDA_SYSROOT}/usr/lib/${triplet}/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${LAMBDA_SYSROOT})
set(PKG_CONFIG_ARGN --static)

# A compiler for this machine looks into this machine's folders before the sysroot's: -B and -L put
# the sysroot's first. Sections: the linker leaves out what nobody calls. No path of this machine
# gets into the program, so that it is the same wherever it is built.
include(${CMAKE_CURRENT_LIST_DIR}/hardening.cmake)
set(library_dir ${LAMBDA_SYSROOT}/usr/lib/${triplet})
string(JOIN " " CMAKE_C_FLAGS_INIT
       -fPIE -ffunction-sections -fdata-sections ${HARDENING_COMPILE} ${HARDENING_FORTIFY}
       -ffile-prefix-map=${CMAKE_BINARY_DIR}/= -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
       -ffile-prefix-map=${LAMBDA_SYSROOT}/=/)
string(JOIN " " CMAKE_EXE_LINKER_FLAGS_INIT
       -static-pie -B${library_dir} -L${library_dir} -Wl,--gc-sections ${HARDENING_LINK})
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "")

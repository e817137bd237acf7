# SPDX-License-Identifier: MIT
# Keeps glibc's name service and dlopen() out of the static program: see no_name_service.c. A library that
# brings a new call of theirs fails the link by the linker's warning.
target_sources(iam-census PRIVATE deploy/lambda/no_name_service.c)
foreach(function getaddrinfo freeaddrinfo gai_strerror getnameinfo gethostbyname getservbyname
                 getservbyport_r dlopen dlsym dlclose dladdr dlerror)
  target_link_options(iam-census PRIVATE -Wl,--wrap=${function})
endforeach()
target_link_options(iam-census PRIVATE -Wl,--fatal-warnings -Wl,-Map=link.map)

# SPDX-License-Identifier: MIT
# The Debian package, by 'cpack' in a folder that scripts/package-deb has built. Without Debian's changelog, which names
# version, maintainer and moment, there is no package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME iam-census)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "$ENV{MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "census of the IAM users of many AWS accounts, with findings")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"iam-census reads the IAM users of all accounts of an AWS organization, many
accounts at a time, and writes them as CSV, JSON Lines or into an SQLite
database: passwords, MFA devices, access keys and their last use, groups,
policies and tags. It judges them by rules of common benchmarks, compares
runs, and finds out before a census which accounts can't be read and why.
What could not be read is unknown, never false.")
set(CPACK_DEBIAN_PACKAGE_RELEASE $ENV{DEBIAN_REVISION})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# dpkg-shlibdeps adds the shared libraries. No TLS without authorities.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian_tree.cmake)
include(CPack)

# Packages for Debian, made of the components that Install.cmake names:
#
#   libtrimaran0.1    runtime      the shared library
#   libtrimaran-dev   development  headers, static library, CMake, pkg-config
#   trimaran          tools        the program, its manual pages, the service
#
# `cpack --config build/release/CPackConfig.cmake` puts them where it is called;
# `make deb` into build/packages.

set(_maintainer "Trimaran developers <trimaran@localhost>")
set(_library libtrimaran${TRIMARAN_ABI})
set(_names "runtime=${_library}" "development=libtrimaran-dev"
  "tools=trimaran")
find_package(Python3 3.9 COMPONENTS Interpreter QUIET)
# With which CPack finds out what is linked.
find_program(TRIMARAN_DPKG_SHLIBDEPS dpkg-shlibdeps)
find_program(TRIMARAN_FILE file)
mark_as_advanced(TRIMARAN_DPKG_SHLIBDEPS TRIMARAN_FILE)
if(NOT Python3_FOUND OR NOT TRIMARAN_DPKG_SHLIBDEPS OR NOT TRIMARAN_FILE)
  return()
endif()

# ---- What each package says of itself ----

configure_file(debian/changelog.in changelog @ONLY)
execute_process(
  COMMAND ${Python3_EXECUTABLE} -c
"import gzip, sys
with open(sys.argv[1], 'rb') as text, open(sys.argv[2], 'wb') as file:
    with gzip.GzipFile('', 'wb', 9, file, mtime=0) as packed:
        packed.write(text.read())"
    changelog changelog.Debian.gz
  WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
  COMMAND_ERROR_IS_FATAL ANY)
foreach(pair IN LISTS _names)
  string(REPLACE "=" ";" pair ${pair})
  list(GET pair 0 component)
  list(GET pair 1 package)
  install(FILES debian/copyright
    ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package}
    COMPONENT ${component} EXCLUDE_FROM_ALL)
  string(TOUPPER ${component} component)
  set(CPACK_DEBIAN_${component}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${component}_PACKAGE_CONTROL_STRICT_PERMISSION ON)
endforeach()
# Where the service looks for settings.
install(DIRECTORY DESTINATION /etc/trimaran
  COMPONENT tools EXCLUDE_FROM_ALL)
# As CPACK_STRIP_FILES does for what is linked.
set(_archive ${CMAKE_INSTALL_LIBDIR}/libtrimaran.a)
install(CODE "
  if(CMAKE_INSTALL_DO_STRIP)
    execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-debug
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${_archive}\"
      COMMAND_ERROR_IS_FATAL ANY)
  endif()" COMPONENT development)

# ---- The packages ----

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME trimaran)
set(CPACK_PACKAGE_VENDOR "Trimaran developers")
set(CPACK_PACKAGE_CONTACT "${_maintainer}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime development tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${_maintainer}")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SOURCE trimaran)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
# Each package has a summary of its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")

set(_what "crash-consistent key-value store with replication")
set(_about
  "Trimaran is a durable, ordered map from keys to values, for one process or
several: together they are one database, kept equal by Raft.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/triggers)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${_what} (shared library)
${_about}
This package holds the library that programs load.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
string(CONCAT CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "${_library} (= ${PROJECT_VERSION}-1), libabsl-dev, libprotobuf-dev, "
  "libssl-dev, libwiredtiger-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${_what} (development files)
${_about}
This package holds what programs in C++ and C are built with.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION database)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/tools/postinst)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "${_what} (program)
${_about}
This package holds the program that looks after stores.")

include(CPack)

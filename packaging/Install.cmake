# Headers, libraries, how CMake and pkg-config find them, and the program, for
# `cmake --install`. Components, which are packages as well: runtime (the shared
# library), development, tools.

set(_cmake ${CMAKE_INSTALL_LIBDIR}/cmake/trimaran)
set(_pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# ---- The libraries ----

install(TARGETS trimaran_shared EXPORT trimaran-shared
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS trimaran_static EXPORT trimaran-static
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/api/include/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")

# ---- CMake ----

foreach(library IN ITEMS shared static)
  install(EXPORT trimaran-${library} NAMESPACE trimaran::
    DESTINATION ${_cmake} COMPONENT development)
endforeach()
configure_package_config_file(
  trimaranConfig.cmake.in trimaranConfig.cmake
  INSTALL_DESTINATION ${_cmake}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
configure_package_config_file(
  trimaran-c.cmake.in trimaran-c.cmake
  INSTALL_DESTINATION ${_cmake}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# No interface is stable before 1.0.0.
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/trimaranConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/trimaranConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/trimaranConfigVersion.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/trimaran-c.cmake
  ${PROJECT_SOURCE_DIR}/tools/cmake/FindWiredTiger.cmake
  DESTINATION ${_cmake} COMPONENT development)

# ---- pkg-config ----

# The name by which pkg-config knows a package; empty for what has none.
function(_trimaran_pc_name target out)
  set(known
    "OpenSSL::SSL=libssl" "OpenSSL::Crypto=libcrypto"
    "WiredTiger::WiredTiger=wiredtiger"
    "protobuf::libprotobuf-lite=protobuf-lite"
    # -pthread, which the file says itself.
    "Threads::Threads=")
  set(name)
  if(target MATCHES "^absl::(.*)$")
    set(name absl_${CMAKE_MATCH_1})
  else()
    list(FILTER known INCLUDE REGEX "^${target}=")
    if(NOT known)
      message(FATAL_ERROR "packaging: what is ${target} to pkg-config?")
    endif()
    string(REGEX REPLACE "^[^=]*=" "" name "${known}")
  endif()
  set(${out} ${name} PARENT_SCOPE)
endfunction()

foreach(kind IN ITEMS public private)
  set(names)
  foreach(package IN LISTS trimaran_${kind}_packages)
    _trimaran_pc_name(${package} name)
    list(APPEND names ${name})
  endforeach()
  list(JOIN names ", " pc_${kind})
endforeach()
set(TRIMARAN_PC_REQUIRES ${pc_public})
set(TRIMARAN_PC_REQUIRES_PRIVATE ${pc_private})
# From where the file is, so that a tree can be moved.
file(RELATIVE_PATH TRIMARAN_PC_PREFIX /${_pkgconfig} /)
string(REGEX REPLACE "/$" "" TRIMARAN_PC_PREFIX ${TRIMARAN_PC_PREFIX})
foreach(file IN ITEMS trimaran.pc trimaran-c.pc)
  configure_file(${file}.in ${file} @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file}
    DESTINATION ${_pkgconfig} COMPONENT development)
endforeach()

# ---- The program ----

# Whoever has built the libraries alone installs those.
install(TARGETS trimaran OPTIONAL
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)

# Manual pages, of what the program says of itself.
find_package(Python3 3.9 COMPONENTS Interpreter QUIET)
if(Python3_FOUND)
  set(_man ${CMAKE_CURRENT_BINARY_DIR}/man)
  add_custom_command(OUTPUT ${_man}/stamp
    COMMAND Python3::Interpreter -B
      ${CMAKE_CURRENT_SOURCE_DIR}/man_pages.py $<TARGET_FILE:trimaran>
      ${PROJECT_VERSION} ${_man}
    COMMAND ${CMAKE_COMMAND} -E touch ${_man}/stamp
    DEPENDS trimaran man_pages.py
    COMMENT "Writing manual pages"
    VERBATIM)
  add_custom_target(trimaran_man_pages ALL DEPENDS ${_man}/stamp)
  install(DIRECTORY ${_man}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
    COMPONENT tools FILES_MATCHING PATTERN "*.1.gz")
endif()

# How it is run as a service.
set(_serve ${PROJECT_SOURCE_DIR}/tools/serve)
install(FILES ${_serve}/trimaran@.service
  DESTINATION lib/systemd/system COMPONENT tools)
install(FILES ${_serve}/serve.toml ${_serve}/README.md
  DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/trimaran/examples
  COMPONENT tools)

# Packages have it in the way that their system wants.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT licence)

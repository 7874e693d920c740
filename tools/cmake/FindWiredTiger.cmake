# Finds WiredTiger. Defines the target WiredTiger::WiredTiger, and
# WiredTiger_VERSION, read from the header.
#
# What this project says about crashes was established with the 3.2 line, whose
# files and settings a later line reads differently: ask for a range,
# find_package(WiredTiger 3.2...<3.3).

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_WiredTiger QUIET wiredtiger)
endif()

find_path(WiredTiger_INCLUDE_DIR wiredtiger.h
  HINTS ${PC_WiredTiger_INCLUDE_DIRS})
find_library(WiredTiger_LIBRARY wiredtiger
  HINTS ${PC_WiredTiger_LIBRARY_DIRS})
mark_as_advanced(WiredTiger_INCLUDE_DIR WiredTiger_LIBRARY)

set(WiredTiger_VERSION "")
if(WiredTiger_INCLUDE_DIR)
  set(_numbers)
  foreach(_part MAJOR MINOR PATCH)
    file(STRINGS ${WiredTiger_INCLUDE_DIR}/wiredtiger.h _line
      REGEX "#define[ \t]+WIREDTIGER_VERSION_${_part}[ \t]" LIMIT_COUNT 1)
    string(REGEX MATCH "[0-9]+" _number "${_line}")
    list(APPEND _numbers "${_number}")
  endforeach()
  list(JOIN _numbers "." WiredTiger_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(WiredTiger
  REQUIRED_VARS WiredTiger_LIBRARY WiredTiger_INCLUDE_DIR
  VERSION_VAR WiredTiger_VERSION
  HANDLE_VERSION_RANGE)

if(WiredTiger_FOUND AND NOT TARGET WiredTiger::WiredTiger)
  add_library(WiredTiger::WiredTiger UNKNOWN IMPORTED)
  set_target_properties(WiredTiger::WiredTiger PROPERTIES
    IMPORTED_LOCATION ${WiredTiger_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${WiredTiger_INCLUDE_DIR})
endif()

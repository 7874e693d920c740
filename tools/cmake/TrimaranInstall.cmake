# trimaran_install()
#
# `cmake --install` gives a tree that find_package(trimaran) finds: the headers
# of api/include and no others, the library, the archives that it is made of,
# the description of all of them for CMake, and the program. Called once, after
# the last folder.
#
# The library is installed as the archives that it was built as. One archive
# made of their objects would need a tool of its own on every platform; a shared
# library would need a promise about its binary interface.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Sets `out` to the targets of this project that `target` is linked from.
function(_trimaran_link_closure target out)
  set(found)
  set(pending ${target})
  while(pending)
    list(POP_FRONT pending next)
    if(NOT TARGET ${next})
      continue()
    endif()
    get_target_property(real ${next} ALIASED_TARGET)
    if(NOT real)
      set(real ${next})
    endif()
    get_target_property(imported ${real} IMPORTED)
    if(imported OR real IN_LIST found)
      continue()
    endif()
    list(APPEND found ${real})
    foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(libraries ${real} ${property})
      if(libraries)
        list(APPEND pending ${libraries})
      endif()
    endforeach()
  endwhile()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

function(trimaran_install)
  _trimaran_link_closure(trimaran_trimaran targets)
  foreach(target IN LISTS targets)
    string(REGEX REPLACE "^trimaran_" "" name ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  endforeach()
  # What is private to the library stands apart from it.
  list(REMOVE_ITEM targets trimaran_trimaran)
  install(TARGETS trimaran_trimaran EXPORT trimaranTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(TARGETS ${targets} EXPORT trimaranTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/trimaran)
  # Whoever has built the library alone installs that.
  install(TARGETS trimaran OPTIONAL
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/api/include/
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")

  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/trimaran)
  install(EXPORT trimaranTargets NAMESPACE trimaran:: DESTINATION ${package})
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/tools/cmake/trimaranConfig.cmake.in
    ${PROJECT_BINARY_DIR}/trimaranConfig.cmake
    INSTALL_DESTINATION ${package})
  # No interface is stable before 1.0.0.
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/trimaranConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES
    ${PROJECT_BINARY_DIR}/trimaranConfig.cmake
    ${PROJECT_BINARY_DIR}/trimaranConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/tools/cmake/FindWiredTiger.cmake
    DESTINATION ${package})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
endfunction()

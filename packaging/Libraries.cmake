# The two libraries that are installed, of the objects that are built anyway:
#
#   trimaran_shared  libtrimaran.so: exports what api/include declares
#   trimaran_static  libtrimaran.a: everything of ours in one archive
#
# Sets TRIMARAN_ABI, and the packages that both are made with:
# trimaran_public_packages, whose headers ours include, and
# trimaran_private_packages.

# Sets `ours` to the targets of this project that `target` is linked from,
# itself included, and `others` to everything else that they are linked from.
function(_trimaran_link_closure target ours others)
  set(found)
  set(foreign)
  set(pending ${target})
  while(pending)
    list(POP_FRONT pending next)
    set(real)
    if(TARGET ${next})
      get_target_property(real ${next} ALIASED_TARGET)
    endif()
    if(NOT real)
      set(real ${next})
    endif()
    if(real IN_LIST found OR next IN_LIST foreign)
      continue()
    endif()
    if(NOT real MATCHES "^trimaran_")
      list(APPEND foreign ${next})
      continue()
    endif()
    list(APPEND found ${real})
    foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(libraries ${real} ${property})
      if(libraries)
        list(FILTER libraries EXCLUDE REGEX "LINK_ONLY")
        list(APPEND pending ${libraries})
      endif()
    endforeach()
  endwhile()
  set(${ours} ${found} PARENT_SCOPE)
  set(${others} ${foreign} PARENT_SCOPE)
endfunction()

_trimaran_link_closure(trimaran_trimaran _parts _packages)
get_target_property(trimaran_public_packages
  trimaran_trimaran INTERFACE_LINK_LIBRARIES)
list(FILTER trimaran_public_packages EXCLUDE REGEX "LINK_ONLY")
list(SORT trimaran_public_packages)
set(trimaran_private_packages ${_packages})
list(REMOVE_ITEM trimaran_private_packages ${trimaran_public_packages})
list(SORT trimaran_private_packages)

# No interface is stable before 1.0.0.
set(TRIMARAN_ABI ${PROJECT_VERSION_MAJOR})
if(TRIMARAN_ABI EQUAL 0)
  set(TRIMARAN_ABI 0.${PROJECT_VERSION_MINOR})
endif()

set(_headers
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/api/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# ---- libtrimaran.a ----

set(_objects)
foreach(part IN LISTS _parts)
  get_target_property(type ${part} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    list(APPEND _objects $<TARGET_OBJECTS:${part}>)
  endif()
endforeach()
add_library(trimaran_static STATIC ${_objects})
set_target_properties(trimaran_static PROPERTIES
  OUTPUT_NAME trimaran
  EXPORT_NAME trimaran
  LINKER_LANGUAGE CXX)
target_include_directories(trimaran_static INTERFACE ${_headers})
target_compile_features(trimaran_static INTERFACE cxx_std_20)
target_link_libraries(trimaran_static
  PUBLIC ${trimaran_public_packages}
  PRIVATE ${trimaran_private_packages})

# ---- libtrimaran.so ----

set(_map ${CMAKE_CURRENT_BINARY_DIR}/trimaran.map)
configure_file(trimaran.map.in ${_map} @ONLY)
list(REMOVE_ITEM _parts trimaran_trimaran)
add_library(trimaran_shared SHARED $<TARGET_OBJECTS:trimaran_trimaran>)
set_target_properties(trimaran_shared PROPERTIES
  OUTPUT_NAME trimaran
  EXPORT_NAME shared
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${TRIMARAN_ABI}
  LINK_DEPENDS ${_map})
target_include_directories(trimaran_shared INTERFACE ${_headers})
target_compile_features(trimaran_shared INTERFACE cxx_std_20)
target_link_libraries(trimaran_shared
  PUBLIC ${trimaran_public_packages}
  PRIVATE ${_parts} ${trimaran_private_packages})
# Complete by itself, and without libraries that it does not use.
target_link_options(trimaran_shared PRIVATE
  LINKER:--version-script=${_map}
  LINKER:--no-undefined LINKER:--as-needed
  LINKER:-z,relro LINKER:-z,now)
add_library(trimaran::shared ALIAS trimaran_shared)

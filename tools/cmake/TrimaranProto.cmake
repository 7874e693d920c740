# trimaran_proto(<name> SOURCES <file.proto>...)
#
# A static library trimaran_<name>, alias trimaran::<name>, of the messages in
# the files, included as "<folder>/<file>.pb.h". The code is generated into the
# build tree and compiled without warnings, and it is a system header to those
# who include it: it is protoc's work, not ours. The lite runtime has no
# reflection, and so no registry that a second copy in the same process could
# fall out with.
find_package(Protobuf 3.12 REQUIRED)

function(trimaran_proto name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES")
  _trimaran_check_arguments()
  set(out ${PROJECT_BINARY_DIR}/proto)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(generated)
  foreach(source IN LISTS ARG_SOURCES)
    get_filename_component(stem ${source} NAME_WE)
    set(base ${out}/${folder}/${stem}.pb)
    add_custom_command(
      OUTPUT ${base}.cc ${base}.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR}
        --cpp_out=${out} ${CMAKE_CURRENT_SOURCE_DIR}/${source}
      DEPENDS ${source}
      COMMENT "Generating ${folder}/${stem}.pb.cc"
      VERBATIM)
    list(APPEND generated ${base}.cc ${base}.h)
  endforeach()

  set(target trimaran_${name})
  add_library(${target} STATIC ${generated})
  target_include_directories(${target} SYSTEM PUBLIC $<BUILD_INTERFACE:${out}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf-lite)
  add_library(trimaran::${name} ALIAS ${target})
endfunction()

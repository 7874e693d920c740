# trimaran_warnings(<target>)
#
# The project's warnings, on this target alone: whoever links it keeps their
# own. They are errors only with TRIMARAN_WERROR=ON, which the presets set, so
# that a future compiler does not break a user's build.
function(trimaran_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wshadow
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>
    $<$<BOOL:${TRIMARAN_WERROR}>:-Werror>)
endfunction()

#ifndef TRIMARAN_TOOLS_SERVE_GLOB_H_
#define TRIMARAN_TOOLS_SERVE_GLOB_H_

#include <string>
#include <string_view>

namespace trimaran::serve {

// Whether all of `text` is described by `pattern`, as in Redis: "*" any bytes,
// "?" one byte, "[a-c]" and "[^a-c]" one of several, "\" before a byte that
// means itself. Takes time in proportion to the product of both lengths at
// most, whatever the pattern.
//
// Thread: any.
bool GlobMatches(std::string_view pattern, std::string_view text);

// What everything that the pattern describes begins with.
//
// Thread: any.
std::string GlobPrefix(std::string_view pattern);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_GLOB_H_

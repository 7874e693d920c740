#ifndef TRIMARAN_TOOLS_TRIMARAN_SHELL_WORDS_H_
#define TRIMARAN_TOOLS_TRIMARAN_SHELL_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace trimaran::tool {

// The words of a line, which are separated by blanks. A word with blanks, or an
// empty one, stands between quotation marks; in all of them the escapes of
// escape.h stand for bytes. From a "#" at the beginning of a word on, the line
// is a remark. InvalidArgument for marks that do not end, and for what is no
// escape.
//
// Thread: any.
absl::StatusOr<std::vector<std::string>> SplitWords(std::string_view line);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SHELL_WORDS_H_

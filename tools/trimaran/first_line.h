#ifndef TRIMARAN_TOOLS_TRIMARAN_FIRST_LINE_H_
#define TRIMARAN_TOOLS_TRIMARAN_FIRST_LINE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// The first line of the file that an option names: a word that is not to be
// seen on the command line. Empty if the option was not given.
absl::StatusOr<std::string> FirstLineOf(std::string_view option,
                                        const Arguments& arguments,
                                        Environment& environment);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_FIRST_LINE_H_

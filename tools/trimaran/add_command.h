#ifndef TRIMARAN_TOOLS_TRIMARAN_ADD_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_ADD_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran add`.
Subcommand AddCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_ADD_COMMAND_H_

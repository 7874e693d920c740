#ifndef TRIMARAN_TOOLS_TRIMARAN_REPLACE_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_REPLACE_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran replace`.
Subcommand ReplaceCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_REPLACE_COMMAND_H_

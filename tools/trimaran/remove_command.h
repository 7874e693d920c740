#ifndef TRIMARAN_TOOLS_TRIMARAN_REMOVE_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_REMOVE_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran remove`.
Subcommand RemoveCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_REMOVE_COMMAND_H_

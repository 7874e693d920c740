#ifndef TRIMARAN_TOOLS_TRIMARAN_SHELL_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_SHELL_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran shell`.
Subcommand ShellCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SHELL_COMMAND_H_

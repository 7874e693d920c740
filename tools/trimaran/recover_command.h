#ifndef TRIMARAN_TOOLS_TRIMARAN_RECOVER_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_RECOVER_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran recover`.
Subcommand RecoverCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RECOVER_COMMAND_H_

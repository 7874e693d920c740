#ifndef TRIMARAN_TOOLS_TRIMARAN_RESTORE_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_RESTORE_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran restore`.
Subcommand RestoreCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RESTORE_COMMAND_H_

#ifndef TRIMARAN_TOOLS_TRIMARAN_TRANSFER_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_TRANSFER_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran transfer`.
Subcommand TransferCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_TRANSFER_COMMAND_H_

#ifndef TRIMARAN_TOOLS_TRIMARAN_STATUS_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_STATUS_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran status`.
Subcommand StatusCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_STATUS_COMMAND_H_

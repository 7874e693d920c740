#ifndef TRIMARAN_TOOLS_TRIMARAN_VERIFY_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_VERIFY_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran verify`.
Subcommand VerifyCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_VERIFY_COMMAND_H_

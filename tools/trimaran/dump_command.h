#ifndef TRIMARAN_TOOLS_TRIMARAN_DUMP_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_DUMP_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran dump`.
Subcommand DumpCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_DUMP_COMMAND_H_

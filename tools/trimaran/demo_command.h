#ifndef TRIMARAN_TOOLS_TRIMARAN_DEMO_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_DEMO_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran demo`.
Subcommand DemoCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_DEMO_COMMAND_H_

#ifndef TRIMARAN_TOOLS_TRIMARAN_SERVE_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_SERVE_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran serve`: one replica, for clients that speak the protocol of Redis.
Subcommand ServeCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SERVE_COMMAND_H_

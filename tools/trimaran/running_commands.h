#ifndef TRIMARAN_TOOLS_TRIMARAN_RUNNING_COMMANDS_H_
#define TRIMARAN_TOOLS_TRIMARAN_RUNNING_COMMANDS_H_

#include "tools/trimaran/subcommand.h"

// Subcommands that ask a replica which `trimaran serve` hosts, at its port for
// operators.

namespace trimaran::tool {

// The option that says where it is.
inline constexpr OptionSpec kAtOption{"at", "URL",
                                      "http://HOST:PORT of `serve --http`"};

// Shows what it knows of itself and of its group; `--json`: all of it.
ExitCode ShowRunningStatus(const Arguments& arguments,
                           Environment& environment);

// These change the group, and are asked of its leader.
Subcommand AddCommand();
Subcommand RemoveCommand();
Subcommand ReplaceCommand();
Subcommand TransferCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RUNNING_COMMANDS_H_

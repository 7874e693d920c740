#ifndef TRIMARAN_TOOLS_TRIMARAN_RUNNING_REPLICA_H_
#define TRIMARAN_TOOLS_TRIMARAN_RUNNING_REPLICA_H_

#include <string_view>

#include "tools/trimaran/subcommand.h"

// What the subcommands share that ask a replica which `trimaran serve` hosts,
// at its port for operators.

namespace trimaran::tool {

// Their options. The first one says where the replica is.
inline constexpr OptionSpec kAtOption{"at", "URL",
                                      "http://HOST:PORT of `serve --http`"};
inline constexpr OptionSpec kTokenOption{"token-file", "FILE",
                                         "its first line is the admin token"};
inline constexpr OptionSpec kIdOption{"id", "N", "the member"};
inline constexpr OptionSpec kAddressOption{"address", "HOST:PORT",
                                           "where members reach the new one"};
inline constexpr OptionSpec kNameOption{"name", "TEXT", "for people"};
inline constexpr OptionSpec kTimeoutOption{"timeout", "TIME",
                                           "such as 30s, or 10m"};

// The end of their help.
inline constexpr std::string_view kActionDetails =
    "Asks the replica that `trimaran serve --http HOST:PORT` hosts. Changes "
    "of the\ngroup are asked of its leader, which `status` names. Where "
    "nothing was done, the\nexit code is 11, and 8 if the replica cannot be "
    "reached; where that is not known,\n13.\n";
// Of those that wait until a newcomer has caught up.
inline constexpr std::string_view kCatchUpDetails =
    "Asks the replica that `trimaran serve --http HOST:PORT` hosts. Changes "
    "of the\ngroup are asked of its leader, which `status` names. Where "
    "nothing was done, the\nexit code is 11, and 8 if the replica cannot be "
    "reached; where that is not known,\n13: `status` says then who the members "
    "are.\n\n"
    "Waits until a new voter has caught up, and shows meanwhile on stderr, "
    "if that is\na terminal, how far it has come. Interrupted, it stops "
    "waiting; what was begun\nthere goes on.\n";

// Shows what it knows of itself and of its group; `--json`: all of it.
ExitCode ShowRunningStatus(const Arguments& arguments,
                           Environment& environment);

// Asks for a change of the group: POST /admin/`action`. The options that were
// given become the query. How far a newcomer has caught up is shown meanwhile,
// on a terminal only.
ExitCode ActOnGroup(std::string_view action, const Arguments& arguments,
                    Environment& environment);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RUNNING_REPLICA_H_

#include "tools/trimaran/remove_command.h"

#include <array>

#include "tools/trimaran/running_replica.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {kAtOption, kTokenOption, kIdOption,
                               kTimeoutOption};

ExitCode RunRemove(const Arguments& arguments, Environment& environment) {
  return ActOnGroup("remove", arguments, environment);
}

}  // namespace

Subcommand RemoveCommand() {
  return {.name = "remove",
          .summary = "Removes a member from a running group.",
          .operands = "",
          .details = kActionDetails,
          .options = kSpecs,
          .run = RunRemove};
}

}  // namespace trimaran::tool

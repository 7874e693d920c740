#include "tools/trimaran/add_command.h"

#include <array>

#include "tools/trimaran/running_replica.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    kAtOption,     kTokenOption,
    kIdOption,     kAddressOption,
    kNameOption,   OptionSpec{"learner", "", "do not make it a voter"},
    kTimeoutOption};

ExitCode RunAdd(const Arguments& arguments, Environment& environment) {
  return ActOnGroup("add", arguments, environment);
}

}  // namespace

Subcommand AddCommand() {
  return {.name = "add",
          .summary = "Adds a member to a running group.",
          .operands = "",
          .details = kCatchUpDetails,
          .options = kSpecs,
          .run = RunAdd};
}

}  // namespace trimaran::tool

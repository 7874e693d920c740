#include "tools/trimaran/replace_command.h"

#include <array>

#include "tools/trimaran/running_replica.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    kAtOption,      kTokenOption,
    kIdOption,      OptionSpec{"successor", "N", "the new member"},
    kAddressOption, kNameOption,
    kTimeoutOption};

ExitCode RunReplace(const Arguments& arguments, Environment& environment) {
  return ActOnGroup("replace", arguments, environment);
}

}  // namespace

Subcommand ReplaceCommand() {
  return {.name = "replace",
          .summary = "Puts a new member into the place of another.",
          .operands = "",
          .details = kCatchUpDetails,
          .options = kSpecs,
          .run = RunReplace};
}

}  // namespace trimaran::tool

#include "tools/trimaran/transfer_command.h"

#include <array>

#include "tools/trimaran/running_replica.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {kAtOption, kTokenOption, kIdOption,
                               kTimeoutOption};

ExitCode RunTransfer(const Arguments& arguments, Environment& environment) {
  return ActOnGroup("transfer", arguments, environment);
}

}  // namespace

Subcommand TransferCommand() {
  return {.name = "transfer",
          .summary = "Makes another member the leader.",
          .operands = "",
          .details = kActionDetails,
          .options = kSpecs,
          .run = RunTransfer};
}

}  // namespace trimaran::tool

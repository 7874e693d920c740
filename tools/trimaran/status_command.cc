#include "tools/trimaran/status_command.h"

#include <array>

#include "absl/status/status.h"
#include "engine/base/clock.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/running_replica.h"
#include "tools/trimaran/store_status.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    kAtOption,
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

ExitCode RunStatus(const Arguments& arguments, Environment& environment) {
  if (arguments.Has("at") != arguments.operands().empty()) {
    return Report(absl::InvalidArgumentError(
                      "one is needed: a directory that no process has open, or "
                      "--at and where a replica is running"),
                  environment);
  }
  if (arguments.Has("at")) return ShowRunningStatus(arguments, environment);
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  const auto status =
      ReadStoreStatus(arguments.operands().front(), progress, environment);
  progress.Clear();
  if (!status.ok()) {
    return Report(WithHintIfOpen(status.status(), "http"), environment);
  }
  PrinterOptions options;
  if (arguments.Has("json")) options.format = PrinterOptions::Format::kJson;
  PrintStoreStatus(*status, *MakePrinter(environment.out, options));
  return status->damage.empty() ? ExitCode::kOk : ExitCode::kDamageFound;
}

constexpr std::string_view kDetails =
    R"(Says whose the store in <directory> is, which no process has open, what
its log and its state hold, and what the next open will have to do. Nothing is
changed. The log is read and no rows; `trimaran verify` reads everything. Damage
that is seen on the way is listed, and the exit code is 1.

With --at, asks the replica that `trimaran serve --http HOST:PORT` hosts.
)";

}  // namespace

Subcommand StatusCommand() {
  return {.name = "status",
          .summary = "Says what a store holds, or a running replica knows.",
          .operands = "[directory]",
          .details = kDetails,
          .options = kSpecs,
          .run = RunStatus};
}

}  // namespace trimaran::tool

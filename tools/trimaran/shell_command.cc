#include "tools/trimaran/shell_command.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "engine/home/store_identity.h"
#include "tools/trimaran/db_port.h"
#include "tools/trimaran/line_source.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/resp_port.h"
#include "tools/trimaran/shell_session.h"
#include "tools/trimaran/shell_words.h"
#include "tools/trimaran/store_status.h"
#include "trimaran/db.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    kRedisAtOption,
    kPasswordOption,
    OptionSpec{"create", "",
               "make a new store of one replica where there is none"},
    OptionSpec{"keep-going", "", "go on after an error in a script"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

// Whether the store has members beside the one that the directory is of.
bool IsOfAGroup(const std::string& path, Environment& environment) {
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  const auto status = ReadStoreStatus(path, progress, environment);
  progress.Clear();
  return status.ok() && status->identity && status->contents &&
         !status->contents->region.region.conf.IsOnlyMember(
             status->identity->replica);
}

// As the replica that the directory is of. A member of a group with others is
// refused by DB::Open, which is given no way to them.
absl::StatusOr<std::unique_ptr<DB>> OpenAlone(const Arguments& arguments,
                                              Environment& environment) {
  const std::string& path = arguments.operands().front();
  Options options;
  options.create_if_missing = arguments.Has("create");
  const auto identity = engine::ReadIdentity(environment.files, path);
  if (identity.ok()) options.replica_id = identity->replica.value();
  auto opened = DB::Open(options, path);
  if (opened.ok()) return opened;
  if (identity.ok() && absl::IsFailedPrecondition(opened.status()) &&
      IsOfAGroup(path, environment)) {
    return RefusedError(
        absl::StrCat(path, " belongs to replica ", identity->replica.value(),
                     " of a group of several, which is not opened alone; --at "
                     "redis://HOST:PORT asks a member that runs"));
  }
  return WithHintIfOpen(ErrorOfOpen(opened.status()), "redis");
}

// Runs all lines. The first error, where no person is told of it at once.
absl::Status RunLines(RowPort& rows, DbPort* own, const Arguments& arguments,
                      Environment& environment) {
  PrinterOptions options;
  if (arguments.Has("json")) options.format = PrinterOptions::Format::kJson;
  const auto printer = MakePrinter(environment.out, options);
  ShellSession session(rows, own, *printer, environment);
  const auto lines = StandardInput("trimaran> ", session.Names());
  absl::Status first;
  while (!session.quit() && !environment.interrupted.load()) {
    const std::optional<std::string> line = lines->Next();
    if (!line.has_value()) break;
    const auto words = SplitWords(*line);
    absl::Status status = words.ok() ? session.Run(*words) : words.status();
    environment.out.Flush();
    if (status.ok()) continue;
    Report(status, environment);
    if (lines->interactive()) continue;
    if (first.ok()) first = std::move(status);
    if (!arguments.Has("keep-going")) break;
  }
  if (environment.interrupted.load()) {
    return absl::CancelledError("interrupted");
  }
  return first;
}

ExitCode RunOnStore(const Arguments& arguments, Environment& environment) {
  const auto db = OpenAlone(arguments, environment);
  if (!db.ok()) return Report(db.status(), environment);
  DbPort port(**db);
  const ExitCode code =
      ExitCodeFor(RunLines(port, &port, arguments, environment));
  const absl::Status closed = (*db)->Close();
  return closed.ok() ? code : Report(closed, environment);
}

ExitCode RunOnReplica(const Arguments& arguments, Environment& environment) {
  const auto place = ParseRespPlace(arguments, environment);
  if (!place.ok()) return Report(place.status(), environment);
  const auto port =
      RespPort::Open(place->server, place->options, environment.interrupted);
  if (!port.ok()) return Report(port.status(), environment);
  return ExitCodeFor(RunLines(**port, nullptr, arguments, environment));
}

absl::Status CheckUsage(const Arguments& arguments) {
  const bool at = arguments.Has("at");
  if (at != arguments.operands().empty() || (at && arguments.Has("create"))) {
    return absl::InvalidArgumentError(
        "one is needed: a directory that no process has open, or --at and "
        "where a replica is running");
  }
  if (!at && arguments.Has("password-file")) {
    return absl::InvalidArgumentError("--password-file goes with --at");
  }
  return absl::OkStatus();
}

ExitCode RunShell(const Arguments& arguments, Environment& environment) {
  const absl::Status usage = CheckUsage(arguments);
  if (!usage.ok()) return Report(usage, environment);
  return arguments.Has("at") ? RunOnReplica(arguments, environment)
                             : RunOnStore(arguments, environment);
}

constexpr std::string_view kDetails =
    R"(Opens the store of one replica in <directory> and carries out commands
from the standard input, a line each: type `help`. Words are separated by
blanks, or stand between quotation marks; \xNN is a byte, \\ a backslash, \" a
mark. In a script the first error ends it, and says by its exit code what it
was. A member of a group with others is not opened: it would be alone with what
it writes.

With --at, asks a replica that `trimaran serve` hosts, over the protocol of
Redis: rows can be read and written; `help` says what is not there. A scan is
read in parts of 1000 rows, each as of a moment of its own.
)";

}  // namespace

Subcommand ShellCommand() {
  return {.name = "shell",
          .summary = "Reads and writes a store, or a running replica, by hand.",
          .operands = "[directory]",
          .details = kDetails,
          .options = kSpecs,
          .run = RunShell};
}

}  // namespace trimaran::tool

#include "tools/trimaran/shell_command.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/home/store_identity.h"
#include "tools/trimaran/line_source.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/shell_session.h"
#include "tools/trimaran/shell_words.h"
#include "trimaran/db.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"create", "",
               "make a new store of one replica where there is none"},
    OptionSpec{"keep-going", "", "go on after an error in a script"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

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
  if (absl::IsFailedPrecondition(opened.status()) &&
      !IsNewerFormat(opened.status())) {
    return RefusedError(ToStd(opened.status().message()));
  }
  return opened;
}

// Runs all lines. The first error, where no person is told of it at once.
absl::Status RunLines(DB& db, const Arguments& arguments,
                      Environment& environment) {
  PrinterOptions options;
  if (arguments.Has("json")) options.format = PrinterOptions::Format::kJson;
  const auto printer = MakePrinter(environment.out, options);
  ShellSession session(db, *printer, environment);
  const auto lines = StandardInput("trimaran> ", ShellSession::Names());
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

ExitCode RunShell(const Arguments& arguments, Environment& environment) {
  const auto db = OpenAlone(arguments, environment);
  if (!db.ok()) return Report(db.status(), environment);
  const ExitCode code = ExitCodeFor(RunLines(**db, arguments, environment));
  const absl::Status closed = (*db)->Close();
  return closed.ok() ? code : Report(closed, environment);
}

constexpr std::string_view kDetails =
    R"(Opens the store of one replica in <directory> and carries out commands
from the standard input, a line each: type `help`. Words are separated by
blanks, or stand between quotation marks; \xNN is a byte, \\ a backslash, \" a
mark. In a script the first error ends it, and says by its exit code what it
was. A member of a group with others is not opened: it would be alone with what
it writes.
)";

}  // namespace

Subcommand ShellCommand() {
  return {.name = "shell",
          .summary = "Reads and writes a store of one replica, by hand.",
          .operands = "<directory>",
          .details = kDetails,
          .options = kSpecs,
          .run = RunShell};
}

}  // namespace trimaran::tool

#include "tools/trimaran/verify_command.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"
#include "engine/maintenance/replay_check.h"
#include "engine/maintenance/verifier.h"
#include "engine/snapshot/chunk_codec.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/escape.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/row_sources.h"
#include "tools/trimaran/store_look.h"

namespace trimaran::tool {
namespace {

using engine::CheckResult;
using engine::Verification;
using engine::VerifyOptions;

constexpr std::array kSpecs = {
    OptionSpec{"quick", "", "leave out the rows and the chunks of snapshots"},
    OptionSpec{"deep", "", "look at every record of snapshots as well"},
    OptionSpec{
        "replay", "",
        "rebuild the state from the last checkpoint and the log, twice,\n"
        "in a temporary directory, and compare"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

std::string_view ResultName(const CheckResult& check) {
  if (check.damaged()) return "damaged";
  return check.skipped() ? "skipped" : "ok";
}

void PrintCheck(const CheckResult& check, Printer& printer) {
  Record record("check");
  record
      .Add({.name = "check",
            .value = check.name(),
            .show = Show::kBare,
            .width = 12})
      .Add({.name = "result",
            .value = std::string(ResultName(check)),
            .show = Show::kBare,
            .width = 9})
      .Add(
          {.name = "examined", .value = check.examined(), .show = Show::kNever})
      .Bytes("summary",
             check.skipped() ? check.skipped_because() : check.summary(),
             Show::kBare);
  printer.Line(record);
  for (const engine::Finding& finding : check.findings()) {
    Record line("finding");
    line.Text("check", check.name(), Show::kNever)
        .Text("severity",
              absl::StrCat("  ", ToAbsl(SeverityName(finding.severity))),
              Show::kBare)
        .Bytes("where", finding.where, Show::kBare)
        .Bytes("what", finding.what, Show::kBare);
    printer.Line(line);
  }
  if (check.findings_not_kept() > 0) {
    printer.Remark(absl::StrCat("  and ", check.findings_not_kept(), " more"));
  }
}

ExitCode PrintVerification(const Verification& verification, Printer& printer) {
  for (const CheckResult& check : verification.report.checks) {
    PrintCheck(check, printer);
  }
  Record summary("verification");
  const bool damaged = verification.report.damaged();
  summary.Text("result", damaged ? "damaged" : "ok");
  if (verification.digest.has_value()) AddDigest(*verification.digest, summary);
  printer.Heading("Result");
  printer.Block(summary);
  return damaged ? ExitCode::kDamageFound : ExitCode::kOk;
}

// What the words of the command line ask for.
struct Request {
  VerifyOptions options;
  bool replay = false;
};

absl::StatusOr<Verification> VerifyStore(const std::string& path,
                                         const Request& request,
                                         Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const StateHome home,
                            FindStateHome(environment.files, path));
  engine::StoredStore store;
  store.files = &environment.files;
  store.directory = path;
  store.state_home = home.path;
  TRIMARAN_ASSIGN_OR_RETURN(Verification verification,
                            VerifyStoredStore(store, request.options));
  if (!request.replay || verification.report.damaged()) return verification;
  TRIMARAN_ASSIGN_OR_RETURN(const auto scratch, ScratchDirectory::Make());
  TRIMARAN_ASSIGN_OR_RETURN(
      CheckResult replay,
      ReplayStoredStore({store, scratch->path(), ChangeConf}, request.options));
  verification.report.checks.push_back(std::move(replay));
  return verification;
}

// A chunk says by itself whether it is whole.
absl::StatusOr<Verification> VerifyChunk(const std::string& path,
                                         Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::string bytes,
      engine::ReadFile(environment.files, path, engine::kChunkBytesMax));
  Verification verification;
  CheckResult& check = verification.report.checks.emplace_back("chunk");
  const auto chunk = engine::DescribeChunk(bytes);
  if (absl::IsFailedPrecondition(chunk.status())) return chunk.status();
  const absl::Status status =
      chunk.ok() ? MakeChunkSource(bytes, *chunk).status() : chunk.status();
  if (!status.ok()) check.Fail(path, status);
  if (chunk.ok()) {
    check.CountExamined(chunk->info.rows);
    check.Summarize(absl::StrCat("number ", chunk->place.number, ", ",
                                 chunk->info.rows, " records"));
  }
  return verification;
}

absl::StatusOr<Verification> VerifyPath(const InspectedPath& inspected,
                                        const Request& request,
                                        Environment& environment) {
  switch (inspected.kind) {
    case PathKind::kStore:
      return VerifyStore(inspected.path, request, environment);
    case PathKind::kSnapshot:
      return VerifySnapshot(environment.files, inspected.path, request.options);
    case PathKind::kChunk:
      break;
  }
  return VerifyChunk(inspected.path, environment);
}

ExitCode RunVerify(const Arguments& arguments, Environment& environment) {
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  Request request;
  request.replay = arguments.Has("replay");
  request.options.progress = progress.watcher();
  if (arguments.Has("quick")) {
    request.options.depth = engine::VerifyDepth::kQuick;
  } else if (arguments.Has("deep")) {
    request.options.depth = engine::VerifyDepth::kDeep;
  }
  if (arguments.Has("quick") && arguments.Has("deep")) {
    return Report(absl::InvalidArgumentError("--quick and --deep exclude "
                                             "each other"),
                  environment);
  }
  const auto inspected =
      InspectPath(environment.files, arguments.operands().front());
  if (!inspected.ok()) return Report(inspected.status(), environment);
  const auto verification = VerifyPath(*inspected, request, environment);
  progress.Clear();
  if (!verification.ok()) return Report(verification.status(), environment);
  PrinterOptions printer_options;
  if (arguments.Has("json")) {
    printer_options.format = PrinterOptions::Format::kJson;
  }
  const auto printer = MakePrinter(environment.out, printer_options);
  return PrintVerification(*verification, *printer);
}

constexpr std::string_view kDetails =
    R"(<path> is the data directory of a store that no process has open,
a backup, a snapshot, or one chunk of a snapshot. Nothing is written to it, and
nothing is mended. The state hash is the same on every replica of a group at the
same log index. A store that was restored has another one than its backup: its
cluster and its members are others, and count.
)";

}  // namespace

Subcommand VerifyCommand() {
  return {.name = "verify",
          .summary =
              "Checks that what is stored is whole and agrees with "
              "itself.",
          .operands = "<path>",
          .details = kDetails,
          .options = kSpecs,
          .run = RunVerify};
}

}  // namespace trimaran::tool

#include "tools/trimaran/recover_command.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/src/cluster_name.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "engine/file/put_in_place.h"
#include "engine/file/work_directory.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/escape.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/new_store.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/survivor.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"plan", "",
               "compare the survivors, and say what would be kept and lost"},
    OptionSpec{"apply", "", "make the new store that a plan has described"},
    OptionSpec{"token", "TOKEN", "apply: what the plan has printed"},
    kClusterOption,
    OptionSpec{"replica", "N",
               "apply: which member of the new cluster --out is"},
    OptionSpec{"founder", "ID[=ADDRESS[,NAME]]",
               "apply: a member of it; once for each, the same for all of "
               "their\ndirectories; left out, the replica is the only one"},
    OptionSpec{"out", "DIR", "apply: the new directory"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

struct Looked {
  std::vector<Survivor> survivors;
  RecoveryPlan plan;
};

absl::StatusOr<Looked> Look(const Arguments& arguments, ProgressBar& progress,
                            Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string cluster,
                            arguments.Required("cluster"));
  Looked looked;
  for (const std::string& path : arguments.operands()) {
    TRIMARAN_ASSIGN_OR_RETURN(looked.survivors.emplace_back(),
                              LookAtSurvivor(path, progress, environment));
  }
  TRIMARAN_ASSIGN_OR_RETURN(
      looked.plan, PlanRecovery(looked.survivors, ClusterIdOf(cluster)));
  return looked;
}

std::unique_ptr<Printer> PrinterOf(const Arguments& arguments,
                                   Environment& environment) {
  PrinterOptions options;
  if (arguments.Has("json")) options.format = PrinterOptions::Format::kJson;
  return MakePrinter(environment.out, options);
}

// ---- The plan ----

absl::Status CheckPlanOptions(const Arguments& arguments) {
  for (const std::string_view option : {"token", "replica", "founder", "out"}) {
    if (arguments.Has(option)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", ToAbsl(option), ": it belongs to --apply"));
    }
  }
  return absl::OkStatus();
}

absl::Status RunPlan(const Arguments& arguments, Environment& environment) {
  TRIMARAN_RETURN_IF_ERROR(CheckPlanOptions(arguments));
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  TRIMARAN_ASSIGN_OR_RETURN(const Looked looked,
                            Look(arguments, progress, environment));
  progress.Clear();
  const auto printer = PrinterOf(arguments, environment);
  for (size_t i = 0; i < looked.survivors.size(); ++i) {
    const Survivor& survivor = looked.survivors[i];
    printer->Heading(
        absl::StrCat("Survivor: replica ", survivor.identity().replica.value(),
                     i == looked.plan.chosen ? ", which has the most" : ""));
    printer->Block(DescribeSurvivor(survivor, looked.plan.agreements[i]));
  }
  printer->Heading("Plan");
  printer->Block(DescribePlan(looked.survivors, looked.plan));
  printer->Heading("What it means");
  for (const std::string& line : ExplainPlan(looked.survivors, looked.plan)) {
    printer->Remark(line);
  }
  return absl::OkStatus();
}

// ---- Carrying it out ----

absl::StatusOr<std::string> TargetOf(const Arguments& arguments,
                                     Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string out, arguments.Required("out"));
  std::string target(engine::WithoutSlashes(out));
  // Before everything is read that there is.
  TRIMARAN_RETURN_IF_ERROR(CheckDestination(target));
  TRIMARAN_RETURN_IF_ERROR(
      engine::CheckFree(environment.files, target, "a new store"));
  return target;
}

absl::Status CheckToken(const std::string& token, const RecoveryPlan& plan) {
  if (token == plan.token) return absl::OkStatus();
  return RefusedError(
      absl::StrCat("--token: ", Quote(token),
                   " is not of this plan: other directories, another "
                   "--cluster, or they have changed since; look at a new "
                   "--plan"));
}

absl::Status RunApply(const Arguments& arguments, Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string token,
                            arguments.Required("token"));
  TRIMARAN_ASSIGN_OR_RETURN(const Options options, NewStoreOptions(arguments));
  TRIMARAN_ASSIGN_OR_RETURN(const std::string target,
                            TargetOf(arguments, environment));
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  TRIMARAN_ASSIGN_OR_RETURN(const Looked looked,
                            Look(arguments, progress, environment));
  TRIMARAN_RETURN_IF_ERROR(CheckToken(token, looked.plan));
  const Survivor& chosen = looked.survivors[looked.plan.chosen];
  for (const Survivor& survivor : looked.survivors) {
    TRIMARAN_RETURN_IF_ERROR(CheckOutside(target, survivor.look->path()));
  }
  // The state as it was, and as it is at the end of the log.
  TRIMARAN_RETURN_IF_ERROR(
      CheckRoom(environment.files, target, 2 * chosen.state.summary.bytes));
  const auto found = [&](const engine::EngineOptions& where,
                         const engine::NewStore& store) {
    return engine::FoundFromStored(where, store,
                                   {.parts = &chosen.parts,
                                    .last = looked.plan.last.index,
                                    .change_conf = ChangeConf},
                                   progress.watcher());
  };
  const auto made = MakeStore(target, options, found, progress, environment);
  if (!made.ok()) return WithTarget(environment.files, target, made.status());
  progress.Clear();
  Record record("recovered");
  record.Bytes("directory", target)
      .Text("cluster", ClusterIdOf(options.cluster).ToString())
      .Number("replica", options.replica_id)
      .Text("from_cluster", chosen.identity().cluster.ToString())
      .Number("from_replica", chosen.identity().replica.value());
  AddDigest(*made, record);
  const auto printer = PrinterOf(arguments, environment);
  printer->Block(record);
  printer->Remark(
      "The old directories are as they were. Keep them until the new cluster "
      "works,\n  and never start one of them again.");
  return absl::OkStatus();
}

ExitCode RunRecover(const Arguments& arguments, Environment& environment) {
  if (arguments.Has("plan") == arguments.Has("apply")) {
    return Report(
        absl::InvalidArgumentError("recover wants --plan, and then --apply "
                                   "with the token that it has printed"),
        environment);
  }
  const absl::Status status = arguments.Has("plan")
                                  ? RunPlan(arguments, environment)
                                  : RunApply(arguments, environment);
  return status.ok() ? ExitCode::kOk : Report(status, environment);
}

constexpr std::string_view kDetails =
    R"(For a group that has lost its quorum for good. Each <directory> is that
of a member, which no process has open, or a copy of it; they are not changed.
--plan compares them, says which of them has the most, what is certainly kept
and what may be lost, and prints a token. --apply makes, of the one that has the
most, with everything in its log, a member of a new cluster in --out, which is
there only as a whole. Nobody of the old cluster can join the new one.
)";

}  // namespace

Subcommand RecoverCommand() {
  return {.name = "recover",
          .summary = "Makes a new cluster of the survivors of a lost quorum.",
          .operands = "<directory>...",
          .details = kDetails,
          .options = kSpecs,
          .run = RunRecover};
}

}  // namespace trimaran::tool

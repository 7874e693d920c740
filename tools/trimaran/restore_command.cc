#include "tools/trimaran/restore_command.h"

#include <array>
#include <memory>
#include <string>

#include "api/src/cluster_name.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "engine/file/work_directory.h"
#include "engine/snapshot/snapshot_reader.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/new_store.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    kClusterOption,
    kReplicaOption,
    kFounderOption,
    OptionSpec{"json", "", "one JSON object, for programs"},
};

struct Restored {
  engine::SnapshotManifest backup;
  engine::StateDigest state;
};

absl::StatusOr<Restored> Restore(const std::string& backup,
                                 const std::string& target,
                                 const Options& options,
                                 Environment& environment) {
  TRIMARAN_RETURN_IF_ERROR(CheckDirectory(backup));
  TRIMARAN_RETURN_IF_ERROR(CheckDestination(target));
  TRIMARAN_ASSIGN_OR_RETURN(const auto reader, engine::SnapshotReader::Open(
                                                   environment.files, backup));
  TRIMARAN_RETURN_IF_ERROR(
      CheckRoom(environment.files, target, reader->manifest().state.bytes));
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  const auto found = [&](const engine::EngineOptions& where,
                         const engine::NewStore& store) {
    return engine::FoundFromBackup(where, store, backup, progress.watcher());
  };
  TRIMARAN_ASSIGN_OR_RETURN(
      const engine::StateDigest state,
      MakeStore(target, options, found, progress, environment));
  return Restored{reader->manifest(), state};
}

ExitCode RunRestore(const Arguments& arguments, Environment& environment) {
  const absl::StatusOr<Options> options = NewStoreOptions(arguments);
  if (!options.ok()) return Report(options.status(), environment);
  const std::string backup(engine::WithoutSlashes(arguments.operands()[0]));
  const std::string target(engine::WithoutSlashes(arguments.operands()[1]));
  const auto restored = Restore(backup, target, *options, environment);
  if (!restored.ok()) {
    return Report(WithTarget(environment.files, target, restored.status()),
                  environment);
  }
  Record record("restored");
  record.Bytes("directory", target)
      .Text("cluster", ClusterIdOf(options->cluster).ToString())
      .Number("replica", options->replica_id)
      .Text("from_cluster", restored->backup.cluster.ToString());
  AddDigest(restored->state, record);
  PrinterOptions printer_options;
  if (arguments.Has("json")) {
    printer_options.format = PrinterOptions::Format::kJson;
  }
  MakePrinter(environment.out, printer_options)->Block(record);
  return ExitCode::kOk;
}

constexpr std::string_view kDetails =
    R"(Makes a data directory of a backup: a member of a new cluster, whose name
is not that of the old one. For a group of several, restore the same backup once
for each founder, with the same --cluster and --founder. The directory is there
only when it has been read back and found to be what the backup holds; until
then everything is in "<directory>.partial". Its state hash is not that of the
backup, for the cluster and the members are others, and count.
)";

}  // namespace

Subcommand RestoreCommand() {
  return {.name = "restore",
          .summary = "Makes a new data directory of a backup.",
          .operands = "<backup> <directory>",
          .details = kDetails,
          .options = kSpecs,
          .run = RunRestore};
}

}  // namespace trimaran::tool

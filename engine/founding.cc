#include "engine/founding.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"
#include "engine/home/home_lock.h"
#include "engine/home/home_paths.h"
#include "engine/kv/copy_state.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/log/segment_log.h"
#include "engine/maintenance/replay_check.h"
#include "engine/region_rewriter.h"
#include "engine/snapshot/snapshot_loader.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/store_parts.h"

namespace trimaran::engine {
namespace {

absl::Status ValidateIdentity(const StoreIdentity& identity) {
  if (identity.cluster == ClusterId() || identity.store == StoreId() ||
      identity.group == GroupId() || identity.replica == ReplicaId()) {
    return absl::InvalidArgumentError(
        "cluster, store, group and replica must all be given");
  }
  return absl::OkStatus();
}

absl::Status ValidateStore(const NewStore& store) {
  TRIMARAN_RETURN_IF_ERROR(ValidateIdentity(store.identity));
  TRIMARAN_RETURN_IF_ERROR(store.conf.Validate());
  if (!store.conf.Contains(store.identity.replica)) {
    return absl::InvalidArgumentError(
        absl::StrCat("replica ", store.identity.replica.value(),
                     " is not one of ", store.conf.DebugString()));
  }
  for (const auto& [replica, member] : store.members) {
    if (store.conf.Contains(replica)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("members names replica ", replica.value(),
                     ", which is not one of ", store.conf.DebugString()));
  }
  return absl::OkStatus();
}

RegionState RegionOf(const NewStore& store) {
  return {.epoch = {.conf_version = 1, .version = 1},
          .conf = store.conf,
          .members = store.members};
}

LogReset BeginAfter(const LogPosition& position, uint64_t generation) {
  return {.position = position,
          .hard_state = {.term = position.id.term,
                         .vote = kNoReplica,
                         .commit = position.id.index},
          .generation = generation};
}

// Makes the state machine, and says what its log is to begin with.
using MachineMaker =
    std::function<absl::StatusOr<LogReset>(const WtStateMachineOptions&)>;

absl::StatusOr<LogReset> MakeMachine(const WtStateMachineOptions& options,
                                     const InitialState& initial) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<WtStateMachine> machine,
                            WtStateMachine::Create(options, initial));
  const uint64_t generation = machine->generation();
  TRIMARAN_RETURN_IF_ERROR(machine->Close());
  return BeginAfter(initial.position, generation);
}

// Fills a generation beside the present one of a new machine, which the next
// open takes for the state because the log names it.
using StateFiller =
    std::function<absl::Status(WtStateMachine& machine, StateImport& import)>;

// What a new store begins with, and what its state is then.
struct Beginning {
  LogPosition position;
  StateDigest digest;
};

absl::StatusOr<LogReset> MakeMachineFrom(const WtStateMachineOptions& options,
                                         const RegionState& region,
                                         const StateFiller& fill,
                                         Beginning& beginning) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<WtStateMachine> machine,
                            WtStateMachine::Create(options, InitialState()));
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<StateImport> import,
                            machine->NewImport());
  uint64_t generation = 0;
  {
    RegionRewriter rewriter(std::move(import), region, options.group);
    TRIMARAN_RETURN_IF_ERROR(fill(*machine, rewriter));
    generation = rewriter.generation();
    beginning.digest = {beginning.position, rewriter.summary()};
  }
  TRIMARAN_RETURN_IF_ERROR(machine->Close());
  return BeginAfter(beginning.position, generation);
}

absl::Status LoadBackup(const SnapshotReader& backup, StateImport& import,
                        const WorkWatcher& watcher) {
  SnapshotLoader loader(backup, import);
  WorkProgress progress{.step = "loading the backup",
                        .total = backup.chunk_count()};
  while (true) {
    TRIMARAN_RETURN_IF_ERROR(Tell(watcher, progress));
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, loader.Step());
    if (!more) return absl::OkStatus();
    progress.bytes += backup.manifest().chunks[progress.done].bytes;
    ++progress.done;
  }
}

// Brings the machine to the end of an old log, and hands the state on.
absl::Status RebuildInto(const StoredSource& source, const WorkWatcher& watcher,
                         WtStateMachine& machine, StateImport& import,
                         LogPosition& position) {
  ReplayPlan plan;
  plan.group = source.parts->identity.group;
  plan.log = source.parts->log.get();
  plan.last = source.last;
  plan.change_conf = source.change_conf;
  plan.watcher = watcher;
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<StoredExport> from,
                            source.parts->Export());
  TRIMARAN_ASSIGN_OR_RETURN(const StateDigest rebuilt,
                            RebuildState(*from, plan, machine));
  TRIMARAN_ASSIGN_OR_RETURN(const ChainValue chain,
                            plan.log->ChainAt(plan.last));
  if (chain != rebuilt.position.chain) {
    return CorruptionError("the rebuilt state has another chain than the log");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<StateExport> state,
                            machine.NewExport());
  position = rebuilt.position;
  return CopyState(*state, import,
                   {.step = "writing the new store",
                    .records = rebuilt.summary.rows,
                    .watcher = watcher});
}

// What goes on by itself, beside a group that may still be there, must never
// mix with it.
absl::Status CheckIsAnother(std::string_view what, ClusterId cluster,
                            GroupId group, const StoreIdentity& identity) {
  if (cluster == identity.cluster) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the ", ToAbsl(what), " is of cluster ", cluster.ToString(),
        "; what is made from it must be a cluster of its own"));
  }
  if (group != identity.group) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", ToAbsl(what), " is of group ", group.value(),
                     ", not of group ", identity.group.value()));
  }
  return absl::OkStatus();
}

// The steps that every new data directory takes. The identity comes last.
absl::Status Found(const EngineOptions& options, const StoreIdentity& identity,
                   const MachineMaker& make_machine) {
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  FileSystem& files = *options.files;
  TRIMARAN_ASSIGN_OR_RETURN(
      const LockedHome home,
      LockHome(files, options.directory, HomeUse::kOpenOrFound));
  TRIMARAN_RETURN_IF_ERROR(BeginFounding(files, options.directory));
  for (const std::string_view name : {kStateDirectory, kSnapshotDirectory}) {
    TRIMARAN_RETURN_IF_ERROR(
        files.CreateDirectory(JoinPath(options.directory, name)));
  }
  TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(options.directory));
  TRIMARAN_ASSIGN_OR_RETURN(const LogReset start,
                            make_machine(MachineOptions(options, identity)));
  TRIMARAN_RETURN_IF_ERROR(
      SegmentLog::Create(LogOptions(options, identity), start));
  return FinishFounding(files, options.directory, identity);
}

}  // namespace

absl::Status FoundGroup(const EngineOptions& options, const NewStore& store) {
  TRIMARAN_RETURN_IF_ERROR(ValidateStore(store));
  const InitialState initial{.position = {kBootstrapPosition, ChainValue()},
                             .region = RegionOf(store)};
  return Found(options, store.identity,
               [&initial](const WtStateMachineOptions& machine) {
                 return MakeMachine(machine, initial);
               });
}

absl::Status FoundJoiner(const EngineOptions& options,
                         const StoreIdentity& identity) {
  TRIMARAN_RETURN_IF_ERROR(ValidateIdentity(identity));
  return Found(options, identity, [](const WtStateMachineOptions& machine) {
    return MakeMachine(machine, InitialState());
  });
}

absl::StatusOr<StateDigest> FoundFromBackup(const EngineOptions& options,
                                            const NewStore& store,
                                            std::string_view snapshot_directory,
                                            const WorkWatcher& watcher) {
  TRIMARAN_RETURN_IF_ERROR(ValidateStore(store));
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<SnapshotReader> backup,
      SnapshotReader::Open(*options.files, snapshot_directory));
  const SnapshotManifest& of_backup = backup->manifest();
  TRIMARAN_RETURN_IF_ERROR(CheckIsAnother("backup", of_backup.cluster,
                                          of_backup.group, store.identity));
  const RegionState region = RegionOf(store);
  Beginning beginning{.position = of_backup.position, .digest = {}};
  const auto fill = [&](WtStateMachine&, StateImport& import) {
    return LoadBackup(*backup, import, watcher);
  };
  TRIMARAN_RETURN_IF_ERROR(
      Found(options, store.identity, [&](const WtStateMachineOptions& machine) {
        return MakeMachineFrom(machine, region, fill, beginning);
      }));
  return beginning.digest;
}

absl::StatusOr<StateDigest> FoundFromStored(const EngineOptions& options,
                                            const NewStore& store,
                                            const StoredSource& source,
                                            const WorkWatcher& watcher) {
  TRIMARAN_RETURN_IF_ERROR(ValidateStore(store));
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  const StoredParts& old = *source.parts;
  TRIMARAN_RETURN_IF_ERROR(CheckIsAnother("store", old.identity.cluster,
                                          old.identity.group, store.identity));
  const RegionState region = RegionOf(store);
  Beginning beginning;
  const auto fill = [&](WtStateMachine& machine, StateImport& import) {
    return RebuildInto(source, watcher, machine, import, beginning.position);
  };
  TRIMARAN_RETURN_IF_ERROR(
      Found(options, store.identity, [&](const WtStateMachineOptions& machine) {
        return MakeMachineFrom(machine, region, fill, beginning);
      }));
  return beginning.digest;
}

}  // namespace trimaran::engine

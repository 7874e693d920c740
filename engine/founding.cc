#include "engine/founding.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"
#include "engine/home/home_lock.h"
#include "engine/home/home_paths.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/log/segment_log.h"
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

// Loads the backup into a generation of its own, which the next open takes for
// the state because the log names it. Returns that generation.
absl::StatusOr<uint64_t> LoadBackup(WtStateMachine& machine,
                                    const SnapshotReader& backup,
                                    const RegionState& region) {
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<StateImport> import,
                            machine.NewImport());
  RegionRewriter rewriter(std::move(import), region);
  SnapshotLoader loader(backup, rewriter);
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, loader.Step());
    if (!more) return rewriter.generation();
  }
}

absl::StatusOr<LogReset> MakeMachineFrom(const WtStateMachineOptions& options,
                                         const SnapshotReader& backup,
                                         const RegionState& region) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<WtStateMachine> machine,
                            WtStateMachine::Create(options, InitialState()));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t generation,
                            LoadBackup(*machine, backup, region));
  TRIMARAN_RETURN_IF_ERROR(machine->Close());
  return BeginAfter(backup.manifest().position, generation);
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

absl::Status FoundFromBackup(const EngineOptions& options,
                             const NewStore& store,
                             std::string_view snapshot_directory) {
  TRIMARAN_RETURN_IF_ERROR(ValidateStore(store));
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<SnapshotReader> backup,
      SnapshotReader::Open(*options.files, snapshot_directory));
  const SnapshotManifest& of_backup = backup->manifest();
  if (of_backup.cluster == store.identity.cluster) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the backup is of cluster ", of_backup.cluster.ToString(),
        "; what is restored from it must be a cluster of its own"));
  }
  if (of_backup.group != store.identity.group) {
    return absl::InvalidArgumentError(
        absl::StrCat("the backup is of group ", of_backup.group.value(),
                     ", not of group ", store.identity.group.value()));
  }
  const RegionState region = RegionOf(store);
  return Found(options, store.identity,
               [&](const WtStateMachineOptions& machine) {
                 return MakeMachineFrom(machine, *backup, region);
               });
}

}  // namespace trimaran::engine

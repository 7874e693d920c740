#ifndef TRIMARAN_ENGINE_FOUNDING_H_
#define TRIMARAN_ENGINE_FOUNDING_H_

#include <map>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/work_progress.h"
#include "engine/engine_options.h"
#include "engine/format/region_state.h"
#include "engine/home/store_identity.h"
#include "engine/maintenance/state_hash.h"
#include "engine/maintenance/stored_parts.h"

// How data directories come into being. Each call makes one as a whole or, in
// a crash or an error, leaves something that is no data directory yet and from
// which the same call can be repeated.
//
// Errors of all calls: InvalidArgument (an option or a part of NewStore, by
// name), AlreadyExists (there is a data directory), FailedPrecondition (there
// is something else), Unavailable (somebody is at it), PermissionDenied, and
// those of a file system. Nothing that was there before is changed.
//
// Thread: any, one per directory (the others get Unavailable).

namespace trimaran::engine {

// A store that is about to be made.
struct NewStore {
  StoreIdentity identity;
  // The members of the group and what is known of them, among them this
  // replica.
  ConfState conf;
  std::map<ReplicaId, MemberRecord> members;
};

// What a new group begins with: as if entries up to here had been applied and
// compacted. It lies beyond the beginning, so that a replica that starts with
// nothing can never be fed from the log alone: it must first be sent a
// snapshot, and with it what is in no entry.
inline constexpr EntryId kBootstrapPosition{LogIndex(5), Term(5)};

// The data directory of a founding member. All founders of a group are made
// with the same cluster, group, conf and members.
absl::Status FoundGroup(const EngineOptions& options, const NewStore& store);

// The data directory of a replica that will join a group: it knows nobody and
// holds nothing.
absl::Status FoundJoiner(const EngineOptions& options,
                         const StoreIdentity& identity);

// The data directory of a member of a new group that starts with the data of a
// backup (or any finished snapshot) in `snapshot_directory`. The identity's
// cluster is not that of the backup (InvalidArgument): the old group, should it
// still exist, and the new one must never mix. Returns what the state of the
// new store is, by what was put into it. Corruption: the backup is damaged.
// Cancelled by the watcher.
absl::StatusOr<StateDigest> FoundFromBackup(const EngineOptions& options,
                                            const NewStore& store,
                                            std::string_view snapshot_directory,
                                            const WorkWatcher& watcher = {});

// The same with the data of a store that nobody has open: the state that its
// log leads to at entry `last`, whether that was ever committed or not.
// Sessions are kept, so that whoever repeats a write of the old group in the
// new one has it done once. Nothing is written to the old store.
struct StoredSource {
  // Outlives the call.
  const StoredParts* parts = nullptr;
  LogIndex last;
  ConfChanger change_conf;
};
absl::StatusOr<StateDigest> FoundFromStored(const EngineOptions& options,
                                            const NewStore& store,
                                            const StoredSource& source,
                                            const WorkWatcher& watcher = {});

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FOUNDING_H_

#ifndef TRIMARAN_TOOLS_TRIMARAN_SURVIVOR_H_
#define TRIMARAN_TOOLS_TRIMARAN_SURVIVOR_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/cluster_id.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/format/region_state.h"
#include "engine/maintenance/state_hash.h"
#include "engine/maintenance/stored_parts.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/record.h"
#include "tools/trimaran/store_look.h"
#include "tools/trimaran/subcommand.h"

// What members of a group have left that has lost its quorum, and what can be
// made of it.

namespace trimaran::tool {

// The directory of a member, or a copy of it, locked and read.
//
// Thread: one at a time.
struct Survivor {
  std::unique_ptr<StoreLook> look;
  engine::StoredParts parts;
  // Of the last checkpoint.
  engine::StateDigest state;
  // Up to here its entries were committed, as far as itself can tell.
  LogIndex committed;
  // The configurations that its log leads through; the last one at its end.
  std::vector<ConfState> confs;
  // The first of them is not the one that the group was founded with.
  bool conf_has_changed = false;
  // Who is bound to which directory, as of the last checkpoint.
  std::map<ReplicaId, engine::MemberRecord> members;
  // Set if it has lost acknowledged entries.
  std::optional<EntryId> owed;

  const engine::StoreIdentity& identity() const { return parts.identity; }
  engine::LogState log() const { return parts.log->state(); }
};

// Reads all of it. Corruption, saying what, if it is damaged in any other way
// than that the end of its log is missing. Else as LookAtStore.
absl::StatusOr<Survivor> LookAtSurvivor(std::string_view path,
                                        ProgressBar& progress,
                                        Environment& environment);

// One survivor beside the one that was chosen.
struct Agreement {
  // The last entry that both have. Empty if neither log reaches back to where
  // the other one is.
  std::optional<LogIndex> last_common;
  // Entries of its own that the chosen one does not have. They were not
  // committed.
  uint64_t dropped = 0;
};

struct RecoveryPlan {
  // The one that an election would prefer: by the term of its last entry, then
  // by how many it has.
  size_t chosen = 0;
  // What was certainly committed.
  LogIndex certain;
  // What the new group will hold.
  EntryId last;
  // Enough voters for a quorum: there is no need for this.
  bool quorum = false;
  // No acknowledged write can be missing: of every quorum somebody is here.
  bool complete = false;
  // In the order of the survivors.
  std::vector<Agreement> agreements;
  // Depends on everything that was seen.
  std::string token;
};

// Compares survivors, at least one, and chooses; `successor` is the cluster
// that is to be made. InvalidArgument: it is the old one. Refused
// (exit_code.h): they are not of one group, or one member is there twice.
// Corruption: one knows an entry to be committed that the chosen one does not
// have, so that one of them is not what it was.
absl::StatusOr<RecoveryPlan> PlanRecovery(absl::Span<const Survivor> survivors,
                                          ClusterId successor);

// Both for a printer.
Record DescribeSurvivor(const Survivor& survivor, const Agreement& agreement);
Record DescribePlan(absl::Span<const Survivor> survivors,
                    const RecoveryPlan& plan);
// What it means, in lines for people.
std::vector<std::string> ExplainPlan(absl::Span<const Survivor> survivors,
                                     const RecoveryPlan& plan);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SURVIVOR_H_

#ifndef TRIMARAN_TESTS_CRASH_ENGINE_HISTORY_H_
#define TRIMARAN_TESTS_CRASH_ENGINE_HISTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/format/applied_state.h"
#include "engine/format/manifest.h"
#include "engine/founding.h"
#include "engine/kv/state_machine.h"
#include "engine/maintenance/state_hash.h"
#include "engine/snapshot/snapshot_receiver.h"

namespace trimaran::crash {

// A snapshot as a peer sends it.
struct SentSnapshot {
  engine::SnapshotManifest manifest;
  std::vector<std::string> chunks;
};

// Reads what a receiver found of earlier attempts, so that it takes more.
absl::Status VerifyPresent(engine::SnapshotReceiver& receiver);

// The store that the scenario is about: a founding member of a group of one.
engine::NewStore HistoryStore();

// What a group has agreed on, from its beginning: entries of every kind, and
// the state behind each of them by the model of a state machine. Terms are
// even, so that odd ones are of entries that were never agreed on.
//
// Thread: a value after it was made; any.
class EngineHistory {
 public:
  EngineHistory(uint64_t seed, uint64_t entry_count);

  LogIndex first() const { return engine::kBootstrapPosition.index + 1; }
  LogIndex last() const { return first() + entries_.size() - 1; }

  const LogEntry& entry(LogIndex index) const;
  // As it is handed to Apply.
  engine::CommittedEntry committed(LogIndex index) const;
  // Behind the entry, or at the bootstrap position.
  const engine::AppliedState& applied(LogIndex index) const;
  const engine::StateDigest& digest(LogIndex index) const;
  // Of the state there, as another replica would send it.
  SentSnapshot SnapshotAt(LogIndex index) const;

 private:
  struct Place {
    engine::AppliedState applied;
    engine::StateDigest digest;
  };
  const Place& PlaceAt(LogIndex index) const;

  std::vector<LogEntry> entries_;
  // The bootstrap position, then behind each entry.
  std::vector<Place> places_;
};

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_ENGINE_HISTORY_H_

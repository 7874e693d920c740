#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_SOLE_REPLICA_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_SOLE_REPLICA_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/engine.h"

namespace trimaran::engine {

// A replica that is its whole group, on a real engine: what it has appended
// durably is committed. Stands in for the node where the engine is tested.
//
// Thread: one.
class SoleReplica {
 public:
  // Begins a new term, as a leader does; writes nothing. Outlived by `engine`.
  static absl::StatusOr<SoleReplica> Start(Engine& engine);

  Term term() const { return hard_state_.term; }
  EntryId last() const { return engine_.log().state().last.id; }

  // Appends the numbered entries (numbered_entries.h) of the next `count`
  // places, at most kNumberedKept, durably and in one batch. Applies nothing.
  absl::Status AppendNumbered(uint64_t seed, uint64_t count);
  absl::Status Append(std::vector<LogEntry> entries);

  // Applies everything in the log that is not applied yet, at most
  // `batch_max` entries at a time.
  absl::Status ApplyAll(uint64_t batch_max = 64);

 private:
  SoleReplica(Engine& engine, HardState hard_state)
      : engine_(engine), hard_state_(hard_state) {}

  Engine& engine_;
  HardState hard_state_;
};

// What a conf change entry of these tests leads to, for any payload: a group of
// the replica alone.
ConfState SoleConf();

// The entries of [first, end) in the form that Apply takes.
absl::StatusOr<std::vector<CommittedEntry>> ReadCommitted(const LogStore& log,
                                                          LogIndex first,
                                                          LogIndex end);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_SOLE_REPLICA_H_

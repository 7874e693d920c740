#ifndef TRIMARAN_TESTS_CRASH_ENGINE_SCRIPT_H_
#define TRIMARAN_TESTS_CRASH_ENGINE_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "engine/log/log_store.h"
#include "tests/crash/engine_history.h"
#include "tests/crash/log_script.h"

namespace trimaran::crash {

enum class EngineStepKind : uint8_t {
  kFound,
  // Appends entries, agreed on or not.
  kAppend,
  kApply,
  kCheckpoint,
  kRecycle,
  kCollectGarbage,
  kWriteSnapshot,
  // Receives a snapshot, and then puts it in the place of log and state.
  kReceive,
  kInstall,
  // Removes snapshots that are of no use any more.
  kCleanSnapshots,
  kReopen,
};

struct EngineStep {
  EngineStepKind kind = EngineStepKind::kAppend;
  std::vector<LogEntry> entries;
  HardState hard_state;
  // What is applied up to, or where the snapshot is.
  LogIndex index;
};

// Snapshots that are certainly there, by their position.
struct PromisedSnapshots {
  std::optional<LogIndex> outgoing;
  std::optional<LogIndex> received;
};

// What a data directory holds.
struct EngineModel {
  LogModel log;
  // The log agrees with the history up to here.
  LogIndex agreed;
  LogIndex applied;
  // A crash leaves at least this much applied.
  LogIndex durable;
  PromisedSnapshots snapshots;
};

// A story of one data directory: everything that a replica does with it.
//
// Thread: a value; any.
class EngineScript {
 public:
  EngineScript(uint64_t seed, size_t step_count);

  // Steps count from 1.
  size_t size() const { return steps_.size(); }
  const EngineStep& step(uint64_t number) const;
  const EngineModel& after(uint64_t number) const;
  const EngineHistory& history() const { return history_; }
  // The applied state at `index` of a store whose log begins at `base`: what
  // came with a snapshot is truncated at its position.
  engine::AppliedState AppliedAt(LogIndex index, EntryId base) const;
  const SentSnapshot& snapshot(LogIndex index) const {
    return snapshots_.at(index);
  }

  // The step in [first, end) after which the log was what it is; otherwise a
  // Violation.
  absl::StatusOr<uint64_t> Find(const engine::LogStore& log, uint64_t first,
                                uint64_t end) const;
  // Which values of the applied index are right for what Find has found there.
  struct Bounds {
    LogIndex least;
    LogIndex most;
  };
  Bounds AppliedBounds(uint64_t found, uint64_t done, uint64_t begun) const;
  PromisedSnapshots SnapshotsPromised(uint64_t done, uint64_t begun) const;

 private:
  void Add(EngineStep step);
  EngineStep Draw(Random& random);
  EngineStep DrawAppend(Random& random);

  EngineHistory history_;
  std::vector<EngineStep> steps_;
  std::vector<EngineModel> models_;
  std::map<LogIndex, SentSnapshot> snapshots_;
};

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_ENGINE_SCRIPT_H_

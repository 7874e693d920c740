#ifndef TRIMARAN_TESTS_CRASH_LOG_SCRIPT_H_
#define TRIMARAN_TESTS_CRASH_LOG_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "engine/log/log_store.h"

namespace trimaran::crash {

// What a raft log holds, by definition: simple enough to be right.
struct LogModel {
  // What the entries follow: the log's first position, or that of a reset.
  engine::LogPosition base;
  std::vector<LogEntry> entries;
  // The chain behind each of them.
  std::vector<engine::ChainValue> chains;
  HardState hard_state;
  uint64_t generation = 0;
  // Entries up to here may be gone.
  LogIndex recycled;

  engine::LogPosition last() const;
  // `index` is base.index to last().index.
  engine::LogPosition PositionAt(LogIndex index) const;
  void Append(const std::vector<LogEntry>& added);
};

enum class LogStepKind : uint8_t {
  // Makes the log.
  kCreate,
  kAppend,
  kFlush,
  kReset,
  // Forgets entries up to an index, and gives their space back, in part.
  kRecycle,
  // Closes in order, and opens.
  kReopen,
};

struct LogStep {
  LogStepKind kind = LogStepKind::kAppend;
  std::vector<LogEntry> entries;
  std::optional<HardState> hard_state;
  bool must_sync = false;
  engine::LogReset reset;
  LogIndex recycle_to;

  // When it is done, it and every step before survives.
  bool IsPromise() const {
    return kind != LogStepKind::kRecycle &&
           (kind != LogStepKind::kAppend || must_sync);
  }
};

// A story of a raft log: appends, also of nothing but a hard state; conflicts,
// which replace a suffix; resets to snapshots; recycling; closing in between.
//
// Thread: a value; any.
class LogScript {
 public:
  // The same seed makes the same story, of `step_count` steps.
  LogScript(uint64_t seed, size_t step_count);

  // Steps count from 1.
  size_t size() const { return steps_.size(); }
  const LogStep& step(uint64_t number) const;
  // What the log holds after the step.
  const LogModel& after(uint64_t number) const;
  // The last promise among steps up to `done`; 0 if there is none.
  uint64_t LastPromise(uint64_t done) const;

  // The step in [first, end) after which the log was what it is. A Violation,
  // which names the difference from step end - 1, if it never was.
  absl::StatusOr<uint64_t> Find(const engine::LogStore& log, uint64_t first,
                                uint64_t end) const;

 private:
  void Add(LogStep step);
  LogStep DrawAppend(Random& random, bool conflict);
  LogStep DrawHardState(Random& random);
  LogStep DrawReset(Random& random);
  LogStep DrawRecycle(Random& random);

  std::vector<LogStep> steps_;
  std::vector<LogModel> models_;
  Term term_{5};
};

// A Violation that names the first difference between what can be read from the
// log and the model.
absl::Status CompareWithModel(const engine::LogStore& log,
                              const LogModel& model);

// A batch that fits after the model's last entry, with a new term.
LogStep NextBatch(const LogModel& model, size_t count);

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_LOG_SCRIPT_H_

#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_LOG_COMPARISON_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_LOG_COMPARISON_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/random.h"
#include "engine/log/log_store.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/engine_model/model_log_store.h"

namespace trimaran::engine {

// A kind of log that is compared with the model, and its disk.
class LogSubject {
 public:
  virtual ~LogSubject() = default;

  // What is on the disk, at first an empty log of generation
  // kFirstGeneration.
  virtual absl::StatusOr<std::unique_ptr<LogStore>> Open() = 0;
  // The machine stops while `log` is open; null: while it was being opened.
  virtual void Crash(std::unique_ptr<LogStore> log, Random& random) = 0;

  // After so many more changes of the disk its power is cut: every call fails
  // until Crash. Subjects without a disk of their own ignore it.
  virtual void CutPowerAfter(uint64_t /*operation_count*/) {}
  virtual bool power_is_cut() const { return false; }

  static constexpr uint64_t kFirstGeneration = 1;
};

// Does the same random operations to a log and to the model, and compares all
// that they answer and what they hold after crashes.
//
// Thread: owner.
class LogComparison {
 public:
  LogComparison(LogSubject& subject, uint64_t seed);

  // Internal, with the seed and the last operations, if the log answers or
  // recovers what the contract does not allow.
  absl::Status Run(int steps);

  uint64_t crashes() const { return crashes_; }

 private:
  absl::Status Step();
  absl::Status Open();
  absl::Status OpenAfterCrash();
  absl::Status StepWrite(uint64_t choice);
  absl::Status StepRead();
  absl::Status StepAppend();
  absl::Status StepBadAppend();
  absl::Status StepBadHardState();
  absl::Status StepReset();
  absl::Status StepCompact();
  absl::Status StepCrash();
  absl::Status StepCutPower();

  std::vector<LogEntry> MakeEntries(LogIndex first, Term term);
  HardState MakeHardState(Term term);
  absl::Status Append(const std::vector<LogEntry>& entries);
  // One writing call of both, or the crash that it meets.
  absl::Status Write(absl::FunctionRef<absl::Status(LogStore&)> call);
  absl::Status ReadEntries();
  absl::Status ReadPlace();
  absl::Status CompareState() const;
  absl::Status Different(std::string_view what) const;
  void Note(std::string text);

  LogSubject& subject_;
  const uint64_t seed_;
  SeededRandom random_;
  ModelLogDisk disk_;
  std::unique_ptr<ModelLogStore> model_;
  std::unique_ptr<LogStore> log_;
  // Nothing at or below it is replaced any more; synced.
  LogIndex settled_;
  // What a state machine would know.
  LogIndex truncated_;
  uint64_t crashes_ = 0;
  uint64_t steps_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_LOG_COMPARISON_H_

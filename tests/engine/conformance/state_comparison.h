#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_STATE_COMPARISON_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_STATE_COMPARISON_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/random.h"
#include "engine/kv/state_machine.h"
#include "tests/engine/conformance/entry_maker.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::engine {

// A kind of state machine that is compared with the model, and its disk.
class StateSubject {
 public:
  virtual ~StateSubject() = default;

  // What is on the disk of this generation, at first an empty state of
  // generation kFirstGeneration, in group kGroup.
  virtual absl::StatusOr<std::unique_ptr<StateMachine>> Open(
      uint64_t generation) = 0;
  // The machine stops while `state` is open.
  virtual void Crash(std::unique_ptr<StateMachine> state, Random& random) = 0;
  // In good order; nothing more becomes durable by it than was.
  virtual void Close(std::unique_ptr<StateMachine> state) { state.reset(); }

  static constexpr uint64_t kFirstGeneration = 1;
  static constexpr GroupId kGroup{1};
};

// Does the same random operations to a state machine and to the model, and
// compares all that they answer and what they hold after crashes.
//
// Thread: owner.
class StateComparison {
 public:
  StateComparison(StateSubject& subject, uint64_t seed);

  // Internal, with the seed and the last operations, if the state machine
  // answers or recovers what the contract does not allow.
  absl::Status Run(int steps);

  // As if the steps had been random: for limits that chance does not reach.
  absl::Status Start();
  absl::Status Apply(const std::vector<CommittedEntry>& entries);
  absl::Status CompareAll();
  // What both would send, and what they would be after a crash then.
  absl::Status CompareStream();
  absl::Status Crash();
  const ModelState& state() const { return model_->state(); }

  uint64_t crashes() const { return crashes_; }
  uint64_t switches() const { return switches_; }

 private:
  struct Views {
    std::unique_ptr<ReadView> model;
    std::unique_ptr<ReadView> real;
  };
  struct Import {
    std::unique_ptr<StateImport> model;
    std::unique_ptr<StateImport> real;
  };

  absl::Status Step();
  absl::Status Open();
  absl::Status StepApply();
  absl::Status StepBadApply();
  absl::Status StepRead();
  absl::Status StepView();
  absl::Status StepCheckpoint();
  absl::Status StepStop();
  absl::Status StepExport();
  absl::Status StepImport();

  absl::Status CompareResults(const std::vector<EntryResult>& results,
                              const std::vector<EntryResult>& expected) const;
  absl::Status CompareExports(StateExport& real, StateExport& expected);
  absl::Status Fill(Import& import, StateExport& from);
  absl::Status FinishImport(Import& import, const LogPosition& position);
  // `status` may differ from `expected` in its text only.
  absl::Status CompareStatus(std::string_view what, const absl::Status& status,
                             const absl::Status& expected) const;
  absl::Status Different(std::string_view what) const;
  void Note(std::string text);

  StateSubject& subject_;
  const uint64_t seed_;
  SeededRandom random_;
  EntryMaker maker_;
  ModelStateDisk disk_;
  std::unique_ptr<ModelStateMachine> model_;
  std::unique_ptr<StateMachine> real_;
  // Of the real one; the model counts its own.
  uint64_t generation_ = StateSubject::kFirstGeneration;
  std::vector<Views> views_;
  uint64_t crashes_ = 0;
  uint64_t switches_ = 0;
  uint64_t steps_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_STATE_COMPARISON_H_

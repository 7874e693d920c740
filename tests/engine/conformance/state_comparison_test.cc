// Goal: the comparison of state machines passes what keeps the contract and
// notices what does not. Method: other models stand in for the real one.

#include "tests/engine/conformance/state_comparison.h"

#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ModelSubject : public StateSubject {
 public:
  absl::StatusOr<std::unique_ptr<StateMachine>> Open(
      uint64_t generation) override {
    return std::make_unique<ModelStateMachine>(disk_, generation);
  }
  void Crash(std::unique_ptr<StateMachine> state, Random& random) override {
    state.reset();
    disk_.Crash(random);
  }

 protected:
  ModelStateDisk disk_{{}};
};

TEST(StateComparisonTest, PassesWhatKeepsTheContract) {
  uint64_t crashes = 0;
  uint64_t switches = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    ModelSubject subject;
    StateComparison comparison(subject, seed);
    EXPECT_EQ(comparison.Run(300), absl::OkStatus());
    crashes += comparison.crashes();
    switches += comparison.switches();
  }
  EXPECT_GT(crashes, 20u);
  EXPECT_GT(switches, 20u);
}

// Applies one command that the other does not.
TEST(StateComparisonTest, NoticesAnotherState) {
  class OtherState final : public ModelSubject {
   public:
    absl::StatusOr<std::unique_ptr<StateMachine>> Open(
        uint64_t generation) override {
      auto machine = ModelSubject::Open(generation);
      EXPECT_TRUE((*machine)->Checkpoint().ok());
      ModelState state = *disk_.Find(generation);
      state.rows[kDefaultFamily]["key"] = {"planted", LogIndex(1)};
      disk_.KeepImport(generation,
                       std::make_shared<const ModelState>(std::move(state)));
      return ModelSubject::Open(generation);
    }
  };
  OtherState subject;
  StateComparison comparison(subject, 1);
  EXPECT_THAT(comparison.Run(10).ToString(), HasSubstr("planted"));
}

TEST(StateComparisonTest, NoticesALostCheckpoint) {
  class Forgetful final : public ModelSubject {
   public:
    void Crash(std::unique_ptr<StateMachine> state,
               Random& /*random*/) override {
      const uint64_t generation = state->generation();
      state.reset();
      disk_.KeepImport(generation, std::make_shared<const ModelState>());
    }
  };
  Forgetful subject;
  StateComparison comparison(subject, 1);
  EXPECT_THAT(comparison.Run(1000).ToString(), Not(HasSubstr("OK")));
}

}  // namespace
}  // namespace trimaran::engine

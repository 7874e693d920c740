// Goal: the model of a state machine keeps checkpoints and nothing else across
// crashes, freezes what views and exports have seen, and hands states on.

#include "tests/support/engine_model/model_state_machine.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_model/model_state_disk.h"

namespace trimaran::engine {
namespace {

using Code = absl::StatusCode;
using UnderWay = ModelStateDisk::UnderWay;

CommittedEntry Put(uint64_t index, std::string_view key,
                   std::string_view value) {
  EntryEncoder encoder;
  const WriteCommand write{{}, {PutOp{kDefaultFamily, key, value}}, {}};
  EXPECT_TRUE(encoder.Add({std::nullopt, write}).ok());
  return {
      {LogIndex(index), Term(1), EntryType::kNormal, Payload(encoder.Take())},
      std::nullopt};
}

std::string Get(const StateMachine& machine, std::string_view key) {
  std::string value;
  const auto found = machine.Get(kDefaultFamily, key, value);
  if (!found.ok()) return found.status().ToString();
  return *found ? value : "(none)";
}

class ModelStateMachineTest : public ::testing::Test {
 protected:
  void Reopen(UnderWay fate = UnderWay::kLost, uint64_t generation = 1) {
    disk_.Crash(fate);
    machine_ = std::make_unique<ModelStateMachine>(disk_, generation);
  }
  Code Apply(const std::vector<CommittedEntry>& entries) {
    return machine_->Apply(entries).status().code();
  }

  ModelStateDisk disk_{{}};
  std::unique_ptr<ModelStateMachine> machine_ =
      std::make_unique<ModelStateMachine>(disk_, 1);
};

TEST_F(ModelStateMachineTest, CrashGoesBackToTheLastCheckpoint) {
  ASSERT_EQ(Apply({Put(1, "k", "1")}), Code::kOk);
  EXPECT_EQ(machine_->durable(), AppliedState());
  const AppliedState kept = *machine_->Checkpoint();
  ASSERT_EQ(Apply({Put(2, "k", "2")}), Code::kOk);

  Reopen();

  EXPECT_EQ(machine_->applied(), kept);
  EXPECT_EQ(machine_->durable(), kept);
  EXPECT_EQ(Get(*machine_, "k"), "1");
}

TEST_F(ModelStateMachineTest, CheckpointUnderWayIsThereOrNot) {
  for (const UnderWay fate : {UnderWay::kLost, UnderWay::kKept}) {
    ASSERT_EQ(Apply({Put(1, "k", "1")}), Code::kOk);
    ASSERT_TRUE(machine_->BeginCheckpoint().ok());
    ASSERT_EQ(Apply({Put(2, "k", "2")}), Code::kOk);
    Reopen(fate);
    EXPECT_EQ(Get(*machine_, "k"), fate == UnderWay::kKept ? "1" : "(none)");
  }
}

TEST_F(ModelStateMachineTest, RefusesReplaysAndHolesAndFallingTerms) {
  ASSERT_EQ(Apply({Put(1, "k", "1")}), Code::kOk);
  CommittedEntry older = Put(2, "k", "2");
  older.entry.term = Term(0);
  CommittedEntry change = Put(2, "k", "2");
  change.entry.type = EntryType::kConfChange;

  EXPECT_EQ(Apply({Put(1, "k", "2")}), Code::kFailedPrecondition);
  EXPECT_EQ(Apply({Put(3, "k", "2")}), Code::kFailedPrecondition);
  EXPECT_EQ(Apply({Put(2, "k", "2"), Put(4, "k", "2")}),
            Code::kFailedPrecondition);
  EXPECT_EQ(Apply({older}), Code::kFailedPrecondition);
  EXPECT_EQ(Apply({change}), Code::kFailedPrecondition);

  EXPECT_EQ(Get(*machine_, "k"), "1");
  EXPECT_TRUE(machine_->failure().ok());
}

TEST_F(ModelStateMachineTest, GarbledEntryIsAFailureForGood) {
  CommittedEntry garbled = Put(1, "k", "1");
  garbled.entry.payload = Payload("\x01\x02");

  EXPECT_TRUE(IsCorruption(machine_->Apply({{garbled}}).status()));

  EXPECT_TRUE(IsCorruption(machine_->failure()));
  EXPECT_TRUE(IsCorruption(machine_->Apply({}).status()));
  EXPECT_TRUE(IsCorruption(machine_->Checkpoint().status()));
  EXPECT_TRUE(IsCorruption(machine_->NewView().status()));
}

TEST_F(ModelStateMachineTest, InjectedFailuresAreForGood) {
  disk_.FailNextCheckpoint(absl::UnknownError("io"));
  EXPECT_EQ(machine_->Checkpoint().status().code(), Code::kUnknown);
  EXPECT_EQ(Apply({Put(1, "k", "1")}), Code::kUnknown);
  Reopen();
  disk_.FailNextApply(absl::UnknownError("io"));
  EXPECT_EQ(Apply({Put(1, "k", "1")}), Code::kUnknown);
  EXPECT_EQ(machine_->failure().code(), Code::kUnknown);
}

TEST_F(ModelStateMachineTest, ViewsAndExportsStayWhatTheyWere) {
  ASSERT_EQ(Apply({Put(1, "k", "1")}), Code::kOk);
  const auto view = *machine_->NewView();
  const auto exported = *machine_->NewExport();
  ASSERT_EQ(Apply({Put(2, "k", "2")}), Code::kOk);

  std::string value;
  EXPECT_TRUE(*view->Get(kDefaultFamily, "k", value));
  EXPECT_EQ(value, "1");
  EXPECT_EQ(view->position().id.index, LogIndex(1));
  EXPECT_EQ(exported->position().id.index, LogIndex(1));
}

TEST_F(ModelStateMachineTest, IteratorsWalkBothWaysWithinTheirBounds) {
  ASSERT_EQ(Apply({Put(1, "a", "1"), Put(2, "b", "2"), Put(3, "c", "3")}),
            Code::kOk);
  const auto view = *machine_->NewView();
  const auto rows = *view->NewIterator(kDefaultFamily, {"b", "d"});

  EXPECT_FALSE(rows->valid());
  rows->SeekToFirst();
  EXPECT_EQ(rows->key(), "b");
  EXPECT_EQ(rows->version(), LogIndex(2));
  rows->Next();
  EXPECT_EQ(rows->key(), "c");
  rows->Next();
  EXPECT_FALSE(rows->valid());
  rows->SeekForPrev("bb");
  EXPECT_EQ(rows->key(), "b");
  rows->Prev();
  EXPECT_FALSE(rows->valid());
  rows->Seek("a");
  EXPECT_EQ(rows->key(), "b");
  rows->SeekForPrev("a");
  EXPECT_FALSE(rows->valid());
}

void Copy(StateExport& from, StateImport& to) {
  StateRecord record;
  while (*from.Next(record)) ASSERT_TRUE(to.Add(record).ok());
}

TEST_F(ModelStateMachineTest, ImportBecomesTheStateAtTheSwitch) {
  ModelStateDisk other_disk({});
  ModelStateMachine other(other_disk, 1);
  ASSERT_TRUE(other.Apply({{Put(1, "k", "1"), Put(2, "l", "2")}}).ok());
  const auto exported = *other.NewExport();
  const auto import = *machine_->NewImport();
  Copy(*exported, *import);
  LogPosition wrong = exported->position();
  wrong.chain.value ^= 1;
  EXPECT_TRUE(IsCorruption(import->Finish(wrong)));
  EXPECT_EQ(machine_->SwitchTo(import->generation()).code(),
            Code::kFailedPrecondition);
  ASSERT_TRUE(import->Finish(exported->position()).ok());
  EXPECT_EQ(Get(*machine_, "k"), "(none)");

  ASSERT_TRUE(machine_->SwitchTo(import->generation()).ok());

  EXPECT_EQ(Get(*machine_, "k"), "1");
  EXPECT_EQ(machine_->applied().applied, exported->position());
  EXPECT_EQ(machine_->applied().truncated, exported->position().id);
  EXPECT_EQ(machine_->durable(), machine_->applied());
  Reopen(UnderWay::kLost, machine_->generation());
  EXPECT_EQ(Get(*machine_, "l"), "2");
}

TEST_F(ModelStateMachineTest, FinishedImportWithoutASwitchLeavesNothing) {
  uint64_t imported = 0;
  {
    const auto exported = *machine_->NewExport();
    const auto import = *machine_->NewImport();
    imported = import->generation();
    Copy(*exported, *import);
    ASSERT_TRUE(import->Finish(exported->position()).ok());
  }

  Reopen();

  EXPECT_EQ(disk_.Find(imported), nullptr);
  EXPECT_GT((*machine_->NewImport())->generation(), imported);
}

TEST_F(ModelStateMachineTest, ImportRefusesWhatIsNoStream) {
  const auto import = *machine_->NewImport();
  EXPECT_EQ(import->Add({"\x7f", ""}).code(), Code::kInvalidArgument);
  EXPECT_TRUE(IsCorruption(import->Finish({})));
}

}  // namespace
}  // namespace trimaran::engine

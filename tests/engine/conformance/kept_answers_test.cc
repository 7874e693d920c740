// Goal: where sessions keep too much, the same ones go on every replica, also
// on one that was restarted or got its state by a snapshot, and nothing that
// they had done is done again.
// Method: an almost full state, made by hand, is given to the real state
// machine and to the model; then both apply the same entries.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/errors.h"
#include "engine/format/command.h"
#include "engine/format/keys.h"
#include "engine/format/limits.h"
#include "engine/format/records.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/conformance/wt_state_subject.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"
#include "tests/support/engine_model/model_stream.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;

// What counts most for the space that it takes in a record: reads of nothing.
constexpr size_t kReads = kSessionReadBytesMax / kReadOverheadBytes;
constexpr uint64_t kSessions = 56;
constexpr uint64_t kAnswersEach = 73;
constexpr size_t kOneAnswer = kKeptAnswerBytes + kReads * kKeptReadBytes;
static_assert(kSessions * kAnswersEach * kOneAnswer <= kKeptBytesMax);
static_assert((kSessions * kAnswersEach + 1) * kOneAnswer > kKeptBytesMax);

// The one that has kept nothing yet.
constexpr SessionId kYoung{kSessions + 1};

// Sessions that keep all that fits, of which the last was used first.
ModelState FullState() {
  CommandResult answer;
  answer.index = LogIndex(1);
  answer.repeated = true;
  answer.reads.assign(kReads, std::nullopt);
  ModelState state;
  state.progress.applied.id = {LogIndex(100), Term(1)};
  state.progress.truncated = state.progress.applied.id;
  state.last_session = kYoung;
  for (uint64_t id = 1; id <= kSessions; ++id) {
    ModelSession& session = state.sessions[SessionId(id)];
    session.used = LogIndex(99 - id);
    for (uint64_t sequence = 1; sequence <= kAnswersEach; ++sequence) {
      session.answers[sequence] = answer;
    }
    CountKept(session);
  }
  state.sessions[kYoung].used = LogIndex(100);
  return state;
}

// Made once: it has millions of reads.
const StateStream& FullStream() {
  static const auto* const stream =
      new StateStream(EncodeState(StateSubject::kGroup, FullState()));
  return *stream;
}

WriteCommand ReadMuch() {
  WriteCommand read;
  read.operations.assign(kReads, GetOp{kDefaultFamily, "k"});
  return read;
}

WriteCommand PutRow() {
  return {{}, {PutOp{kDefaultFamily, "row", "done twice"}}, {}};
}

absl::Status Import(StateMachine& machine, const StateStream& stream,
                    const LogPosition& position) {
  const auto import = *machine.NewImport();
  for (const auto& [key, value] : stream) {
    EXPECT_TRUE(import->Add({key, value}).ok());
  }
  absl::Status finished = import->Finish(position);
  if (finished.ok()) finished = machine.SwitchTo(import->generation());
  return finished;
}

StateStream StreamOf(StateMachine& machine) {
  const auto state = *machine.NewExport();
  StateStream stream;
  StateRecord record;
  while (*state->Next(record)) {
    stream.emplace(record.key, record.value);
  }
  return stream;
}

class KeptAnswersTest : public ::testing::Test {
 protected:
  KeptAnswersTest()
      : model_disk_({.group = StateSubject::kGroup, .state = FullState()}),
        model_(model_disk_, StateSubject::kFirstGeneration),
        real_(*subject_.Open(StateSubject::kFirstGeneration)) {
    EXPECT_EQ(Import(*real_, FullStream(), model_.applied().applied),
              absl::OkStatus());
  }

  // The next entry.
  CommittedEntry Entry(const Command& command) {
    EntryEncoder encoder;
    EXPECT_EQ(encoder.Add(command), absl::OkStatus());
    return {{model_.applied().applied.id.index + 1, Term(1), EntryType::kNormal,
             Payload(encoder.Take())},
            std::nullopt};
  }
  // On both.
  CommandResult Do(const Command& command) {
    const CommittedEntry entry = Entry(command);
    const CommandResult expected = (*model_.Apply({&entry, 1}))[0].commands[0];
    CommandResult result = (*real_->Apply({&entry, 1}))[0].commands[0];
    EXPECT_EQ(result.status.code(), expected.status.code());
    result.status = expected.status;
    EXPECT_EQ(result, expected);
    return expected;
  }
  CommandResult Do(SessionId session, uint64_t sequence, WriteCommand body) {
    return Do({SessionStamp{session, sequence, 1}, std::move(body)});
  }
  void Restart() {
    const uint64_t generation = real_->generation();
    subject_.Close(std::move(real_));
    real_ = *subject_.Open(generation);
  }
  // The real one gets its own state as another replica would.
  void InstallSnapshot() {
    const uint64_t generation = real_->generation();
    EXPECT_EQ(Import(*real_, StreamOf(*real_), real_->applied().applied),
              absl::OkStatus());
    EXPECT_GT(real_->generation(), generation);
  }
  // After an answer that had a session go: until again all is kept that fits.
  void FillUp(uint64_t first_sequence) {
    for (uint64_t n = 0; n < kAnswersEach - 1; ++n) {
      EXPECT_TRUE(Do(kYoung, first_sequence + n, ReadMuch()).status.ok());
    }
  }
  // The sessions that neither has any more.
  std::vector<uint64_t> Gone() {
    const StateStream stream = StreamOf(*real_);
    std::vector<uint64_t> gone;
    for (uint64_t id = 1; id <= kYoung.value(); ++id) {
      const bool there = model_.state().sessions.contains(SessionId(id));
      const SessionKey key{StateSubject::kGroup, SessionId(id)};
      EXPECT_EQ(stream.contains(KeyOf(key)), there) << id;
      if (!there) gone.push_back(id);
    }
    return gone;
  }

  ModelStateDisk model_disk_;
  ModelStateMachine model_;
  WtStateSubject subject_;
  std::unique_ptr<StateMachine> real_;
};

TEST_F(KeptAnswersTest, TheLeastRecentlyUsedMakesRoomAndTheOneAtWorkStays) {
  // The oldest is used, and so is not the oldest any more.
  EXPECT_TRUE(Do(SessionId(56), 1, PutRow()).repeated);
  EXPECT_TRUE(Do(kYoung, 1, ReadMuch()).status.ok());
  EXPECT_THAT(Gone(), ElementsAre(55u));
  FillUp(2);
  EXPECT_THAT(Gone(), ElementsAre(55u));
  EXPECT_TRUE(Do(SessionId(54), kAnswersEach + 1, ReadMuch()).status.ok());
  EXPECT_THAT(Gone(), ElementsAre(53u, 55u));

  // What one that is gone had done is not done again, and neither is what it
  // had not.
  for (const uint64_t sequence : {uint64_t{1}, kAnswersEach + 1}) {
    const CommandResult answer = Do(SessionId(55), sequence, PutRow());
    EXPECT_EQ(answer.status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_FALSE(answer.repeated);
  }
  std::string value;
  EXPECT_FALSE(*real_->Get(kDefaultFamily, "row", value));
}

TEST_F(KeptAnswersTest, TheOrderIsTheSameAfterARestartAndASnapshot) {
  EXPECT_TRUE(Do(kYoung, 1, ReadMuch()).status.ok());
  EXPECT_TRUE(Do(SessionId(55), 1, PutRow()).repeated);
  Restart();
  FillUp(2);
  EXPECT_THAT(Gone(), ElementsAre(56u));
  EXPECT_TRUE(Do(kYoung, 100, ReadMuch()).status.ok());
  EXPECT_THAT(Gone(), ElementsAre(54u, 56u));
  EXPECT_TRUE(Do(SessionId(53), 1, PutRow()).repeated);
  InstallSnapshot();
  FillUp(101);
  EXPECT_THAT(Gone(), ElementsAre(54u, 56u));
  EXPECT_TRUE(Do(kYoung, 200, ReadMuch()).status.ok());
  EXPECT_THAT(Gone(), ElementsAre(52u, 54u, 56u));
}

TEST_F(KeptAnswersTest, AStateThatKeepsTooMuchIsNoState) {
  SessionRecord young;
  young.id = kYoung;
  young.answers[1].reads.assign(kReads, std::nullopt);
  StateStream stream = FullStream();
  stream[KeyOf(SessionKey{StateSubject::kGroup, kYoung})] = EncodeRecord(young);
  const absl::Status status = Import(*real_, stream, model_.applied().applied);
  EXPECT_TRUE(IsCorruption(status)) << status;
}

}  // namespace
}  // namespace trimaran::engine

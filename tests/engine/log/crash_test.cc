// Goal: wherever the power goes, what was acknowledged is there, what was not
// is there as a whole or not at all, and nothing is taken for damage.
// Method: a random script on the simulated disk; a crash after each of its
// operations, with each kind of survivor; the log that is opened then must be
// that of the model after the last acknowledged step, or the step after it. A
// part of these is crashed again while it recovers.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/log/segment_log.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::engine {
namespace {

constexpr char kAcknowledged[] = "acknowledged";

// What the log should be after a step.
struct ModelState {
  std::map<uint64_t, LogEntry> entries;
  LogPosition last;
  HardState durable;
  // With what may be lost.
  HardState newest;
  uint64_t generation = 1;
  uint64_t compacted = 0;
};

// Does steps on a log and on the model alike.
class Script {
 public:
  Script(LogHome& home, uint64_t seed, const ModelState& start = {})
      : home_(home),
        random_(seed),
        term_(std::max(start.last.id.term, start.newest.term).value() + 1),
        model_(start) {}

  void Run(size_t steps) {
    ASSERT_TRUE(home_.Create().ok());
    home_.Reopen();
    GoOn(steps);
  }

  // With a log that is open, and is what the model says.
  void GoOn(size_t steps) {
    Acknowledge();
    for (size_t i = 0; i < steps; ++i) {
      ASSERT_NO_FATAL_FAILURE(Step());
      Acknowledge();
      home_.clock().Advance(absl::Milliseconds(random_.Uniform(400)));
    }
  }

  const std::vector<ModelState>& states() const { return states_; }

 private:
  void Acknowledge() {
    states_.push_back(model_);
    home_.disk().Mark(kAcknowledged, states_.size() - 1);
  }

  void Step() {
    switch (random_.Uniform(12)) {
      case 0:
        return Replace();
      case 1:
        return Recycle();
      case 2:
        return Ride();
      case 3:
        return random_.OneIn(4) ? Reset() : Vote();
      case 4:
        return static_cast<void>(home_.Reopen()), LoseWhatRides();
      case 5:
        return Flush();
      default:
        return Append(model_.last.id.index.value() + 1);
    }
  }

  void Append(uint64_t first) {
    const size_t bytes = random_.OneIn(10) ? 20000 : random_.Uniform(700);
    if (random_.OneIn(5)) ++term_;
    const auto entries =
        MakeEntries(first, 1 + random_.Uniform(4), term_, bytes);
    // What the batch replaces, and what the chain before it is.
    LogPosition last = model_.last;
    if (first <= last.id.index.value()) {
      last.id = {LogIndex(first - 1),
                 home_.log().TermAt(LogIndex(first - 1)).value()};
      last.chain = home_.log().ChainAt(LogIndex(first - 1)).value();
      model_.entries.erase(model_.entries.lower_bound(first),
                           model_.entries.end());
    }
    for (const LogEntry& entry : entries) {
      last = {entry.id(), ExtendChain(last.chain, entry)};
      model_.entries[entry.index.value()] = entry;
    }
    model_.last = last;
    model_.durable = model_.newest;
    ASSERT_TRUE(home_.Append(entries).ok());
  }

  void Replace() {
    const uint64_t truncated = home_.log().truncated().value();
    const uint64_t length = model_.last.id.index.value() - truncated;
    if (length == 0) return;
    ++term_;
    Append(truncated + 1 + random_.Uniform(length));
  }

  void Recycle() {
    const uint64_t truncated = home_.log().truncated().value();
    model_.compacted =
        truncated +
        random_.Uniform(model_.last.id.index.value() - truncated + 1);
    home_.log().Compact(LogIndex(model_.compacted));
    ASSERT_TRUE(home_.Recycle(model_.compacted).ok());
  }

  void Ride() {
    model_.newest.commit = model_.last.id.index;
    ASSERT_TRUE(home_.AppendState(model_.newest, /*must_sync=*/false).ok());
  }

  void Vote() {
    ++term_;
    model_.newest.term = Term(term_);
    model_.newest.vote = ReplicaId(1 + random_.Uniform(3));
    model_.durable = model_.newest;
    ASSERT_TRUE(home_.AppendState(model_.newest, /*must_sync=*/true).ok());
  }

  void Flush() {
    model_.durable = model_.newest;
    ASSERT_TRUE(home_.log().Flush().ok());
  }

  void Reset() {
    ++term_;
    LogReset reset;
    const LogIndex index = model_.last.id.index + random_.Uniform(20);
    reset.position = {{std::max(index, LogIndex(1)), Term(term_)},
                      ChainValue{random_.Next()}};
    model_.newest.term = Term(term_);
    model_.newest.commit = reset.position.id.index;
    model_.durable = model_.newest;
    reset.hard_state = model_.newest;
    reset.generation = ++model_.generation;
    model_.entries.clear();
    model_.last = reset.position;
    ASSERT_TRUE(home_.log().Reset(reset).ok());
  }

  void LoseWhatRides() { model_.newest = home_.log().state().hard_state; }

  LogHome& home_;
  SeededRandom random_;
  uint64_t term_;
  ModelState model_;
  std::vector<ModelState> states_;
};

// Empty if the log is what the model says; else what is different.
std::string Difference(const SegmentLog& log, const ModelState& model) {
  const LogState state = log.state();
  if (state.owed.has_value()) return "owes entries";
  if (state.last != model.last) return "ends elsewhere";
  if (state.generation != model.generation) return "is of another generation";
  if (state.hard_state != model.durable && state.hard_state != model.newest) {
    return "has another hard state";
  }
  const uint64_t boundary = state.boundary.id.index.value();
  const bool begins_late = boundary > model.compacted &&
                           !model.entries.empty() &&
                           boundary + 1 > model.entries.begin()->first;
  if (begins_late) return "has lost its beginning";
  for (const LogEntry& entry : AllEntries(log)) {
    const auto expected = model.entries.find(entry.index.value());
    if (expected == model.entries.end() || expected->second != entry) {
      return "has another entry " + std::to_string(entry.index.value());
    }
  }
  return "";
}

uint64_t AcknowledgedAt(const disk::Recording& recording, size_t position) {
  uint64_t step = 0;
  for (const disk::Marker& marker : recording.markers) {
    if (marker.name == kAcknowledged && marker.position <= position) {
      step = marker.value;
    }
  }
  return step;
}

void ExpectOneOf(const std::vector<ModelState>& states, uint64_t acknowledged,
                 const SegmentLog& log) {
  std::string differences;
  for (uint64_t step = acknowledged;
       step < std::min<uint64_t>(acknowledged + 2, states.size()); ++step) {
    const std::string difference = Difference(log, states[step]);
    if (difference.empty()) return;
    differences += " [step " + std::to_string(step) + ": " + difference + "]";
  }
  ADD_FAILURE() << "the log" << differences;
}

class CrashTest : public testing::TestWithParam<uint64_t> {
 protected:
  // Opens what a crash has left, and again.
  void CheckImage(const disk::DiskImage& image,
                  const std::vector<ModelState>& states,
                  uint64_t acknowledged) {
    LogHome home(image);
    const absl::Status status = home.Open();
    ASSERT_TRUE(status.ok()) << status;
    ExpectOneOf(states, acknowledged, home.log());
    const LogState first = home.log().state();
    home.Reopen();
    EXPECT_EQ(home.log().state().last, first.last);
    EXPECT_EQ(home.log().state().hard_state, first.hard_state);
    recovery_ = home.disk().TakeRecording();
  }

  void CrashDuringRecovery(const std::vector<ModelState>& states,
                           uint64_t acknowledged, uint64_t seed) {
    const disk::Recording recovery = recovery_;
    disk::Timeline timeline(recovery);
    for (size_t k = 0; k <= recovery.operations.size(); ++k) {
      timeline.MoveTo(k);
      if (!timeline.HasUnsynced()) continue;
      for (const disk::Survival survival : disk::kSeededSurvivals) {
        SCOPED_TRACE("recovery, operation " + std::to_string(k) + ", " +
                     disk::SurvivalName(survival));
        CheckImage(timeline.AfterCrash(survival, seed + k), states,
                   acknowledged);
      }
    }
  }

  disk::Recording recovery_;
};

// Covers: D10a, D10b
TEST_P(CrashTest, WhatWasAcknowledgedSurvivesEveryCrash) {
  const uint64_t seed = GetParam();
  LogHome home;
  Script script(home, seed);
  ASSERT_NO_FATAL_FAILURE(script.Run(60));
  const disk::Recording recording = home.disk().TakeRecording();
  disk::Timeline timeline(recording);
  SeededRandom random(seed);
  const size_t begin = recording.markers.front().position;

  for (size_t k = begin; k <= recording.operations.size(); ++k) {
    timeline.MoveTo(k);
    const uint64_t acknowledged = AcknowledgedAt(recording, k);
    std::vector<disk::Survival> survivals = {disk::kNothingSurvives};
    if (timeline.HasUnsynced()) {
      survivals.assign(disk::kFixedSurvivals.begin(),
                       disk::kFixedSurvivals.end());
      survivals.insert(survivals.end(), disk::kSeededSurvivals.begin(),
                       disk::kSeededSurvivals.end());
    }
    for (const disk::Survival survival : survivals) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", operation " +
                   std::to_string(k) + ", " + disk::SurvivalName(survival));
      const uint64_t choice = random.Next();
      CheckImage(timeline.AfterCrash(survival, choice), script.states(),
                 acknowledged);
      if (random.OneIn(40)) {
        CrashDuringRecovery(script.states(), acknowledged, choice);
      }
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashTest, testing::Range<uint64_t>(1, 4));

// ---- Many crashes, and work between them ----

// A crash in the life of a log, or the end of its process.
class CrashInARow {
 public:
  CrashInARow(const disk::Recording& recording, SeededRandom& random)
      : timeline_(recording) {
    // Half of them where a segment begins, for there is most to be torn.
    std::vector<size_t> beginnings;
    for (size_t i = 0; i < recording.operations.size(); ++i) {
      const disk::Operation& operation = recording.operations[i];
      if (operation.kind == disk::OperationKind::kWrite &&
          operation.offset == 0) {
        beginnings.push_back(i + 1);
      }
    }
    const bool at_beginning = !beginnings.empty() && random.OneIn(2);
    timeline_.MoveTo(at_beginning
                         ? beginnings[random.Uniform(beginnings.size())]
                         : random.Uniform(recording.operations.size() + 1));
    is_kill_ = random.OneIn(4);
    survival_ =
        disk::kSeededSurvivals[random.Uniform(disk::kSeededSurvivals.size())];
    seed_ = random.Next();
  }

  size_t position() const { return timeline_.position(); }
  disk::DiskState Leaves() const {
    if (is_kill_) return timeline_.state();
    return disk::DiskState(timeline_.AfterCrash(survival_, seed_));
  }

 private:
  disk::Timeline timeline_;
  bool is_kill_ = false;
  disk::Survival survival_;
  uint64_t seed_ = 0;
};

// The state among `states` that the log has come to; empty if none.
std::optional<ModelState> StateOf(const SegmentLog& log,
                                  const std::vector<ModelState>& states,
                                  uint64_t acknowledged) {
  for (uint64_t step = acknowledged;
       step < std::min<uint64_t>(acknowledged + 2, states.size()); ++step) {
    if (!Difference(log, states[step]).empty()) continue;
    ModelState found = states[step];
    found.durable = found.newest = log.state().hard_state;
    return found;
  }
  return std::nullopt;
}

class CrashesInARowTest : public testing::TestWithParam<uint64_t> {};

// Covers: D10a, D10b
TEST_P(CrashesInARowTest, NothingIsTakenForDamageOrComesBack) {
  const uint64_t seed = GetParam();
  SeededRandom random(seed);
  auto home = std::make_unique<LogHome>();
  ASSERT_TRUE(home->Create().ok());
  disk::DiskState left(home->disk().Visible());
  std::vector<ModelState> states = {ModelState()};
  uint64_t acknowledged = 0;
  for (int crash = 0; crash < 60; ++crash) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", behind crash " +
                 std::to_string(crash));
    home = std::make_unique<LogHome>(left);
    const absl::Status status = home->Open();
    ASSERT_TRUE(status.ok()) << status;
    const auto state = StateOf(home->log(), states, acknowledged);
    if (!state.has_value()) {
      return ExpectOneOf(states, acknowledged, home->log());
    }

    Script script(*home, random.Next(), *state);
    ASSERT_NO_FATAL_FAILURE(script.GoOn(random.Uniform(30)));

    const disk::Recording recording = home->disk().TakeRecording();
    const CrashInARow next(recording, random);
    left = next.Leaves();
    // Before it is open, nothing more is promised than before.
    if (next.position() < recording.markers.front().position) continue;
    states = script.states();
    acknowledged = AcknowledgedAt(recording, next.position());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashesInARowTest,
                         testing::Range<uint64_t>(1, 41));

// `image` after a crash that left of a later write to `path` one page only.
disk::DiskImage WithPageOf(const disk::DiskImage& later,
                           const std::string& path, uint64_t offset,
                           disk::DiskImage image) {
  const std::string page = later.files.at(path).Slice(offset, disk::kPageBytes);
  image.files.at(path).Write(offset, page);
  return image;
}

// Large, and unlike any other, so that no spare holds a part of it already.
std::vector<LogEntry> LargeEntry(uint64_t index) {
  const std::string payload(5000, static_cast<char>('a' + index));
  return {{LogIndex(index), Term(1), EntryType::kNormal, Payload(payload)}};
}

// The first write of a segment is torn in two crashes, differently.
TEST(TwoCrashesTest, WhatTheFirstLeftInASpareIsNoDamageAfterTheSecond) {
  LogHome home;
  home.base_options().spares_max = 1;
  ASSERT_TRUE(home.Create().ok());
  home.Reopen();
  // Two to a segment, so that the seventh begins one, in a file used before.
  for (uint64_t i = 1; i <= 6; ++i) {
    ASSERT_TRUE(home.Append(LargeEntry(i)).ok());
    home.log().Compact(LogIndex(i - 1));
    ASSERT_TRUE(home.Recycle(i - 1).ok());
  }
  const disk::DiskImage before = home.disk().Visible();
  ASSERT_TRUE(home.Append(LargeEntry(7)).ok());
  const disk::DiskImage after = home.disk().Visible();
  const std::string path = SegmentPath(after, 4);
  ASSERT_TRUE(before.files.contains(path));

  // Only the header of the record is there.
  LogHome second(WithPageOf(after, path, kSegmentHeaderBytes, before));
  second.base_options().spares_max = 1;
  ASSERT_EQ(second.Reopen().state().last.id.index, LogIndex(6));
  const disk::DiskImage before_again = second.disk().Visible();
  ASSERT_TRUE(second.Append(LargeEntry(7)).ok());
  const disk::DiskImage after_again = second.disk().Visible();
  const std::string path_again = SegmentPath(after_again, 4);
  disk::DiskImage torn = before_again;
  torn.files.try_emplace(path_again).first->second.Resize(kTestSegmentBytes);

  // Only the header of the segment is there.
  LogHome third(WithPageOf(after_again, path_again, 0, torn));
  const absl::Status status = third.Open();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(third.log().state().last.id.index, LogIndex(6));
}

TEST(CrashOfCreationTest, CreationIsRepeatedUntilItIsAcknowledged) {
  LogHome home;
  ASSERT_TRUE(home.Create().ok());
  const disk::Recording recording = home.disk().TakeRecording();
  disk::Timeline timeline(recording);
  for (size_t k = 0; k < recording.operations.size(); ++k) {
    timeline.MoveTo(k);
    for (const disk::Survival survival : disk::kSeededSurvivals) {
      SCOPED_TRACE(std::to_string(k) + ", " + disk::SurvivalName(survival));
      LogHome again(timeline.AfterCrash(survival, k));

      const absl::Status created = again.Create();

      ASSERT_TRUE(created.ok()) << created;
      EXPECT_EQ(again.Reopen().state().generation, 1u);
    }
  }
}

}  // namespace
}  // namespace trimaran::engine

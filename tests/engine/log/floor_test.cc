// Goal: a log that has lost its end is never taken for a short one, and owes
// what it had until it is there again, whatever happens in between.

#include "engine/log/floor.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/log/segment_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"
#include "tests/support/disk/damage.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Where a slot's version is, and the checksum of all from there on.
constexpr size_t kVersionAt = 12;
constexpr size_t kChecksumAt = 8;

// A slot as a program of another version has left it.
std::string SlotOfVersion(uint32_t version, uint64_t counter,
                          const FloorState& state) {
  std::string bytes = EncodeFloorSlot({counter, state});
  std::string number;
  ByteWriter(number).WriteU32(version);
  bytes.replace(kVersionAt, number.size(), number);
  number.clear();
  ByteWriter(number).WriteU32(
      Crc32c(std::string_view(bytes).substr(kVersionAt)));
  return bytes.replace(kChecksumAt, number.size(), number);
}

FloorState SomeFloor() {
  FloorState state;
  state.store = kTestStore;
  state.term = Term(7);
  state.vote = ReplicaId(2);
  state.last = {LogIndex(40), Term(6)};
  state.newest_segment = 3;
  state.generation = 2;
  return state;
}

TEST(FloorSlotTest, IsReadAsItWasWritten) {
  const std::string bytes = EncodeFloorSlot({9, SomeFloor()});
  EXPECT_EQ(bytes.size(), kFloorSlotBytes);
  const auto slot = DecodeFloorSlot(bytes);
  ASSERT_TRUE(slot.ok());
  EXPECT_EQ(slot->counter, 9u);
  EXPECT_EQ(slot->state, SomeFloor());
}

TEST(FloorSlotTest, EveryFlippedBitIsNoticed) {
  const std::string bytes = EncodeFloorSlot({9, SomeFloor()});
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    EXPECT_TRUE(IsCorruption(DecodeFloorSlot(damaged).status())) << at;
  }
}

TEST(FloorSlotTest, AnotherVersionIsNoDamage) {
  EXPECT_TRUE(DecodeFloorSlot(SlotOfVersion(1, 9, SomeFloor())).ok());
  const auto slot = DecodeFloorSlot(SlotOfVersion(2, 9, SomeFloor()));
  EXPECT_TRUE(IsNewerFormat(slot.status())) << slot.status();
}

TEST(JudgeLogTest, LogAtOrBeyondTheFloorHasLostNothing) {
  FloorState log = SomeFloor();
  EXPECT_EQ(JudgeLog(SomeFloor(), log, LogIndex()).owed, std::nullopt);
  log.last = {LogIndex(3), Term(7)};  // Another history, of a later term.
  log.term = Term(8);
  log.vote = ReplicaId();
  log.newest_segment = 4;
  const FloorVerdict verdict = JudgeLog(SomeFloor(), log, LogIndex());
  EXPECT_EQ(verdict.owed, std::nullopt);
  EXPECT_EQ(verdict.hard_state, std::nullopt);
  EXPECT_THAT(verdict.reason, IsEmpty());
}

TEST(JudgeLogTest, LogBelowTheFloorOwesAnEntryOfALaterTerm) {
  for (const EntryId last :
       {EntryId{LogIndex(39), Term(6)}, EntryId{LogIndex(90), Term(5)}}) {
    FloorState log = SomeFloor();
    log.last = last;
    EXPECT_EQ(JudgeLog(SomeFloor(), log, LogIndex()).owed,
              (EntryId{LogIndex(40), Term(8)}));
    // The log may have gone further since the floor was written.
    log.term = Term(9);
    EXPECT_EQ(JudgeLog(SomeFloor(), log, LogIndex()).owed,
              (EntryId{LogIndex(40), Term(10)}));
  }
}

TEST(JudgeLogTest, WhatIsOwedAlreadyIsRaisedOnlyOnceItsTermHasBegun) {
  FloorState floor = SomeFloor();
  floor.last = {LogIndex(40), Term(8)};
  FloorState log = SomeFloor();
  log.last = {LogIndex(38), Term(6)};
  EXPECT_EQ(JudgeLog(floor, log, LogIndex()).owed, floor.last);
  log.term = floor.term = Term(8);
  EXPECT_EQ(JudgeLog(floor, log, LogIndex()).owed,
            (EntryId{LogIndex(40), Term(9)}));
}

TEST(JudgeLogTest, LostVoteIsTakenOverAndAnEntryMoreIsOwed) {
  for (const uint64_t term : {6u, 7u}) {
    FloorState log = SomeFloor();
    log.term = Term(term);
    log.vote = ReplicaId();
    const FloorVerdict verdict = JudgeLog(SomeFloor(), log, LogIndex(30));
    EXPECT_EQ(verdict.hard_state,
              (HardState{Term(7), ReplicaId(2), LogIndex(30)}));
    EXPECT_EQ(verdict.owed, (EntryId{LogIndex(41), Term(8)}));
    EXPECT_THAT(verdict.reason, HasSubstr("vote"));
  }
}

TEST(JudgeLogTest, LostSegmentOrGenerationIsARegression) {
  FloorState log = SomeFloor();
  log.newest_segment = 2;
  EXPECT_TRUE(JudgeLog(SomeFloor(), log, LogIndex()).owed.has_value());
  log = SomeFloor();
  log.generation = 1;
  EXPECT_TRUE(JudgeLog(SomeFloor(), log, LogIndex()).owed.has_value());
}

// ---- The floor of a log ----

FloorState FloorOf(LogHome& home) {
  const auto floor = FloorFile::Open(home.files(), kTestFloor, OpenMode::kRead);
  EXPECT_TRUE(floor.ok()) << floor.status();
  return floor->state();
}

// A log that had ten entries, and of which a lost sync has left five.
std::unique_ptr<LogHome> LogThatLostItsEnd() {
  auto home = NewLogHome();
  EXPECT_TRUE(home->AppendState({Term(1), ReplicaId(), LogIndex()}, true).ok());
  EXPECT_TRUE(home->Append(MakeEntries(1, 5, 1)).ok());
  const disk::DiskImage older = home->disk().Visible();
  EXPECT_TRUE(home->Append(MakeEntries(6, 5, 1)).ok());
  EXPECT_TRUE(home->log().WriteFloor().ok());
  disk::DiskImage image = home->disk().Visible();
  disk::RestoreFile(image, SegmentPath(image, 1), older);
  auto after = std::make_unique<LogHome>(image);
  after->Reopen();
  return after;
}

constexpr EntryId kOwed{LogIndex(10), Term(2)};

TEST(FloorTest, LogThatLostItsEndOwesAnEntryOfALaterTerm) {
  auto home = LogThatLostItsEnd();
  EXPECT_EQ(home->log().state().last.id.index, LogIndex(5));
  EXPECT_EQ(home->log().state().owed, kOwed);
  EXPECT_THAT(home->report().regression, HasSubstr("10/1"));

  // Neither restarts nor entries of the same term nor a snapshot that ends with
  // one nor the floor's own writes end it.
  ASSERT_TRUE(home->Append(MakeEntries(6, 20, 1)).ok());
  home->clock().Advance(absl::Seconds(5));
  ASSERT_TRUE(home->log().Flush().ok());
  EXPECT_EQ(home->Reopen().state().owed, kOwed);
  LogReset reset;
  reset.position = {{LogIndex(30), Term(1)}, ChainValue{9}};
  reset.hard_state = {Term(1), ReplicaId(), LogIndex(30)};
  reset.generation = 2;
  ASSERT_TRUE(home->log().Reset(reset).ok());
  EXPECT_EQ(home->log().state().owed, kOwed);
  EXPECT_EQ(FloorOf(*home).last, kOwed);

  ASSERT_TRUE(
      home->AppendState({Term(2), ReplicaId(), LogIndex(30)}, true).ok());
  EXPECT_EQ(home->log().state().owed, kOwed);
  ASSERT_TRUE(home->Append(MakeEntries(31, 1, 2)).ok());

  EXPECT_EQ(home->log().state().owed, std::nullopt);
  EXPECT_EQ(home->Reopen().state().owed, std::nullopt);
  EXPECT_EQ(home->report().regression, "");
}

TEST(FloorTest, ShorterLogOfALaterTermOwesNothing) {
  auto home = LogThatLostItsEnd();
  ASSERT_TRUE(
      home->AppendState({Term(2), ReplicaId(), LogIndex(3)}, true).ok());

  ASSERT_TRUE(home->Append(MakeEntries(4, 1, 2)).ok());

  EXPECT_EQ(home->log().state().owed, std::nullopt);
  EXPECT_EQ(FloorOf(*home).last, (EntryId{LogIndex(4), Term(2)}));
  EXPECT_EQ(home->Reopen().state().owed, std::nullopt);
}

TEST(FloorTest, SnapshotOfALaterTermPaysWhatIsOwed) {
  auto home = LogThatLostItsEnd();
  LogReset reset;
  reset.position = {{LogIndex(9), Term(2)}, ChainValue{9}};
  reset.hard_state = {Term(2), ReplicaId(), LogIndex(9)};
  reset.generation = 2;

  ASSERT_TRUE(home->log().Reset(reset).ok());

  EXPECT_EQ(home->log().state().owed, std::nullopt);
}

TEST(FloorTest, WhatSomebodyElseHasFoundOutIsOwedDurably) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->AppendState({Term(1), ReplicaId(), LogIndex()}, true).ok());
  ASSERT_TRUE(home->Append(MakeEntries(1, 5, 1)).ok());

  ASSERT_TRUE(home->log().Owe(kOwed).ok());

  EXPECT_EQ(home->log().state().owed, kOwed);
  EXPECT_EQ(home->Reopen().state().owed, kOwed);
  EXPECT_THAT(home->report().regression, HasSubstr("10/2"));
  // What is owed for longer stays.
  ASSERT_TRUE(home->log().Owe({LogIndex(20), Term(1)}).ok());
  EXPECT_EQ(home->log().state().owed, kOwed);
}

TEST(FloorTest, FailedNoteOfWhatIsOwedFailsTheLog) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 5, 1)).ok());
  home->disk().Inject({.target = disk::FaultTarget::kSync});

  EXPECT_FALSE(home->log().Owe(kOwed).ok());

  EXPECT_FALSE(home->log().failure().ok());
}

TEST(FloorTest, LostVoteIsTakenOver) {
  auto home = NewLogHome();
  const disk::DiskImage older = home->disk().Visible();
  const HardState voted{Term(4), ReplicaId(3), LogIndex()};
  ASSERT_TRUE(home->AppendState(voted, /*must_sync=*/true).ok());
  EXPECT_EQ(FloorOf(*home).vote, ReplicaId(3));
  disk::DiskImage image = home->disk().Visible();
  disk::RestoreFile(image, SegmentPath(image, 1), older);

  LogHome after(image);
  after.Reopen();

  EXPECT_EQ(after.log().state().hard_state, voted);
  EXPECT_EQ(after.log().state().owed, (EntryId{LogIndex(1), Term(5)}));
  // It is in the log now, and what is owed is in the floor.
  after.Reopen();
  EXPECT_EQ(after.log().state().hard_state, voted);
  EXPECT_EQ(after.log().state().owed, (EntryId{LogIndex(1), Term(5)}));
  ASSERT_TRUE(after.Append(MakeEntries(1, 1, 5)).ok());
  EXPECT_EQ(after.log().state().owed, std::nullopt);
}

TEST(FloorTest, IsWrittenAtVotesAtSegmentsAndWithTime) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1)).ok());
  EXPECT_EQ(FloorOf(*home).last.index, LogIndex(0));

  home->clock().Advance(absl::Milliseconds(999));
  ASSERT_TRUE(home->Append(MakeEntries(2, 1, 1)).ok());
  EXPECT_EQ(FloorOf(*home).last.index, LogIndex(0));
  home->clock().Advance(absl::Milliseconds(1));
  ASSERT_TRUE(home->Append(MakeEntries(3, 1, 1)).ok());
  EXPECT_EQ(FloorOf(*home).last.index, LogIndex(3));

  ASSERT_TRUE(
      home->AppendState({Term(2), ReplicaId(1), LogIndex()}, true).ok());
  EXPECT_EQ(FloorOf(*home).term, Term(2));
  EXPECT_EQ(FloorOf(*home).vote, ReplicaId(1));

  ASSERT_TRUE(home->Append(MakeEntries(4, 1, 2, 15000)).ok());
  EXPECT_EQ(FloorOf(*home).newest_segment, 2u);
  EXPECT_EQ(FloorOf(*home).last.index, LogIndex(4));

  ASSERT_TRUE(home->Append(MakeEntries(5, 1, 2)).ok());
  ASSERT_TRUE(home->log().WriteFloor().ok());
  EXPECT_EQ(FloorOf(*home).last.index, LogIndex(5));
}

TEST(FloorTest, OpeningMakesDurableWhatAKilledProcessHasWritten) {
  auto home = NewLogHome();
  home->clock().Advance(absl::Seconds(2));
  ASSERT_TRUE(home->Append(MakeEntries(1, 4, 1)).ok());
  const disk::Recording recording = home->disk().TakeRecording();
  disk::Timeline timeline(recording);
  // The last operation is the sync of the floor.
  timeline.MoveTo(recording.operations.size() - 1);
  ASSERT_TRUE(timeline.HasUnsynced());

  LogHome next(timeline.state());
  next.Reopen();

  LogHome crashed(next.disk().AfterCrash(disk::kNothingSurvives, /*seed=*/1));
  const auto floor =
      FloorFile::Open(crashed.files(), kTestFloor, OpenMode::kRead);
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_EQ(floor->state().last, (EntryId{LogIndex(4), Term(1)}));
}

TEST(FloorTest, IsLoweredBeforeTheLogGetsShorter) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 10, 3)).ok());
  ASSERT_TRUE(home->log().WriteFloor().ok());

  ASSERT_TRUE(home->Append(MakeEntries(4, 1, 3)).ok());

  EXPECT_EQ(FloorOf(*home).last, (EntryId{LogIndex(4), Term(3)}));
  EXPECT_EQ(home->Reopen().state().owed, std::nullopt);
  LogReset reset;
  reset.position = {{LogIndex(2), Term(3)}, ChainValue{2}};
  reset.hard_state = {Term(3), ReplicaId(), LogIndex(2)};
  reset.generation = 2;
  ASSERT_TRUE(home->log().Reset(reset).ok());
  EXPECT_EQ(home->Reopen().state().owed, std::nullopt);
}

TEST(FloorTest, OneDamagedSlotIsReplacedByTheOther) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 5, 1)).ok());
  ASSERT_TRUE(home->log().Flush().ok());
  for (const uint64_t page : {uint64_t{0}, uint64_t{kFloorSlotBytes}}) {
    disk::DiskImage image = home->disk().Visible();
    disk::ZeroPage(image, "FLOOR", page);
    LogHome after(image);
    after.Reopen();
    EXPECT_TRUE(after.report().floor_repaired);
    EXPECT_EQ(after.log().state().owed, std::nullopt);
    after.Reopen();
    EXPECT_FALSE(after.report().floor_repaired);
  }
}

// A program that was set back reads what the later one has left in one slot, or
// in both: the older slot must not be taken for all that there is.
TEST(FloorTest, SlotOfALaterVersionIsNamedAndKept) {
  auto home = NewLogHome();
  home->Close();
  for (const uint64_t slot : {0u, 1u}) {
    LogHome after(home->disk().Visible());
    const auto file = after.files().Open(kTestFloor, OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok()) << file.status();
    const std::string bytes = SlotOfVersion(2, slot, SomeFloor());
    ASSERT_TRUE((*file)->Write(slot * kFloorSlotBytes, bytes).ok());
    const disk::DiskImage before = after.disk().Visible();

    const absl::Status status = after.Open();

    EXPECT_TRUE(IsNewerFormat(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("FLOOR: format version 2"));
    EXPECT_EQ(after.disk().Visible(), before);
  }
}

TEST(FloorTest, MissingOrDamagedFloorIsNamed) {
  auto home = NewLogHome();
  const disk::DiskImage image = home->disk().Visible();
  disk::DiskImage missing = image;
  disk::DeleteFile(missing, "FLOOR");
  disk::DiskImage damaged = image;
  disk::FlipBit(damaged, "FLOOR", 30, 1);
  disk::FlipBit(damaged, "FLOOR", 4096 + 30, 1);
  disk::DiskImage cut = image;
  disk::CutFile(cut, "FLOOR", 10);

  for (const disk::DiskImage& bad : {missing, damaged, cut}) {
    LogHome after(bad);
    const absl::Status status = after.Open();
    EXPECT_TRUE(IsCorruption(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(std::string(kTestFloor)));
    EXPECT_EQ(after.disk().Visible(), bad);
  }
}

TEST(FloorTest, FloorOfAnotherStoreIsNoticed) {
  auto home = NewLogHome();
  FloorState foreign = SomeFloor();
  foreign.store = StoreId(4);
  ASSERT_TRUE(FloorFile::Create(home->files(), kTestFloor, foreign).ok());
  const absl::Status status = home->Open();
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("store 4"));
}

}  // namespace
}  // namespace trimaran::engine

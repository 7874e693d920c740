// Goal: what becomes of sessions follows from commands and their places alone.

#include "engine/kv/session_table.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/format/limits.h"
#include "engine/format/manifest.h"
#include "engine/format/records.h"

namespace trimaran::engine {
namespace {

using Code = absl::StatusCode;

CommandResult Answer(uint64_t index, uint64_t value = 0) {
  CommandResult result;
  result.index = LogIndex(index);
  result.value = value;
  return result;
}

SessionStamp Stamp(SessionId session, uint64_t sequence,
                   uint64_t first_unanswered = 1) {
  return {session, sequence, first_unanswered};
}

void Do(SessionTable& table, const SessionStamp& stamp, uint64_t index) {
  ASSERT_FALSE(table.Admit(stamp, LogIndex(index)).has_value());
  table.Keep(stamp, Answer(index));
}

Code RefusalOf(SessionTable& table, const SessionStamp& stamp, uint64_t index) {
  const auto answer = table.Admit(stamp, LogIndex(index));
  return answer.has_value() ? answer->status.code() : Code::kOk;
}

TEST(SessionTableTest, IdsRiseAndAreNeverGivenAgain) {
  SessionTable table;
  EXPECT_EQ(table.Open(LogIndex(1)), SessionId(1));
  EXPECT_EQ(table.Open(LogIndex(1)), SessionId(2));
  table.Close(SessionId(2));
  EXPECT_EQ(table.Open(LogIndex(2)), SessionId(3));
  EXPECT_EQ(table.size(), 2u);
}

TEST(SessionTableTest, SecondTimeGetsTheFirstAnswer) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  Do(table, Stamp(id, 1), 2);

  const auto answer = table.Admit(Stamp(id, 1), LogIndex(9));

  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->repeated);
  EXPECT_EQ(answer->index, LogIndex(2));
}

TEST(SessionTableTest, RefusalIsKeptWithoutItsText) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  ASSERT_FALSE(table.Admit(Stamp(id, 1), LogIndex(2)).has_value());
  CommandResult refusal = Answer(2);
  refusal.status = absl::NotFoundError("one wording");
  table.Keep(Stamp(id, 1), refusal);

  EXPECT_EQ(RefusalOf(table, Stamp(id, 1), 3), Code::kNotFound);
  EXPECT_EQ(table.Find(id)->answers.at(1).status.message(), "");
}

TEST(SessionTableTest, UnknownSessionHasExpired) {
  SessionTable table;
  EXPECT_EQ(RefusalOf(table, Stamp(SessionId(5), 1), 1),
            Code::kFailedPrecondition);
  EXPECT_TRUE(table.changed().empty());
}

TEST(SessionTableTest, AnswersThatTheClientHasAreForgotten) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  for (uint64_t i = 1; i <= 4; ++i) Do(table, Stamp(id, i), 1 + i);

  Do(table, Stamp(id, 5, 4), 6);

  EXPECT_EQ(table.Find(id)->answers.size(), 2u);
  EXPECT_EQ(RefusalOf(table, Stamp(id, 3), 7), Code::kFailedPrecondition);
  EXPECT_TRUE(table.Admit(Stamp(id, 4), LogIndex(8))->repeated);
}

TEST(SessionTableTest, FirstUnansweredNeverGoesBack) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  Do(table, Stamp(id, 5, 5), 2);

  EXPECT_EQ(RefusalOf(table, Stamp(id, 4, 1), 3), Code::kFailedPrecondition);
  EXPECT_EQ(table.Find(id)->first_unanswered, 5u);
}

TEST(SessionTableTest, SequencesMayComeInAnyOrder) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  Do(table, Stamp(id, 3), 2);
  Do(table, Stamp(id, 1), 3);
  Do(table, Stamp(id, 2), 4);
  EXPECT_EQ(table.Find(id)->answers.size(), 3u);
}

TEST(SessionTableTest, UnansweredCommandsAreLimited) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  for (uint64_t i = 1; i <= kSessionAnswersMax; ++i) Do(table, Stamp(id, i), 2);
  const uint64_t next = kSessionAnswersMax + 1;

  EXPECT_EQ(RefusalOf(table, Stamp(id, next), 3), Code::kResourceExhausted);
  EXPECT_TRUE(table.Admit(Stamp(id, 1), LogIndex(4))->repeated);
  Do(table, Stamp(id, next, 2), 5);
}

TEST(SessionTableTest, LongReadsAreKeptAsDropped) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  CommandResult fits = Answer(2);
  const std::string value(kSessionReadBytesMax - kReadOverheadBytes, 'x');
  fits.reads = {value};
  CommandResult too_long = Answer(3);
  too_long.reads = {value, std::nullopt};
  ASSERT_FALSE(table.Admit(Stamp(id, 1), LogIndex(2)).has_value());
  table.Keep(Stamp(id, 1), fits);
  ASSERT_FALSE(table.Admit(Stamp(id, 2), LogIndex(3)).has_value());
  table.Keep(Stamp(id, 2), too_long);

  const auto first = table.Admit(Stamp(id, 1), LogIndex(4));
  const auto second = table.Admit(Stamp(id, 2), LogIndex(4));

  EXPECT_EQ(first->reads, fits.reads);
  EXPECT_FALSE(first->reads_dropped);
  EXPECT_TRUE(second->reads.empty());
  EXPECT_TRUE(second->reads_dropped);
}

// A record that is too long for a snapshot would keep the replica from ever
// making one.
TEST(SessionTableTest, NoSessionIsTooLongForASnapshot) {
  for (const size_t value_bytes : {0u, 1u, 124u, 128u}) {
    SessionTable table;
    const SessionId id = table.Open(LogIndex(1));
    for (size_t reads = 1; reads <= kSessionReadBytesMax; reads *= 2) {
      CommandResult answer = Answer(2);
      answer.reads.assign(reads, std::string(value_bytes, 'x'));
      for (uint64_t i = 1; i <= kSessionAnswersMax; ++i) {
        const SessionStamp stamp = Stamp(id, reads * 2 * kSessionAnswersMax + i,
                                         reads * 2 * kSessionAnswersMax + 1);
        ASSERT_FALSE(table.Admit(stamp, LogIndex(2)).has_value());
        table.Keep(stamp, answer);
      }
      ASSERT_EQ(table.Find(id)->answers.size(), kSessionAnswersMax);
      EXPECT_LE(EncodeRecord(*table.Find(id)).size(), kRecordValueBytesMax)
          << reads << " reads of " << value_bytes << " bytes";
    }
  }
}

TEST(SessionTableTest, LeastRecentlyUsedMakesRoom) {
  SessionTable table;
  for (size_t i = 0; i < kSessionsMax; ++i) table.Open(LogIndex(1 + i));
  Do(table, Stamp(SessionId(1), 1), kSessionsMax + 1);

  const SessionId young = table.Open(LogIndex(kSessionsMax + 2));

  EXPECT_EQ(table.size(), kSessionsMax);
  EXPECT_NE(table.Find(SessionId(1)), nullptr);
  EXPECT_EQ(table.Find(SessionId(2)), nullptr);
  EXPECT_NE(table.Find(young), nullptr);
}

TEST(SessionTableTest, AmongSessionsOfOneEntryTheSmallestIdMakesRoom) {
  SessionTable table;
  for (size_t i = 0; i < kSessionsMax; ++i) table.Open(LogIndex(1));
  table.Open(LogIndex(1));
  EXPECT_EQ(table.Find(SessionId(1)), nullptr);
  EXPECT_NE(table.Find(SessionId(2)), nullptr);
}

TEST(SessionTableTest, WhatIsKeptCountsUntilItIsForgotten) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  const SessionId other = table.Open(LogIndex(1));
  CommandResult answer = Answer(2);
  answer.reads = {std::string(100, 'x'), std::nullopt};
  ASSERT_FALSE(table.Admit(Stamp(id, 1), LogIndex(2)).has_value());
  table.Keep(Stamp(id, 1), answer);
  const size_t with_reads = kKeptAnswerBytes + 2 * kKeptReadBytes + 100;
  EXPECT_EQ(table.kept_bytes(), with_reads);
  Do(table, Stamp(id, 2), 3);
  Do(table, Stamp(other, 1), 3);
  EXPECT_EQ(table.kept_bytes(), with_reads + 2 * kKeptAnswerBytes);

  SessionTable restored;
  restored.Restore(*table.Find(id));
  restored.Restore(*table.Find(other));
  EXPECT_EQ(restored.kept_bytes(), table.kept_bytes());

  Do(table, Stamp(id, 3, 2), 4);
  EXPECT_EQ(table.kept_bytes(), 3 * kKeptAnswerBytes);
  table.Close(id);
  EXPECT_EQ(table.kept_bytes(), kKeptAnswerBytes);
  table.Close(other);
  EXPECT_EQ(table.kept_bytes(), 0u);
}

TEST(SessionTableTest, KeepingTooMuchMakesRoomButNotOfTheOneAtWork) {
  SessionTable table;
  // What counts most for its length: reads of nothing.
  CommandResult answer = Answer(2);
  answer.reads.resize(kSessionReadBytesMax / kReadOverheadBytes);
  const size_t fit = kKeptBytesMax / KeptBytes(answer);
  constexpr uint64_t sessions = 8;
  for (uint64_t i = 0; i < sessions; ++i) table.Open(LogIndex(1));
  // All in one entry, from the last session to the first.
  const auto keep = [&](uint64_t session, uint64_t sequence, uint64_t index) {
    const SessionStamp stamp = Stamp(SessionId(session), sequence);
    ASSERT_FALSE(table.Admit(stamp, LogIndex(index)).has_value());
    table.Keep(stamp, answer);
  };
  for (size_t i = 0; i < fit; ++i) {
    keep(sessions - i % sessions, 1 + i / sessions, 2);
  }
  ASSERT_EQ(table.size(), sessions);

  keep(1, fit, 2);

  EXPECT_EQ(table.size(), sessions - 1);
  EXPECT_NE(table.Find(SessionId(1)), nullptr);
  EXPECT_EQ(table.Find(SessionId(2)), nullptr);
  EXPECT_LE(table.kept_bytes(), kKeptBytesMax);
  EXPECT_EQ(RefusalOf(table, Stamp(SessionId(2), 1), 3),
            Code::kFailedPrecondition);

  // The one at work was spared, and is not forgotten where it is its turn.
  while (table.size() == sessions - 1) keep(3, 1000 + table.kept_bytes(), 4);
  EXPECT_EQ(table.Find(SessionId(1)), nullptr);
}

TEST(SessionTableTest, RefusedCommandUsesItsSession) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  Do(table, Stamp(id, 5, 5), 2);

  RefusalOf(table, Stamp(id, 4), 9);

  EXPECT_EQ(table.Find(id)->last_used, LogIndex(9));
}

TEST(SessionTableTest, ClosedSessionsLeaveNoTraceInMemory) {
  SessionTable table;
  const SessionId keep = table.Open(LogIndex(1));
  for (uint64_t i = 0; i < 100000; ++i) table.Close(table.Open(LogIndex(2)));
  table.ForgetChanges();
  EXPECT_EQ(table.size(), 1u);
  EXPECT_NE(table.Find(keep), nullptr);
}

TEST(SessionTableTest, ChangedSessionsAreNamedOnce) {
  SessionTable table;
  const SessionId id = table.Open(LogIndex(1));
  EXPECT_EQ(table.changed(), std::vector<SessionId>{id});
  table.ForgetChanges();
  EXPECT_TRUE(table.changed().empty());
  Do(table, Stamp(id, 1), 2);
  Do(table, Stamp(id, 2), 3);
  table.Close(id);
  EXPECT_EQ(table.changed(), std::vector<SessionId>{id});
}

TEST(SessionTableTest, RestoredTableEvictsAsTheOriginal) {
  SessionTable original;
  for (size_t i = 0; i < kSessionsMax; ++i) original.Open(LogIndex(1 + i));
  for (uint64_t id = 1; id <= 100; ++id) {
    Do(original, Stamp(SessionId(id), 1), 10000 - id);
  }
  SessionTable restored;
  for (uint64_t id = 1; id <= kSessionsMax; ++id) {
    restored.Restore(*original.Find(SessionId(id)));
  }
  restored.set_last_id(original.last_id());
  EXPECT_TRUE(restored.changed().empty());
  original.ForgetChanges();

  for (size_t i = 0; i < kSessionsMax; ++i) {
    ASSERT_EQ(original.Open(LogIndex(20000 + i)),
              restored.Open(LogIndex(20000 + i)));
    ASSERT_EQ(original.changed().back(), restored.changed().back());
    ASSERT_EQ(original.changed(), restored.changed());
    original.ForgetChanges();
    restored.ForgetChanges();
  }
}

}  // namespace
}  // namespace trimaran::engine

// Goal: a command of a session is done once, however often it is sent, and
// across restarts.

#include <string>
#include <vector>

#include "engine/format/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;
using Code = absl::StatusCode;

// Takes the row away and says how many there were: done twice, it would say 0.
const WriteCommand kTake = Delete("k");

class ExactlyOnceTest : public ::testing::Test {
 protected:
  ExactlyOnceTest()
      : session_(ApplyOne(*home_, log_.Entry(OpenSessionCommand())).value) {
    ApplyOne(*home_, log_.Entry(Put("k", "v")));
  }

  KvHome home_;
  LogMaker log_;
  const SessionId session_;
};

TEST_F(ExactlyOnceTest, RetryGetsTheAnswerAndChangesNothing) {
  const CommandResult first =
      ApplyOne(*home_, log_.Entry({session_, 1, 1}, kTake));
  ApplyOne(*home_, log_.Entry(Put("k", "w")));

  const CommandResult retry =
      ApplyOne(*home_, log_.Entry({session_, 1, 1}, kTake));

  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(retry.repeated);
  EXPECT_EQ(retry.value, 1u);
  EXPECT_EQ(retry.index, first.index);
  EXPECT_EQ(ValueOf(*home_, "k"), "w");
}

TEST_F(ExactlyOnceTest, RetryInTheSameBatchAndInTheSameEntry) {
  const SessionStamp stamp{session_, 1, 1};
  const std::vector<CommandResult> results =
      ApplyAll(*home_, {log_.Entry({{stamp, kTake}, {stamp, kTake}}),
                        log_.Entry(Put("k", "w")), log_.Entry(stamp, kTake)});

  EXPECT_EQ(results[0].value, 1u);
  EXPECT_TRUE(results[1].repeated);
  EXPECT_TRUE(results[3].repeated);
  EXPECT_EQ(ValueOf(*home_, "k"), "w");
}

TEST_F(ExactlyOnceTest, RetryAfterARestart) {
  ApplyOne(*home_, log_.Entry({session_, 1, 1}, kTake));
  ApplyOne(*home_, log_.Entry(Put("k", "w")));

  home_.Reopen();
  const CommandResult retry =
      ApplyOne(*home_, log_.Entry({session_, 1, 1}, kTake));

  EXPECT_TRUE(retry.repeated);
  EXPECT_EQ(retry.value, 1u);
  EXPECT_EQ(ValueOf(*home_, "k"), "w");
}

TEST_F(ExactlyOnceTest, RefusalIsAnAnswerToo) {
  const SessionStamp stamp{session_, 1, 1};
  const WriteCommand unknown = Batch({PutOp{FamilyId(2), "k", "v"}});
  ASSERT_EQ(ApplyOne(*home_, log_.Entry(stamp, unknown)).status.code(),
            Code::kNotFound);
  ApplyOne(*home_, log_.Entry(CreateFamilyCommand{"f"}));

  home_.Reopen();
  const CommandResult retry = ApplyOne(*home_, log_.Entry(stamp, unknown));

  EXPECT_EQ(retry.status.code(), Code::kNotFound);
  EXPECT_TRUE(retry.repeated);
  EXPECT_EQ(ValueOf(*home_, "k", FamilyId(2)), "(none)");
}

TEST_F(ExactlyOnceTest, ReadsAreAnsweredAsTheyWereFirst) {
  const SessionStamp stamp{session_, 1, 1};
  ApplyOne(*home_, log_.Entry(stamp, Read("k")));
  ApplyOne(*home_, log_.Entry(Put("k", "w")));

  EXPECT_THAT(ApplyOne(*home_, log_.Entry(stamp, Read("k"))).reads,
              ElementsAre(Optional(std::string("v"))));
}

TEST_F(ExactlyOnceTest, ClosedSessionHasExpired) {
  ApplyOne(*home_, log_.Entry(CloseSessionCommand{session_}));
  ApplyOne(*home_, log_.Entry(CloseSessionCommand{session_}));

  const CommandResult result =
      ApplyOne(*home_, log_.Entry({session_, 1, 1}, kTake));

  EXPECT_EQ(result.status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(ValueOf(*home_, "k"), "v");
}

TEST_F(ExactlyOnceTest, EvictionIsTheSameAfterARestart) {
  const auto OpenSessions = [&](size_t count) {
    while (count > 0) {
      const size_t now = std::min(count, kEntryCommandsMax);
      ApplyAll(*home_, {log_.Entry(std::vector<Command>(
                           now, {std::nullopt, OpenSessionCommand()}))});
      count -= now;
    }
  };
  OpenSessions(kSessionsMax - 1);
  // The oldest but one is used again, and survives.
  ApplyOne(*home_, log_.Entry({SessionId(2), 1, 1}, Read("k")));

  home_.Reopen();
  OpenSessions(2);

  const auto StatusOf = [&](uint64_t id) {
    return ApplyOne(*home_, log_.Entry({SessionId(id), 9, 1}, Read("k")))
        .status.code();
  };
  EXPECT_EQ(StatusOf(1), Code::kFailedPrecondition);
  EXPECT_EQ(StatusOf(2), Code::kOk);
  EXPECT_EQ(StatusOf(3), Code::kFailedPrecondition);
  EXPECT_EQ(StatusOf(4), Code::kOk);
}

}  // namespace
}  // namespace trimaran::engine

// Goal: a session numbers writes so that the group can tell which answers it
// may forget, and never has to forget one that is still awaited.

#include "replication/node/client_session.h"

#include "engine/format/limits.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

using engine::SessionId;

ClientSession Opened(uint64_t id) {
  ClientSession session;
  session.BeginOpening();
  session.Opened(SessionId(id));
  return session;
}

TEST(ClientSessionTest, FirstUnansweredFollowsTheAnswersInOrder) {
  ClientSession session = Opened(7);
  for (uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(session.NextSequence(), i);
  session.Answered(SessionId(7), 2);
  EXPECT_EQ(session.StampOf(3).first_unanswered, 1U);
  session.Answered(SessionId(7), 1);
  EXPECT_EQ(session.StampOf(3).first_unanswered, 3U);
  EXPECT_EQ(session.StampOf(3).session, SessionId(7));
}

TEST(ClientSessionTest, HasRoomForAsManyAnswersAsTheGroupKeeps) {
  ClientSession session = Opened(7);
  while (session.has_room()) session.NextSequence();
  EXPECT_EQ(session.StampOf(engine::kSessionAnswersMax).first_unanswered, 1U);
  session.Answered(SessionId(7), 2);
  EXPECT_FALSE(session.has_room());
  session.Answered(SessionId(7), 1);
  EXPECT_EQ(session.NextSequence(), engine::kSessionAnswersMax + 1);
  EXPECT_EQ(session.NextSequence(), engine::kSessionAnswersMax + 2);
  EXPECT_FALSE(session.has_room());
}

TEST(ClientSessionTest, AnswersOfAnEarlierSessionChangeNothing) {
  ClientSession session = Opened(7);
  session.NextSequence();
  session.Lost();
  session.BeginOpening();
  session.Opened(SessionId(8));
  session.NextSequence();
  session.Answered(SessionId(7), 1);
  EXPECT_EQ(session.StampOf(1).first_unanswered, 1U);
}

}  // namespace
}  // namespace trimaran

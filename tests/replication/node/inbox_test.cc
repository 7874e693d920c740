// Goal: what peers send takes bounded room, whoever is slow to look at it.

#include "replication/node/inbox.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

PeerMessage MessageOf(size_t bytes) {
  return {ReplicaId(2), ReplicaId(1),
          MsgForward{.request = 1, .entry = Payload(std::string(bytes, 'e'))}};
}

TEST(InboxTest, SaysOnceThatThereIsMail) {
  Inbox inbox(10, 1000);
  EXPECT_TRUE(inbox.Put(MessageOf(1)));
  EXPECT_FALSE(inbox.Put(MessageOf(1)));
  EXPECT_FALSE(inbox.PutUnreachable(ReplicaId(3)));
  const Inbox::Mail mail = inbox.TakeAll();
  EXPECT_EQ(mail.messages.size(), 2u);
  EXPECT_EQ(mail.unreachable.size(), 1u);
  EXPECT_TRUE(inbox.PutUnreachable(ReplicaId(3)));
}

TEST(InboxTest, NobodyIsWokenForASignOfLife) {
  Inbox inbox(10, 1000);
  inbox.PutAlive(ReplicaId(2), Passage::kFromPeer);
  inbox.PutAlive(ReplicaId(2), Passage::kFromPeer);
  EXPECT_TRUE(inbox.Put(MessageOf(1)));
  EXPECT_THAT(inbox.TakeAll().alive,
              ElementsAre(Pair(ReplicaId(2), Passage::kFromPeer)));
  EXPECT_THAT(inbox.TakeAll().alive, IsEmpty());
}

TEST(InboxTest, DropsWhatIsTooMuchInNumber) {
  Inbox inbox(2, 1000);
  for (int i = 0; i < 5; ++i) (void)inbox.Put(MessageOf(1));
  const Inbox::Mail mail = inbox.TakeAll();
  EXPECT_EQ(mail.messages.size(), 2u);
  EXPECT_EQ(mail.dropped, 3u);
  EXPECT_TRUE(inbox.Put(MessageOf(1)));
}

TEST(InboxTest, DropsWhatIsTooMuchInBytes) {
  Inbox inbox(100, 1000);
  // One of any size fits.
  EXPECT_TRUE(inbox.Put(MessageOf(5000)));
  EXPECT_FALSE(inbox.Put(MessageOf(1)));
  EXPECT_EQ(inbox.TakeAll().dropped, 1u);
  EXPECT_TRUE(inbox.Put(MessageOf(600)));
  (void)inbox.Put(MessageOf(400));
  (void)inbox.Put(MessageOf(1));
  const Inbox::Mail mail = inbox.TakeAll();
  EXPECT_EQ(mail.messages.size(), 2u);
  EXPECT_EQ(mail.dropped, 1u);
}

}  // namespace
}  // namespace trimaran

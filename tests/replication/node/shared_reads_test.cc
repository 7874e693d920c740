// Goal: reads that come together cost what one of them costs.

#include <algorithm>
#include <array>
#include <memory>

#include "gtest/gtest.h"
#include "tests/replication/node/stepped_group.h"

namespace trimaran {
namespace {

TEST(SharedReadsTest, ReadsThatComeTogetherShareOneRound) {
  std::array<disk::SimDisk, 3> disks = {
      disk::SimDisk("/1"), disk::SimDisk("/2"), disk::SimDisk("/3")};
  SteppedGroup group(3);
  for (uint64_t id = 1; id <= 3; ++id) {
    ASSERT_TRUE(group.Found(id, disks[id - 1]).ok());
    ASSERT_TRUE(group.Start(id, disks[id - 1]).ok());
  }
  ASSERT_TRUE(group.Put(2, "row", 0, 1).ok());
  ASSERT_TRUE(group.Pass(1).ok());
  // The last one that anybody was asked for.
  raft::ReadRound asked;
  group.transport().SetJudge([&asked](const PeerMessage& message) {
    const auto* said = std::get_if<raft::Message>(&message.body);
    const auto* beat =
        said == nullptr ? nullptr : said->As<raft::MsgHeartbeat>();
    if (beat != nullptr) asked = std::max(asked, beat->round);
    return FaultyTransport::Fate::kArrives;
  });
  ASSERT_TRUE(group.Pass(20).ok());
  const raft::ReadRound before = asked;
  constexpr int reads = 10;
  int answers = 0;
  for (int i = 0; i < reads; ++i) {
    group.at(2).node->Submit(std::make_shared<PendingRead>(
        ReadDemand(), MonotonicTime(), MonotonicTime::Infinite(),
        [&answers](const absl::StatusOr<LogIndex>& index) {
          EXPECT_TRUE(index.ok()) << index.status();
          ++answers;
        }));
  }
  ASSERT_TRUE(
      group.RunUntil("the reads", [&] { return answers == reads; }).ok());
  EXPECT_EQ(asked.value(), before.value() + 1);
}

}  // namespace
}  // namespace trimaran

// Goal: a replica that was held up by its own disk does not break what it has
// promised to the leader that was elected meanwhile.

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/replication/node/stepped_group.h"

namespace trimaran {
namespace {

// A leader counts the ticks that it missed, for its lease runs out meanwhile.
// It hears only then that it leads no more, and from whom: of this leader it
// has missed nothing.
TEST(LeaseTest, DeposedLeaderCountsNoMissedTicksAgainstItsSuccessor) {
  std::vector<std::unique_ptr<disk::SimDisk>> disks;
  SteppedGroup group(3);
  group.SetLeaseReads();
  for (const char* root : {"/sim1", "/sim2", "/sim3"}) {
    disks.push_back(std::make_unique<disk::SimDisk>(root));
    const uint64_t id = disks.size();
    ASSERT_TRUE(group.Found(id, *disks.back()).ok());
    ASSERT_TRUE(group.Start(id, *disks.back()).ok());
  }
  ASSERT_TRUE(group.Put(2, "row", 1, 1).ok());
  // Until nothing but ticks is due: what else is would look for mail first.
  ASSERT_TRUE(group.Pass(5).ok());
  Node& deposed = *group.at(2).node;
  const Term term = deposed.status()->raft.term;
  ASSERT_EQ(deposed.status()->raft.leader, ReplicaId(2));
  group.transport().Cut(ReplicaId(2));

  const GroupId name = group.at(2).engine->identity().group;
  group.Stall(40, [&deposed, term, name] {
    const raft::Message heartbeat{.group = name,
                                  .from = ReplicaId(1),
                                  .to = ReplicaId(2),
                                  .term = term + 1,
                                  .body = raft::MsgHeartbeat{}};
    deposed.Deliver({ReplicaId(1), ReplicaId(2), heartbeat, StoreId(101)});
  });

  EXPECT_EQ(deposed.status()->raft.role, raft::Role::kFollower);
  EXPECT_EQ(deposed.status()->raft.leader, ReplicaId(1));
  EXPECT_EQ(deposed.status()->raft.term, term + 1);
}

}  // namespace
}  // namespace trimaran

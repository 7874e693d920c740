// Goal: what TinyKV's project 2B asks of a replicated store, on five real
// nodes: clients that put and scan keys of their own find all that they were
// told is there, in order and once, whatever the network and restarts do.
// Method: each client writes x 0 y, x 1 y, ... under one key range and compares
// a scan of it with what was acknowledged.

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

std::string KeyOf(uint64_t client, uint64_t number) {
  return absl::StrFormat("%02d-%08d", client, number);
}

// What the network does to messages: some are lost, doubled, or fall behind the
// next one; none passes between the two sides of a division.
class Faults {
 public:
  explicit Faults(uint64_t seed) : random_(seed) {}

  void SetUnreliable(bool unreliable) {
    const MutexLock lock(mutex_);
    unreliable_ = unreliable;
  }
  void Divide(const std::set<ReplicaId>& one_side) {
    const MutexLock lock(mutex_);
    one_side_ = one_side;
  }
  void Heal() { Divide({}); }

  FaultyTransport::Fate Judge(const PeerMessage& message) {
    const MutexLock lock(mutex_);
    using Fate = FaultyTransport::Fate;
    if (one_side_.contains(message.from) != one_side_.contains(message.to)) {
      return Fate::kIsLost;
    }
    if (!unreliable_) return Fate::kArrives;
    if (random_.OneIn(10)) return Fate::kIsLost;
    if (random_.OneIn(20)) return Fate::kArrivesTwice;
    return random_.OneIn(5) ? Fate::kIsHeldBack : Fate::kArrives;
  }

 private:
  Mutex mutex_;
  SeededRandom random_ ABSL_GUARDED_BY(mutex_);
  bool unreliable_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<ReplicaId> one_side_ ABSL_GUARDED_BY(mutex_);
};

struct Mix {
  uint64_t clients = 1;
  bool unreliable = false;
  bool partitions = false;
  bool restarts = false;
  uint64_t seed = 1;
};

class RaftstoreTest : public testing::Test {
 protected:
  static constexpr uint64_t kReplicas = 5;
  static constexpr int kRounds = 2;
  static constexpr uint64_t kPutsPerRound = 40;

  void Run(const Mix& mix) {
    Faults faults(mix.seed);
    ThreadedCluster cluster(kReplicas);
    cluster.transport().SetJudge([&faults](const PeerMessage& message) {
      return faults.Judge(message);
    });
    SeededRandom random(mix.seed);
    std::vector<uint64_t> written(mix.clients, 0);
    for (int round = 0; round < kRounds; ++round) {
      faults.SetUnreliable(mix.unreliable);
      RunClients(cluster, faults, mix, random, written);
      faults.Heal();
      faults.SetUnreliable(false);
      if (mix.restarts) RestartAll(cluster);
      for (uint64_t client = 0; client < mix.clients; ++client) {
        for (uint64_t at = 1; at <= kReplicas; ++at) {
          ExpectAll(cluster.at(at), client, written[client]);
        }
      }
    }
  }

 private:
  void RestartAll(ThreadedCluster& cluster) {
    for (uint64_t id = 1; id <= kReplicas; ++id) cluster.Stop(id);
    for (uint64_t id = 1; id <= kReplicas; ++id) cluster.Start(id);
  }

  void RunClients(ThreadedCluster& cluster, Faults& faults, const Mix& mix,
                  SeededRandom& random, std::vector<uint64_t>& written) {
    std::atomic<uint64_t> running = mix.clients;
    std::vector<std::thread> clients;
    for (uint64_t client = 0; client < mix.clients; ++client) {
      clients.emplace_back([&, client] {
        uint64_t& next = written[client];
        for (const uint64_t end = next + kPutsPerRound; next < end; ++next) {
          ThreadedReplica& replica =
              cluster.at((client + next) % kReplicas + 1);
          const auto put = replica.Put(KeyOf(client, next), "v", kPatience);
          ASSERT_TRUE(put.ok()) << put.status();
        }
        --running;
      });
    }
    if (mix.partitions) {
      // A division that lasts a little longer than an election takes.
      EventLoop timer(clock_);
      while (running > 0) {
        std::set<ReplicaId> side;
        for (uint64_t id = 1; id <= kReplicas; ++id) {
          if (random.OneIn(2)) side.insert(ReplicaId(id));
        }
        faults.Divide(side);
        Pause(timer, absl::Milliseconds(200 + random.Uniform(200)));
        faults.Heal();
        Pause(timer, absl::Milliseconds(300));
      }
    }
    for (std::thread& client : clients) client.join();
  }

  void Pause(EventLoop& timer, absl::Duration duration) {
    Later<bool> over;
    timer.PostAt(clock_.Now() + duration, [&over] { over.Set(true); });
    over.Wait();
  }

  void ExpectAll(ThreadedReplica& replica, uint64_t client, uint64_t count) {
    // Linearizable: after it, a view here has everything.
    ASSERT_TRUE(replica.Get("any", {}, kPatience).ok());
    auto view = replica.engine().machine().NewView();
    ASSERT_TRUE(view.ok()) << view.status();
    auto rows = (*view)->NewIterator(
        engine::kDefaultFamily,
        {.begin = KeyOf(client, 0), .end = KeyOf(client + 1, 0)});
    ASSERT_TRUE(rows.ok()) << rows.status();
    uint64_t number = 0;
    for ((*rows)->SeekToFirst(); (*rows)->valid(); (*rows)->Next()) {
      ASSERT_EQ((*rows)->key(), KeyOf(client, number++));
    }
    EXPECT_TRUE((*rows)->status().ok());
    EXPECT_EQ(number, count);
  }

  MonotonicClock clock_;
};

// Covers: E5, E8
TEST_F(RaftstoreTest, TestBasic2B) { Run({.clients = 1}); }
// Covers: E9
TEST_F(RaftstoreTest, TestConcurrent2B) { Run({.clients = 5}); }
// Covers: E10
TEST_F(RaftstoreTest, TestUnreliable2B) {
  Run({.clients = 5, .unreliable = true});
}
// Covers: E11
TEST_F(RaftstoreTest, TestManyPartitionsOneClient2B) {
  Run({.clients = 1, .partitions = true});
}
TEST_F(RaftstoreTest, TestManyPartitionsManyClients2B) {
  Run({.clients = 5, .partitions = true});
}
// Covers: E12
TEST_F(RaftstoreTest, TestPersistOneClient2B) {
  Run({.clients = 1, .restarts = true});
}
TEST_F(RaftstoreTest, TestPersistConcurrent2B) {
  Run({.clients = 5, .restarts = true});
}
// Covers: E13
TEST_F(RaftstoreTest, TestPersistConcurrentUnreliable2B) {
  Run({.clients = 5, .unreliable = true, .restarts = true});
}
TEST_F(RaftstoreTest, TestPersistPartition2B) {
  Run({.clients = 5, .partitions = true, .restarts = true});
}
TEST_F(RaftstoreTest, TestPersistPartitionUnreliable2B) {
  Run({.clients = 5,
       .unreliable = true,
       .partitions = true,
       .restarts = true,
       .seed = 2});
}

// Covers: E6, E7
TEST_F(RaftstoreTest, TestOnePartition2B) {
  Faults faults(1);
  ThreadedCluster cluster(kReplicas);
  cluster.transport().SetJudge(
      [&faults](const PeerMessage& message) { return faults.Judge(message); });
  const uint64_t leader = cluster.Leader(1);
  ASSERT_NE(leader, 0U);
  const uint64_t with_it = leader % kReplicas + 1;
  const uint64_t apart = with_it % kReplicas + 1;
  ASSERT_TRUE(cluster.at(leader).Put("k1", "v1", kPatience).ok());

  // The leader and one more are cut off: the others go on without them.
  faults.Divide({ReplicaId(leader), ReplicaId(with_it)});
  EXPECT_EQ(cluster.at(apart).Get("k1", {}, kPatience).value(), "v1");
  ASSERT_TRUE(cluster.at(apart).Put("k1", "changed", kPatience).ok());
  const auto refused =
      cluster.at(leader).Put("k2", "v2", absl::Milliseconds(300));
  EXPECT_FALSE(refused.ok());
  EXPECT_NE(OutcomeOf(refused.status()), WriteOutcome::kApplied);
  EXPECT_FALSE(cluster.at(leader).Get("k1", {}, absl::Milliseconds(300)).ok())
      << "a minority must not answer";
  std::string old;
  ASSERT_TRUE(cluster.at(with_it)
                  .engine()
                  .machine()
                  .Get(engine::kDefaultFamily, "k1", old)
                  .ok());
  EXPECT_EQ(old, "v1");

  faults.Heal();
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    EXPECT_EQ(cluster.at(id).Get("k1", {}, kPatience).value(), "changed");
  }
}

}  // namespace
}  // namespace trimaran

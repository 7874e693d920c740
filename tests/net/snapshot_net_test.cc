// Goal: a replica gets all data over a slow link that is cut again and again,
// without getting it twice, and nobody else notices: neither those who write,
// nor the memory of either side. TRIMARAN_NET_SNAPSHOT_MB says how much.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/support/node/blocking.h"
#include "tests/support/sanitized.h"

namespace trimaran::net {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kRowBytes = uint64_t{16} << 10;
constexpr uint64_t kNewcomer = 4;
constexpr uint64_t kGrowthMaxKib = uint64_t{64} << 10;
// How long the link would need without cuts.
constexpr uint64_t kTransferSeconds = 20;

uint64_t SnapshotBytes() {
  const char* text = std::getenv("TRIMARAN_NET_SNAPSHOT_MB");
  uint64_t mib = 96;
  if (text != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(text, &mib));
  }
  return mib * kMiB;
}

class SnapshotNetTest : public ClusterFixture {
 protected:
  void SetUp() override {
    Make({.settings = {.timeout_ms = 20000,
                       .log_segment_bytes = kMiB,
                       .log_bytes_max = 8 * kMiB,
                       .log_writes_max = 1000,
                       .checkpoint_bytes = 32 * kMiB}});
    const auto filled = cluster().AskLeader(
        "fill",
        {"f", absl::StrCat(bytes_ / kRowBytes), absl::StrCat(kRowBytes)},
        absl::Minutes(8));
    ASSERT_TRUE(filled.ok()) << filled.ToString();
    // What is new to nobody else is in no log any more.
    const auto compacted = cluster().AskLeader("compact", {}, absl::Minutes(2));
    ASSERT_TRUE(compacted.ok()) << compacted.ToString();
    ASSERT_TRUE(cluster().Prepare(kNewcomer).ok());
    LinkRules slow{.bytes_per_second = bytes_ / kTransferSeconds};
    for (uint64_t id = 1; id < kNewcomer; ++id) {
      cluster().proxy().SetRules(id, kNewcomer, slow);
    }
  }

  // That have arrived at the newcomer.
  uint64_t Arrived() {
    uint64_t bytes = 0;
    for (uint64_t id = 1; id < kNewcomer; ++id) {
      bytes += cluster().proxy().counts(id, kNewcomer).bytes;
    }
    return bytes;
  }
  // What clients write, as it goes to a replica that needs nothing else.
  uint64_t Replicated() {
    return cluster().proxy().counts(leader_, leader_ % 3 + 1).bytes;
  }
  void AwaitArrived(uint64_t percent) {
    EXPECT_TRUE(Eventually(
        [&] {
          Sample();
          return Arrived() >= bytes_ / 100 * percent;
        },
        absl::Seconds(5 * kTransferSeconds)))
        << Arrived() << " of " << bytes_;
  }

  uint64_t ResidentOf(uint64_t id) {
    return Call(id, "memory").answer.Number("resident");
  }
  void Sample() {
    leader_most_ = std::max(leader_most_, ResidentOf(leader_));
    newcomer_most_ = std::max(newcomer_most_, ResidentOf(kNewcomer));
    Rest(absl::Milliseconds(100));
  }

  // All connections between the two, once or for a while.
  void Drop() {
    for (uint64_t id = 1; id < kNewcomer; ++id) {
      cluster().proxy().Drop(id, kNewcomer);
      cluster().proxy().Drop(kNewcomer, id);
    }
  }
  void CutFor(absl::Duration time) {
    const LinkRules rules = cluster().proxy().rules(leader_, kNewcomer);
    LinkRules cut = rules;
    cut.cut = true;
    cluster().proxy().SetRules(leader_, kNewcomer, cut);
    cluster().proxy().SetRules(kNewcomer, leader_, {.cut = true});
    Rest(time);
    Drop();
    cluster().proxy().SetRules(leader_, kNewcomer, rules);
    cluster().proxy().SetRules(kNewcomer, leader_, {});
  }

  bool HasCaughtUp() {
    const Answer status = cluster().StatusOf(kNewcomer);
    const Answer leader = cluster().StatusOf(leader_);
    return status.Number("applied") > 0 && leader.ok &&
           status.Number("applied") + 1000 >= leader.Number("commit") &&
           leader.Number(absl::StrCat("snapshot.", kNewcomer)) == 0;
  }

  const uint64_t bytes_ = SnapshotBytes();
  uint64_t leader_ = 0;
  uint64_t leader_most_ = 0;
  uint64_t newcomer_most_ = 0;
};

TEST_F(SnapshotNetTest, TransferIsResumedAfterCutsAndARestart) {
  leader_ = cluster().AwaitLeader();
  const uint64_t term = cluster().StatusOf(leader_).Number("term");
  StartClients(3);
  Rest(absl::Seconds(1));
  clients().RestartGap();
  const uint64_t leader_before = ResidentOf(leader_);
  const uint64_t replicated_before = Replicated();
  ASSERT_TRUE(cluster().Start(kNewcomer).ok());
  const uint64_t newcomer_before = ResidentOf(kNewcomer);
  const auto added =
      Call(leader_, "add-learner",
           {absl::StrCat(kNewcomer), cluster().AddressOf(kNewcomer)});
  ASSERT_TRUE(added.ok()) << added.ToString();

  AwaitArrived(20);
  CutFor(absl::Seconds(2));
  AwaitArrived(40);
  Drop();
  AwaitArrived(55);
  cluster().Kill(kNewcomer);
  Rest(absl::Milliseconds(300));
  ASSERT_TRUE(cluster().Start(kNewcomer).ok());
  AwaitArrived(75);
  cluster().proxy().DropAfter(leader_, kNewcomer, 1000);
  EXPECT_TRUE(Eventually(
      [&] {
        Sample();
        return HasCaughtUp();
      },
      absl::Seconds(5 * kTransferSeconds)))
      << cluster().StatusOf(kNewcomer).ToString() << "\n"
      << cluster().StatusOf(leader_).ToString();

  // The newcomer gets that, too, besides the snapshot.
  const uint64_t written = Replicated() - replicated_before;
  std::printf(
      "%llu - %llu of %llu bytes; memory %llu + %llu and %llu + %llu KiB\n",
      static_cast<unsigned long long>(Arrived()),
      static_cast<unsigned long long>(written),
      static_cast<unsigned long long>(bytes_),
      static_cast<unsigned long long>(leader_before),
      static_cast<unsigned long long>(leader_most_ - leader_before),
      static_cast<unsigned long long>(newcomer_before),
      static_cast<unsigned long long>(newcomer_most_ - newcomer_before));
  if (!kSanitized) {
    // What is under way when a link is cut is lost, and of that a receiver has
    // more whom a sanitizer makes ten times as slow.
    EXPECT_LT(Arrived(), written + bytes_ / 10 * 11);
    EXPECT_LT(leader_most_, leader_before + kGrowthMaxKib);
    EXPECT_LT(newcomer_most_, newcomer_before + kGrowthMaxKib);
  }
  // Heartbeats came in time all the while, and so did answers.
  EXPECT_EQ(cluster().StatusOf(leader_).Number("term"), term);
  EXPECT_LT(clients().longest_gap(), absl::Seconds(2));
  EXPECT_EQ(cluster().StatusOf(kNewcomer).Number("snapshots_installed"), 1u);
  ExpectTrueAt({1, 2, 3, 4});
}

}  // namespace
}  // namespace trimaran::net

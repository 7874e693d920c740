// Goal: a replica gets all data though the one that sends it is killed in the
// middle of that, and starts again. Where it leads again it goes on with what
// it was sending; where another one leads meanwhile, that one sends its own.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/net/tcp_proxy.h"
#include "tests/support/node/blocking.h"
#include "tests/support/sanitized.h"

namespace trimaran::net {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kRowBytes = uint64_t{16} << 10;
constexpr uint64_t kBytes = 12 * kMiB;
// How long the link would need for them.
constexpr uint64_t kTransferSeconds = 3;
// How much of them the newcomer has when the sender is killed.
constexpr uint64_t kPercent = 60;
constexpr absl::Duration kPatience = absl::Seconds(60);

class SenderRestartTest : public ClusterFixture {
 protected:
  // A group of `founders` with data that is in no log, and a newcomer behind
  // slow links that has some of it when this returns.
  // The log holds `writes` at most, and all that comes meanwhile if that is
  // many.
  void BeginTransfer(uint64_t founders, uint64_t writes = 1'000'000) {
    newcomer_ = founders + 1;
    Make({.replicas = founders,
          .settings = {.timeout_ms = 10000,
                       .log_segment_bytes = kMiB,
                       .log_bytes_max = 64 * kMiB,
                       .log_writes_max = writes,
                       .checkpoint_bytes = 32 * kMiB}});
    const auto filled = cluster().AskLeader(
        "fill",
        {"f", absl::StrCat(kBytes / kRowBytes), absl::StrCat(kRowBytes)},
        kPatience);
    ASSERT_TRUE(filled.ok()) << filled.ToString();
    const auto compacted = cluster().AskLeader("compact", {}, kPatience);
    ASSERT_TRUE(compacted.ok()) << compacted.ToString();
    ASSERT_TRUE(cluster().Prepare(newcomer_).ok());
    for (uint64_t id = 1; id <= founders; ++id) {
      cluster().proxy().SetRules(
          id, newcomer_, {.bytes_per_second = kBytes / kTransferSeconds});
    }
    StartClients(founders);
    ASSERT_TRUE(cluster().Start(newcomer_).ok());
    sender_ = cluster().AwaitLeader();
    const auto added =
        Call(sender_, "add-learner",
             {absl::StrCat(newcomer_), cluster().AddressOf(newcomer_)});
    ASSERT_TRUE(added.ok()) << added.ToString();
    EXPECT_TRUE(Eventually([&] { return Arrived() >= kBytes / 100 * kPercent; },
                           kPatience))
        << Arrived() << " of " << kBytes;
  }

  // At the newcomer.
  uint64_t Arrived() {
    uint64_t bytes = 0;
    for (uint64_t id = 1; id < newcomer_; ++id) {
      bytes += cluster().proxy().counts(id, newcomer_).bytes;
    }
    return bytes;
  }

  bool HasCaughtUp() {
    const Answer leader = cluster().StatusOf(cluster().AwaitLeader());
    const Answer newcomer = cluster().StatusOf(newcomer_);
    return leader.ok && newcomer.Number("snapshots_installed") > 0 &&
           leader.Number(absl::StrCat("snapshot.", newcomer_)) == 0;
  }
  // Everybody has everything, and `bytes` have come to the newcomer at most.
  void ExpectAllAt(const std::vector<uint64_t>& replicas, uint64_t bytes) {
    EXPECT_TRUE(Eventually([this] { return HasCaughtUp(); }, kPatience))
        << cluster().StatusOf(newcomer_).ToString() << "\n"
        << cluster().StatusOf(cluster().AwaitLeader()).ToString();
    std::printf("%llu of %llu bytes\n",
                static_cast<unsigned long long>(Arrived()),
                static_cast<unsigned long long>(kBytes));
    // A receiver that a sanitizer makes ten times as slow has more that is not
    // stored yet, and is lost.
    if (!kSanitized) {
      EXPECT_LT(Arrived(), bytes);
    }
    ExpectTrueAt(replicas);
  }

  uint64_t newcomer_ = 0;
  uint64_t sender_ = 0;
};

TEST_F(SenderRestartTest, OneThatLeadsAgainGoesOnWithWhatItWasSending) {
  ASSERT_NO_FATAL_FAILURE(BeginTransfer(1));
  cluster().Kill(sender_);
  // The newcomer had not got all of it.
  EXPECT_EQ(cluster().StatusOf(newcomer_).Number("snapshots_installed"), 0u);
  ASSERT_TRUE(cluster().Start(sender_).ok());
  // Two chunks of a mebibyte may have come in vain, and what clients write
  // comes besides. Anew it would be 160 of a hundred at least.
  ExpectAllAt({1, 2}, kBytes / 100 * 140);
  EXPECT_EQ(cluster().StatusOf(sender_).Number("snapshots_produced"), 0u);
}

// Who cannot answer at once finds the log as it was.
TEST_F(SenderRestartTest, OneThatLeadsAgainKeepsTheLogForAWhile) {
  ASSERT_NO_FATAL_FAILURE(BeginTransfer(1, 200));
  cluster().Kill(sender_);
  TcpProxy& proxy = cluster().proxy();
  const LinkRules slow{.bytes_per_second = kBytes / kTransferSeconds};
  proxy.SetRules(sender_, newcomer_, {.cut = true});
  proxy.SetRules(newcomer_, sender_, {.cut = true});
  ASSERT_TRUE(cluster().Start(sender_).ok());
  const uint64_t before =
      cluster().StatusOf(cluster().AwaitLeader()).Number("applied");
  // Three times what the log may hold otherwise.
  EXPECT_TRUE(Eventually([&] {
    return cluster().StatusOf(sender_).Number("applied") > before + 600;
  })) << cluster().StatusOf(sender_).ToString();
  proxy.SetRules(sender_, newcomer_, slow);
  proxy.SetRules(newcomer_, sender_, {});

  ExpectAllAt({1, 2}, kBytes / 100 * 140);
  // What is sanitized may take longer than the log is kept for.
  if (!kSanitized) {
    EXPECT_EQ(cluster().StatusOf(sender_).Number("snapshots_produced"), 0u);
  }
}

TEST_F(SenderRestartTest, WhereAnotherLeadsMeanwhileThatOneSendsItsOwn) {
  ASSERT_NO_FATAL_FAILURE(BeginTransfer(3));
  cluster().Kill(sender_);
  EXPECT_EQ(cluster().StatusOf(newcomer_).Number("snapshots_installed"), 0u);
  ASSERT_TRUE(cluster().Start(sender_).ok());
  ExpectAllAt({1, 2, 3, 4}, kBytes / 100 * 210);
}

}  // namespace
}  // namespace trimaran::net

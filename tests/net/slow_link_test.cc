// Goal: a write that a link takes several election timeouts to carry arrives,
// and costs nobody the leader, though heartbeats stand behind it.

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/support/sanitized.h"

namespace trimaran::net {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kBytes = 4 * kMiB;
// A replica under TSan needs half a second for such a write by itself.
constexpr uint64_t kSlowness = kThreadSanitized ? 8 : 1;
constexpr uint64_t kElectionMs = 500 * kSlowness;
// Of both links together it is four seconds of a leader, eight of its election
// timeouts.
constexpr uint64_t kBytesPerSecond = 2 * kMiB / kSlowness;

class SlowLinkTest : public ClusterFixture {
 protected:
  void SetUp() override {
    Make({.settings = {.election_ms = kElectionMs,
                       .timeout_ms = 120'000,
                       .log_segment_bytes = 8 * kMiB,
                       .log_bytes_max = 64 * kMiB}});
    AwaitBound();
    leader_ = cluster().AwaitLeader();
    term_ = cluster().StatusOf(leader_).Number("term");
    for (uint64_t from = 1; from <= 3; ++from) {
      for (uint64_t to = 1; to <= 3; ++to) {
        if (from == to) continue;
        cluster().proxy().SetRules(from, to,
                                   {.bytes_per_second = kBytesPerSecond});
      }
    }
  }

  // One row, and nobody else leads afterwards.
  void Write(uint64_t id) {
    const auto written = Call(id, "fill", {"large", "1", absl::StrCat(kBytes)},
                              absl::Minutes(2));
    EXPECT_TRUE(written.ok()) << written.ToString();
    const Answer status = cluster().StatusOf(leader_);
    EXPECT_EQ(status.Number("term"), term_) << status.ToString();
    EXPECT_EQ(status.Number("leader"), leader_) << status.ToString();
  }

  uint64_t leader_ = 0;
  uint64_t term_ = 0;
};

TEST_F(SlowLinkTest, LargeWriteCostsNobodyTheLeader) { Write(leader_); }

// It passes a slow link twice.
TEST_F(SlowLinkTest, NeitherDoesOneThatAFollowerPassesOn) { Write(Follower()); }

}  // namespace
}  // namespace trimaran::net

#include "tools/serve/health.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::serve {
namespace {

using ::testing::HasSubstr;

ReplicaStatus Well() {
  ReplicaStatus status;
  status.age = absl::Milliseconds(100);
  status.leader = 2;
  return status;
}

TEST(HealthTest, WhoWorksAndKnowsTheLeaderIsWell) {
  EXPECT_EQ(WhyUnhealthy(Well()), "");
}

TEST(HealthTest, EachTroubleHasItsName) {
  ReplicaStatus status = Well();
  status.leader = 0;
  EXPECT_EQ(WhyUnhealthy(status), "no leader is known");
  ConnectionStatus& connection = status.network.connections.emplace_back();
  connection.peer = 3;
  connection.error = "it has been removed";
  EXPECT_EQ(WhyUnhealthy(status), "no leader is known");
  connection.refused = true;
  EXPECT_THAT(WhyUnhealthy(status), HasSubstr("no leader"));
  EXPECT_THAT(WhyUnhealthy(status),
              HasSubstr("replica 3: it has been removed"));
  status = Well();
  status.refused_by = 3;
  EXPECT_THAT(WhyUnhealthy(status), HasSubstr("member 3"));
  status = Well();
  status.missing_up_to = LogPlace{7, 1};
  EXPECT_THAT(WhyUnhealthy(status), HasSubstr("up to 7 are missing"));
  status = Well();
  status.refuses_writes = true;
  EXPECT_THAT(WhyUnhealthy(status), HasSubstr("too little space"));
  status = Well();
  status.failure = absl::DataLossError("broken");
  EXPECT_THAT(WhyUnhealthy(status), HasSubstr("broken"));
}

// A disk that hangs does not fail: what was last said goes on to be read.
TEST(HealthTest, WhoHasBeenSilentIsNotWell) {
  ReplicaStatus status = Well();
  status.age = absl::Seconds(4);
  EXPECT_EQ(WhyUnhealthy(status), "");
  status.age = absl::Seconds(60);
  EXPECT_THAT(WhyUnhealthy(status), HasSubstr("for 60 s"));
}

}  // namespace
}  // namespace trimaran::serve

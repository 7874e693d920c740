// Goal: a replica in a process of its own, killed at any moment, has kept what
// it said; and the harness, which the other tests rely on, sees it.

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/net/history_clients.h"
#include "tests/net/net_cluster.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Seconds(20);

class SingleReplicaTest : public testing::Test {
 protected:
  SingleReplicaTest() {
    auto cluster = NetCluster::Make({.replicas = 1});
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    EXPECT_TRUE(cluster_->StartAll().ok());
  }

  ReplicaProcess::Result Call(const std::string& operation,
                              const std::vector<std::string>& arguments = {}) {
    return cluster_->Find(1)->Call(operation, arguments, kPatience);
  }

  std::unique_ptr<NetCluster> cluster_;
};

TEST_F(SingleReplicaTest, EveryCallOfTheLineProtocolIsAnswered) {
  ASSERT_EQ(cluster_->AwaitLeader(), 1u);
  EXPECT_TRUE(Call("put", {"a", "1"}).ok());
  EXPECT_EQ(Call("get", {"linearizable", "a"}).answer.Text("value"), "1");
  EXPECT_EQ(Call("get", {"local", "b"}).answer.Find("value"), std::nullopt);
  EXPECT_EQ(Call("cas", {"a", "2", "3"}).answer.Number("succeeded"), 0u);
  EXPECT_EQ(Call("cas", {"a", "1", "2"}).answer.Number("succeeded"), 1u);
  EXPECT_EQ(Call("cas-absent", {"b", "x y"}).answer.Number("succeeded"), 1u);
  EXPECT_EQ(Call("swap", {"b", "z"}).answer.Text("value"), "x y");
  EXPECT_EQ(Call("read-by-command", {"b"}).answer.Text("value"), "z");
  EXPECT_TRUE(Call("put-several", {"4", "c", "d", "e"}).ok());
  EXPECT_TRUE(Call("delete", {"d"}).ok());
  const auto read = Call("read", {"linearizable", "c"});
  EXPECT_EQ(read.answer.Text("value"), "4");
  EXPECT_GT(read.answer.Number("index"), 0u);
  EXPECT_EQ(Call("scan", {"local", "a", "d", "0"}).answer.fields.size(), 7u);
  EXPECT_TRUE(Call("fill", {"f", "100", "1000"}).ok());
  EXPECT_EQ(Call("count", {"local", "f", "g"}).answer.Number("rows"), 100u);
  for (const char* operation : {"checkpoint", "compact", "verify", "metrics",
                                "memory", "consistency"}) {
    const auto result = Call(operation);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.ToString();
  }
  EXPECT_EQ(Call("remove", {"7"}).answer.Text("code"), "NOT_FOUND");
  EXPECT_EQ(Call("conquer").answer.Text("code"), "INVALID_ARGUMENT");
  EXPECT_EQ(Call("put", {"a"}).answer.Text("code"), "INVALID_ARGUMENT");
  EXPECT_TRUE(cluster_->Close(1).ok());
  EXPECT_EQ(cluster_->Find(1), nullptr);
}

TEST_F(SingleReplicaTest, SecondProcessOfADirectoryIsRefused) {
  ReplicaSettings settings = cluster_->settings(1);
  settings.listen.clear();
  settings.advertise.clear();
  const auto second = cluster_->StartAnother(1, settings);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("code=UNAVAILABLE"));
  EXPECT_TRUE(Call("put", {"a", "1"}).ok());
}

TEST_F(SingleReplicaTest, ReplicaStandsStillAndGoesOn) {
  cluster_->Pause(1);
  const auto result =
      cluster_->Find(1)->Call("put", {"a", "1"}, absl::Milliseconds(200));
  EXPECT_EQ(result.kind, ReplicaProcess::Result::Kind::kNoAnswer);
  cluster_->Resume(1);
  EXPECT_TRUE(Call("put", {"a", "2"}).ok());
}

// Covers: E19a
TEST_F(SingleReplicaTest, KilledReplicaHasKeptWhatItSaid) {
  HistoryClients clients({.replicas = 1},
                         [this](uint64_t id) { return cluster_->Find(id); });
  clients.Start();
  for (int kill = 0; kill < 5; ++kill) {
    Rest(absl::Milliseconds(400));
    cluster_->Kill(1);
    ASSERT_TRUE(cluster_->StartAll().ok());
  }
  clients.Stop();
  EXPECT_GT(clients.answered(), 100u);
  EXPECT_THAT(clients.ReadAll({1}), IsEmpty());
  EXPECT_THAT(clients.CheckRows(1), IsEmpty());
  EXPECT_THAT(clients.CheckHistory(), IsEmpty());
  EXPECT_EQ(cluster_->kills(), 5u);
}

TEST_F(SingleReplicaTest, JudgesNoticeADiskThatIsSetBack) {
  HistoryClients clients({.replicas = 1},
                         [this](uint64_t id) { return cluster_->Find(id); });
  ASSERT_TRUE(cluster_->Close(1).ok());
  cluster_->SaveDirectory(1, "image");
  ASSERT_TRUE(cluster_->StartAll().ok());
  clients.Start();
  Rest(absl::Milliseconds(500));
  clients.Stop();
  cluster_->Kill(1);
  cluster_->RestoreDirectory(1, "image");
  ASSERT_TRUE(cluster_->StartAll().ok());
  EXPECT_THAT(clients.ReadAll({1}), IsEmpty());
  EXPECT_THAT(clients.CheckRows(1), Contains(HasSubstr("is lost")));
  const std::vector<std::string> errors = clients.CheckHistory();
  EXPECT_THAT(errors, Contains(HasSubstr("is below")));
  EXPECT_THAT(errors, Contains(HasSubstr("no order of the calls")));
}

}  // namespace
}  // namespace trimaran::net

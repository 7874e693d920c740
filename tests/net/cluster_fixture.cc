#include "tests/net/cluster_fixture.h"

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {

using testing::IsEmpty;

void ClusterFixture::MakeIdle(const ClusterOptions& options) {
  auto cluster = NetCluster::Make(options);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  cluster_ = *std::move(cluster);
}

void ClusterFixture::StartAll() {
  const absl::Status started = cluster().StartAll();
  ASSERT_TRUE(started.ok()) << started;
  ASSERT_NE(cluster().AwaitLeader(), 0u) << "nobody leads";
}

void ClusterFixture::Make(const ClusterOptions& options) {
  ASSERT_NO_FATAL_FAILURE(MakeIdle(options));
  StartAll();
}

ClusterFixture::~ClusterFixture() {
  clients_.reset();
  if (cluster_ == nullptr || !HasFailure()) return;
  cluster_->KeepDirectories();
  std::cout << "everything is in " << cluster_->root() << '\n';
  for (const uint64_t id : cluster_->ids()) {
    std::cout << "---- replica " << id << '\n' << cluster_->LogOf(id) << '\n';
  }
}

ReplicaProcess::Result ClusterFixture::Call(
    uint64_t id, const std::string& operation,
    const std::vector<std::string>& arguments, absl::Duration patience) {
  const auto process = cluster().Find(id);
  if (process == nullptr) return {};
  return process->Call(operation, arguments, patience);
}

void ClusterFixture::Put(const std::string& key, const std::string& value) {
  const auto put = cluster().AskLeader("put", {key, value});
  EXPECT_TRUE(put.ok()) << put.ToString();
}

void ClusterFixture::AwaitBound() {
  EXPECT_TRUE(Eventually([this] {
    const Answer status = cluster().StatusOf(cluster().AwaitLeader());
    if (!status.ok) return false;
    for (const uint64_t id : cluster().ids()) {
      if (status.Number(absl::StrCat("store.", id)) == 0) return false;
    }
    return true;
  })) << "not all founders are bound to their directories";
}

void ClusterFixture::AddVoter(uint64_t id) {
  ASSERT_TRUE(cluster().Prepare(id).ok());
  const absl::Status started = cluster().Start(id);
  ASSERT_TRUE(started.ok()) << started;
  const auto added = cluster().AskLeader(
      "add-voter", {absl::StrCat(id), cluster().AddressOf(id)});
  // An attempt that was cut off may have been done.
  EXPECT_TRUE(added.ok() || added.answer.Text("code") == "ALREADY_EXISTS")
      << added.ToString();
}

uint64_t ClusterFixture::Follower() {
  const uint64_t leader = cluster().AwaitLeader();
  for (const uint64_t id : cluster().ids()) {
    if (id != leader && cluster().Find(id) != nullptr) return id;
  }
  return 0;
}

void ClusterFixture::StartClients(uint64_t replicas, absl::Duration patience) {
  clients_ = std::make_unique<HistoryClients>(
      ClientOptions{.replicas = replicas, .patience = patience},
      [this](uint64_t id) {
        return id == avoided_ ? nullptr : cluster().Find(id);
      });
  clients_->Start();
}

void ClusterFixture::ExpectTrueAt(const std::vector<uint64_t>& replicas) {
  clients().Stop();
  avoided_ = 0;
  const absl::Status equal = cluster().AwaitEqual();
  EXPECT_TRUE(equal.ok()) << equal;
  EXPECT_THAT(clients().ReadAll(replicas), IsEmpty());
  for (const uint64_t id : replicas) {
    EXPECT_THAT(clients().CheckRows(id), IsEmpty());
  }
  EXPECT_THAT(clients().CheckHistory(), IsEmpty());
  EXPECT_GT(clients().answered(), 0u);
}

}  // namespace trimaran::net

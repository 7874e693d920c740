#ifndef TRIMARAN_TESTS_NET_CLUSTER_FIXTURE_H_
#define TRIMARAN_TESTS_NET_CLUSTER_FIXTURE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/net/history_clients.h"
#include "tests/net/net_cluster.h"

namespace trimaran::net {

// A group of replicas in processes, and clients who write down what they are
// told.
//
// Thread: the test's.
class ClusterFixture : public testing::Test {
 protected:
  // Calls it first of all. Everybody runs behind it, and somebody leads.
  void Make(const ClusterOptions& options = {});
  // The same, before anybody runs.
  void MakeIdle(const ClusterOptions& options);
  void StartAll();
  ~ClusterFixture() override;

  ReplicaProcess::Result Call(uint64_t id, const std::string& operation,
                              const std::vector<std::string>& arguments = {},
                              absl::Duration patience = absl::Seconds(30));
  // Writes, where the leader is, until it is done.
  void Put(const std::string& key, const std::string& value);
  // Waits until every founder is bound to its directory.
  void AwaitBound();
  // Adds a new replica, which is a voter when this returns.
  void AddVoter(uint64_t id);
  // A replica that does not lead.
  uint64_t Follower();

  // Clients of the replicas 1 to `replicas`.
  void StartClients(uint64_t replicas,
                    absl::Duration patience = absl::Seconds(3));
  // They ask this one no more, whose answers would take their time-out each, so
  // that it can be seen whether those of the others come as usual.
  void Avoid(uint64_t id) { avoided_ = id; }
  // What they were told is true, at `replicas`, and those are equal.
  void ExpectTrueAt(const std::vector<uint64_t>& replicas);

  NetCluster& cluster() { return *cluster_; }
  HistoryClients& clients() { return *clients_; }

 private:
  std::unique_ptr<NetCluster> cluster_;
  std::atomic<uint64_t> avoided_ = 0;
  std::unique_ptr<HistoryClients> clients_;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_CLUSTER_FIXTURE_H_

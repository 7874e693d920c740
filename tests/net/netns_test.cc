// Goal: replicas on hosts of their own, whose packets the system itself loses:
// a cable that is pulled, one way that is dead, an address that is gone. Needs
// root, for network namespaces.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/certificates.h"
#include "tests/net/cluster_fixture.h"
#include "tests/net/namespaces.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

constexpr uint64_t kReplicas = 3;
constexpr const char* kCluster = "0123456789abcdef0123456789abcdef";
// A dead connection is noticed, and there is an election.
constexpr absl::Duration kGapMax = absl::Seconds(5);

class NetnsTest : public ClusterFixture {
 protected:
  void SetUp() override {
    const absl::Status made = hosts_.Make(kReplicas);
    if (!made.ok()) GTEST_SKIP() << "no network namespaces: " << made;
    ClusterOptions options{.replicas = kReplicas,
                           .settings = {.cluster = kCluster}};
    for (uint64_t id = 1; id <= kReplicas; ++id) {
      options.hosts[id] = {
          .address = absl::StrCat(hosts_.AddressOf(id), ":7700"),
          .wrapper = hosts_.WrapperOf(id)};
    }
    MakeIdle(options);
  }

  void BeInsecure() {
    for (const uint64_t id : cluster().ids()) {
      cluster().settings(id).insecure = 1;
    }
  }
  void UseTls() {
    CertificateAuthority authority;
    Expect(authority.Make(cluster().root(), "authority"));
    for (const uint64_t id : cluster().ids()) {
      const std::string path =
          absl::StrCat(cluster().root(), "/certificate", id);
      Expect(authority.Issue(kCluster, id, path));
      Expect(ReplaceAuthorities({authority.certificate()}, path + ".ca"));
      UseCertificates(path, cluster().settings(id));
    }
  }
  void Expect(const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
  }

  // Clients go on, with whom they can, until after an election.
  void ExpectGoesOn() {
    Rest(absl::Seconds(3));
    EXPECT_LT(clients().longest_gap(), kGapMax);
    clients().RestartGap();
  }

  // Each kind of harm to whoever leads, and to another one.
  void PullCables() {
    for (const uint64_t id : {cluster().AwaitLeader(), Follower()}) {
      Expect(hosts_.Unplug(id));
      ExpectGoesOn();
      Expect(hosts_.Plug(id));
      ExpectGoesOn();
    }
  }
  void CutWays() {
    const uint64_t leader = cluster().AwaitLeader();
    const uint64_t other = Follower();
    // The others do not hear the leader, which hears them.
    for (const uint64_t to : cluster().ids()) {
      if (to != leader) Expect(hosts_.CutOneWay(leader, to));
    }
    ExpectGoesOn();
    for (const uint64_t to : cluster().ids()) {
      if (to != leader) Expect(hosts_.HealOneWay(leader, to));
    }
    ExpectGoesOn();
    // One link, one way.
    const uint64_t now = cluster().AwaitLeader();
    const uint64_t from = now == other ? leader : other;
    Expect(hosts_.CutOneWay(from, now));
    ExpectGoesOn();
    Expect(hosts_.HealOneWay(from, now));
    ExpectGoesOn();
  }
  void MoveAddresses() {
    const uint64_t id = cluster().AwaitLeader();
    Expect(hosts_.TakeAddress(id));
    ExpectGoesOn();
    Expect(hosts_.GiveAddress(id));
    ExpectGoesOn();
  }

  Namespaces hosts_;
};

TEST_F(NetnsTest, GroupLivesThroughCutsInsecure) {
  BeInsecure();
  ASSERT_NO_FATAL_FAILURE(StartAll());
  StartClients(kReplicas);
  clients().RestartGap();
  PullCables();
  CutWays();
  ExpectTrueAt(cluster().ids());
}

TEST_F(NetnsTest, GroupLivesThroughCutsWithTls) {
  UseTls();
  ASSERT_NO_FATAL_FAILURE(StartAll());
  StartClients(kReplicas);
  clients().RestartGap();
  CutWays();
  MoveAddresses();
  ExpectTrueAt(cluster().ids());
}

TEST_F(NetnsTest, PlaintextBeyondLoopbackIsRefusedUnlessAskedFor) {
  const absl::Status started = cluster().Start(1);
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.message()),
              testing::HasSubstr("INVALID_ARGUMENT"));
}

}  // namespace
}  // namespace trimaran::net

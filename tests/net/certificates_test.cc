// Goal: replicas that prove who they are work as others do, keep working while
// all certificates and their authority are renewed, and hear nobody whose
// certificate is another's, or another authority's.

#include "tests/net/certificates.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

// 32 digits are the id itself, which certificates name.
constexpr const char* kCluster = "0123456789abcdef0123456789abcdef";

class CertificatesTest : public ClusterFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(MakeIdle({.settings = {.cluster = kCluster}}));
    ASSERT_TRUE(old_.Make(cluster().root(), "old").ok());
    ASSERT_TRUE(new_.Make(cluster().root(), "new").ok());
    for (const uint64_t id : cluster().ids()) {
      UseCertificates(PathOf(id), cluster().settings(id));
      Expect(old_.Issue(kCluster, id, PathOf(id)));
    }
    SetAuthorities({old_.certificate()});
    StartAll();
  }

  std::string PathOf(uint64_t id) {
    return absl::StrCat(cluster().root(), "/certificate", id);
  }
  void Expect(const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
  }
  void SetAuthorities(const std::vector<std::string>& certificates) {
    for (const uint64_t id : cluster().ids()) {
      Expect(ReplaceAuthorities(certificates, PathOf(id) + ".ca"));
    }
  }

  // Everybody shows new files to everybody, and still works.
  void ConnectAnew() {
    for (const uint64_t from : cluster().ids()) {
      for (const uint64_t to : cluster().ids()) {
        const uint64_t before = cluster().proxy().counts(from, to).connections;
        cluster().proxy().Drop(from, to);
        if (from == to) continue;
        EXPECT_TRUE(Eventually([&] {
          return cluster().proxy().counts(from, to).connections > before;
        })) << from
            << " does not dial " << to;
      }
    }
    Put("works", "yes");
    Expect(cluster().AwaitEqual());
  }

  CertificateAuthority old_;
  CertificateAuthority new_;
};

TEST_F(CertificatesTest, AllAreRenewedWithoutARestart) {
  StartClients(3);
  clients().RestartGap();
  // Both authorities are trusted, while one after the other changes sides.
  SetAuthorities({old_.certificate(), new_.certificate()});
  ConnectAnew();
  for (const uint64_t id : cluster().ids()) {
    Expect(new_.Issue(kCluster, id, PathOf(id)));
    ConnectAnew();
  }
  SetAuthorities({new_.certificate()});
  ConnectAnew();
  EXPECT_LT(clients().longest_gap(), absl::Seconds(10));
  EXPECT_EQ(cluster().kills(), 0u);
  ExpectTrueAt({1, 2, 3});
}

TEST_F(CertificatesTest, WhoIsNotVouchedForIsNotHeard) {
  Put("before", "yes");
  const uint64_t id = Follower();
  Expect(new_.Issue(kCluster, id, PathOf(id)));
  cluster().Kill(id);
  ASSERT_TRUE(cluster().Start(id).ok());
  Put("without it", "yes");
  Rest(absl::Seconds(1));
  const Answer status = cluster().StatusOf(id);
  EXPECT_EQ(status.Number("leader"), 0u) << status.ToString();
  const auto get = Call(id, "get", {"local", "without it"});
  EXPECT_EQ(get.answer.Find("value"), std::nullopt) << get.ToString();
  // The files alone make it right again.
  Expect(old_.Issue(kCluster, id, PathOf(id)));
  Expect(cluster().AwaitEqual());
}

TEST_F(CertificatesTest, CertificateOfAnotherReplicaOpensNothing) {
  const uint64_t id = Follower();
  cluster().Kill(id);
  Expect(old_.Issue(kCluster, id % 3 + 1, PathOf(id)));
  const absl::Status started = cluster().Start(id);
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.message()),
              testing::HasSubstr("code=INVALID_ARGUMENT"));
}

TEST_F(CertificatesTest, PlaintextIsNotHeard) {
  Put("before", "yes");
  const uint64_t id = Follower();
  cluster().Kill(id);
  cluster().settings(id).tls_certificate.clear();
  ASSERT_TRUE(cluster().Start(id).ok());
  Put("without it", "yes");
  Rest(absl::Seconds(1));
  EXPECT_EQ(cluster().StatusOf(id).Number("leader"), 0u);
  const auto get = Call(id, "get", {"local", "without it"});
  EXPECT_EQ(get.answer.Find("value"), std::nullopt) << get.ToString();
}

}  // namespace
}  // namespace trimaran::net

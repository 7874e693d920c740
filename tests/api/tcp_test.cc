// Goal: replicas that reach each other over TCP are one database, as within a
// process, and say what stands between them where they do not.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/api/free_ports.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/replication/tcp/test_authority.h"
#include "tests/support/node/blocking.h"
#include "tests/support/sanitized.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran {
namespace {

constexpr char kCluster[] = "00000000000000010000000000000002";

// Founders that have a port each.
//
// Thread: one.
class TcpGroup {
 public:
  enum class Protection { kNone, kTls };

  explicit TcpGroup(uint64_t size, Protection protection = Protection::kNone)
      : protection_(protection) {
    const std::vector<uint16_t> ports = FreePorts(size);
    for (uint64_t id = 1; id <= size; ++id) {
      founders_[id] = {.name = absl::StrCat("replica ", id),
                       .address = absl::StrCat("127.0.0.1:", ports[id - 1])};
    }
    for (uint64_t id = 1; id <= size; ++id) Start(id);
  }

  Options OptionsOf(uint64_t id) const {
    Options options = SmallOptions();
    options.cluster = kCluster;
    options.replica_id = id;
    options.founders = founders_;
    options.listen = founders_.at(id).address;
    if (protection_ == Protection::kTls) {
      options.tls = Certify(absl::StrCat("trimaran://", kCluster, "/", id),
                            absl::StrCat("replica-", id));
    }
    return options;
  }
  std::string PathOf(uint64_t id) const {
    return directory_.path(absl::StrCat(id));
  }
  // Makes files of that name, again ones if there are some.
  TlsFiles Certify(const std::string& uri, const std::string& file) const {
    const TlsCredentials files = authority_->Issue(file, uri);
    return {.authority = files.authority,
            .certificate = files.certificate,
            .key = files.key};
  }
  void Start(uint64_t id) { Start(id, OptionsOf(id)); }
  void Start(uint64_t id, const Options& options) {
    auto opened = DB::Open(options, PathOf(id));
    ASSERT_TRUE(opened.ok()) << opened.status();
    replicas_[id] = *std::move(opened);
  }
  void Stop(uint64_t id) {
    EXPECT_TRUE(replicas_.at(id)->Close().ok());
    replicas_.erase(id);
  }
  DB& at(uint64_t id) { return *replicas_.at(id); }
  ReplicaStatus StatusOf(uint64_t id) {
    return at(id).admin().GetStatus().value();
  }
  // How `id` is connected to `peer`.
  ConnectionStatus Between(uint64_t id, uint64_t peer) {
    for (const auto& connection : StatusOf(id).network.connections) {
      if (connection.peer == peer) return connection;
    }
    return {};
  }

 private:
  const Protection protection_;
  TestDirectory directory_;
  const std::unique_ptr<TestAuthority> authority_ =
      std::make_unique<TestAuthority>(directory_.root(), "authority");
  std::map<uint64_t, MemberInfo> founders_;
  std::map<uint64_t, std::unique_ptr<DB>> replicas_;
};

std::string ValueOf(DB& db, const std::string& key,
                    const ReadOptions& options = {}) {
  const auto value = db.Get(key, options);
  if (!value.ok()) return value.status().ToString();
  return value->value_or("(none)");
}

TEST(TcpTest, ThreeReplicasAreOneDatabase) {
  TcpGroup group(3);
  for (uint64_t id = 1; id <= 3; ++id) {
    const auto put = group.at(id).Put(absl::StrCat("key ", id), "value");
    ASSERT_TRUE(put.ok()) << put.status();
  }
  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(ValueOf(group.at(id), "key 1"), "value");
    EXPECT_EQ(ValueOf(group.at(id), "key 3"), "value");
  }
  const auto compared = group.at(2).admin().CheckConsistency();
  ASSERT_TRUE(compared.ok()) << compared.status();
  EXPECT_TRUE(compared->consistent);
}

TEST(TcpTest, LargeValuesArriveAsTheyAre) {
  TcpGroup group(3);
  // The thread sanitizer looks at each word that WiredTiger copies.
  const std::string large(kSanitized ? size_t{1} << 20 : size_t{5} << 20, 'v');
  const auto put = group.at(1).Put("large", large);
  ASSERT_TRUE(put.ok()) << put.status();
  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_TRUE(ValueOf(group.at(id), "large") == large) << id;
  }
}

TEST(TcpTest, GroupGoesOnWithoutItsLeaderAndTakesItBack) {
  TcpGroup group(3);
  ASSERT_TRUE(group.at(1).Put("key", "before").ok());
  const uint64_t leader = group.StatusOf(1).leader;
  const uint64_t other = leader % 3 + 1;
  group.Stop(leader);
  const auto put = group.at(other).Put("key", "without");
  ASSERT_TRUE(put.ok()) << put.status();
  group.Start(leader);
  EXPECT_EQ(ValueOf(group.at(leader), "key", ReadOptions::AtLeast(put->index)),
            "without");
}

TEST(TcpTest, ReplicaThatWasAwayForLongIsSentTheData) {
  TcpGroup group(3);
  ASSERT_TRUE(group.at(1).Put("key", "value").ok());
  const uint64_t away = group.StatusOf(1).leader % 3 + 1;
  const uint64_t here = group.StatusOf(1).leader;
  group.Stop(away);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(group.at(here)
                    .Put(absl::StrCat("row ", i), std::string(1000, 'r'))
                    .ok());
  }
  const auto last = group.at(here).Put("last", "value");
  ASSERT_TRUE(last.ok()) << last.status();
  ASSERT_TRUE(group.at(here).admin().CompactLog(last->index).ok());
  group.Start(away);
  EXPECT_EQ(ValueOf(group.at(away), "row 7", ReadOptions::AtLeast(last->index)),
            std::string(1000, 'r'));
  EXPECT_EQ(group.StatusOf(away).counters.snapshots_installed, 1u);
  // No one else needed any.
  const uint64_t received =
      group.StatusOf(away).counters.snapshot_bytes_received;
  EXPECT_GT(received, 50u * 1000);
  EXPECT_LT(received, 100u * 1000);
  EXPECT_TRUE(Eventually([&] {
    uint64_t sent = 0;
    for (uint64_t id = 1; id <= 3; ++id) {
      sent += group.StatusOf(id).counters.snapshot_bytes_sent;
    }
    return sent == received;
  }));
}

TEST(TcpTest, GroupGrowsByWhoJoinsOnPortsOfTheSystem) {
  TestDirectory directory;
  Options options = SmallOptions();
  options.cluster = "growing";
  options.listen = "127.0.0.1:0";
  auto first = DB::Open(options, directory.path("1"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE((*first)->Put("stock", "7").ok());
  // The founder has told nobody yet where it is.
  Admin& admin = (*first)->admin();
  const std::string address = admin.GetStatus()->network.address;
  EXPECT_TRUE(absl::StartsWith(address, "127.0.0.1:")) << address;
  const absl::Status told =
      admin.UpdateMember(1, {.name = "one", .address = address});
  ASSERT_TRUE(told.ok()) << told;

  options.join = true;
  std::map<uint64_t, std::unique_ptr<DB>> joined;
  for (uint64_t id = 2; id <= 3; ++id) {
    options.replica_id = id;
    auto opened = DB::Open(options, directory.path(absl::StrCat(id)));
    ASSERT_TRUE(opened.ok()) << opened.status();
    const absl::Status added = admin.AddVoter(
        id, {.name = "",
             .address = (*opened)->admin().GetStatus()->network.address});
    ASSERT_TRUE(added.ok()) << added;
    joined[id] = *std::move(opened);
  }
  EXPECT_EQ(ValueOf(*joined[3], "stock"), "7");
  ASSERT_TRUE((*first)->Close().ok());
  const auto put = joined[2]->Put("stock", "6");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(ValueOf(*joined[3], "stock"), "6");
}

TEST(TcpTest, StatusAndMetricsTellHowReplicasAreConnected) {
  TcpGroup group(3);
  ASSERT_TRUE(group.at(1).Put("key", "value").ok());
  EXPECT_EQ(group.StatusOf(1).network.listen, group.OptionsOf(1).listen);
  EXPECT_TRUE(Eventually([&] {
    const ConnectionStatus connection = group.Between(1, 2);
    return connection.sending && connection.receiving &&
           connection.round_trip.has_value() && connection.bytes_sent > 0 &&
           connection.bytes_received > 0;
  }));
  EXPECT_EQ(group.Between(1, 2).address, group.OptionsOf(2).listen);
  const auto text = group.at(1).admin().GetMetrics();
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(
      absl::StrContains(*text, "trimaran_connection_up{peer=\"2\"} 1\n"))
      << *text;
  group.Stop(2);
  EXPECT_TRUE(Eventually([&] {
    const ConnectionStatus connection = group.Between(1, 2);
    return !connection.sending && !connection.receiving &&
           !connection.error.empty() && !connection.refused;
  }));
}

TEST(TcpTest, OlderImageOfADirectoryIsToldOf) {
  TcpGroup group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t leader = group.StatusOf(1).leader;
  const uint64_t old = leader % 3 + 1;
  const uint64_t next = old % 3 + 1;
  const std::string image = group.PathOf(77);
  group.Stop(old);
  std::filesystem::copy(group.PathOf(old), image,
                        std::filesystem::copy_options::recursive);
  group.Start(old);
  // The others hear of it in a later term, when it connects.
  ASSERT_TRUE(Eventually(
      [&] { return group.at(leader).admin().TransferLeadership(next).ok(); }));
  const auto later = group.at(next).Put("key", "w");
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(ValueOf(group.at(old), "key", ReadOptions::AtLeast(later->index)),
            "w");
  const auto connect = [&] {
    group.Start(old);
    EXPECT_TRUE(Eventually([&] { return group.Between(next, old).receiving; }));
  };
  group.Stop(old);
  ASSERT_TRUE(Eventually([&] { return !group.Between(next, old).receiving; }));
  connect();
  EXPECT_EQ(group.Between(next, old).regressions, 0U);

  group.Stop(old);
  ASSERT_TRUE(Eventually([&] { return !group.Between(next, old).receiving; }));
  std::filesystem::remove_all(group.PathOf(old));
  std::filesystem::rename(image, group.PathOf(old));
  connect();
  EXPECT_EQ(group.Between(next, old).regressions, 1U);
  const auto metrics = group.at(next).admin().GetMetrics();
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_TRUE(absl::StrContains(
      *metrics, absl::StrCat("\ntrimaran_connection_regressions_total{peer=\"",
                             old, "\"} 1\n")))
      << *metrics;
  // It has caught up all the same.
  EXPECT_EQ(ValueOf(group.at(old), "key"), "w");
}

TEST(TcpTest, EmptiedDirectoryIsRefusedUnderItsOldName) {
  TcpGroup group(3);
  ASSERT_TRUE(group.at(1).Put("key", "value").ok());
  const uint64_t leader = group.StatusOf(1).leader;
  const uint64_t lost = leader % 3 + 1;
  // Everybody is bound to a store.
  ASSERT_TRUE(Eventually([&] {
    for (const MemberStatus& member : group.StatusOf(leader).members) {
      if (member.store_id == 0) return false;
    }
    return true;
  }));
  group.Stop(lost);
  std::filesystem::remove_all(group.PathOf(lost));
  group.Start(lost);
  EXPECT_TRUE(Eventually([&] { return group.Between(lost, leader).refused; }));
  EXPECT_TRUE(Eventually([&] { return group.StatusOf(lost).refused_by != 0; }));
  EXPECT_TRUE(absl::StrContains(group.Between(lost, leader).error, "store"))
      << group.Between(lost, leader).error;
  EXPECT_TRUE(group.at(leader).Put("key", "without it").ok());
}

// ---- TLS ----

TEST(TcpTest, ReplicasThatProveWhoTheyAreAreOneDatabase) {
  TcpGroup group(3, TcpGroup::Protection::kTls);
  ASSERT_TRUE(group.at(1).Put("key", std::string(100'000, 'v')).ok());
  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(ValueOf(group.at(id), "key"), std::string(100'000, 'v'));
  }
  const auto expires = group.StatusOf(1).network.certificate_expires;
  ASSERT_TRUE(expires.has_value());
  EXPECT_GT(*expires, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_TRUE(
      absl::StrContains(group.at(1).admin().GetMetrics().value(),
                        "trimaran_certificate_expires_timestamp_seconds "));
}

TEST(TcpTest, CertificateOfAnotherReplicaProvesNothing) {
  TcpGroup group(3, TcpGroup::Protection::kTls);
  ASSERT_TRUE(group.at(1).Put("key", "value").ok());
  const uint64_t leader = group.StatusOf(1).leader;
  const uint64_t other = leader % 3 + 1;
  group.Stop(other);
  Options options = group.OptionsOf(other);
  options.tls = group.Certify(
      absl::StrCat("trimaran://", kCluster, "/", leader), "not-its-own");
  auto impostor = DB::Open(options, group.PathOf(other));
  // That its own certificate is not for it, it may notice by itself.
  if (impostor.ok()) {
    EXPECT_TRUE(Eventually([&] {
      const auto status = (*impostor)->admin().GetStatus();
      for (const ConnectionStatus& each : status->network.connections) {
        if (each.sending || each.receiving) return false;
        if (!each.refused) return false;
      }
      return status->network.connections.size() == 2;
    }));
  } else {
    EXPECT_EQ(impostor.status().code(), absl::StatusCode::kInvalidArgument)
        << impostor.status();
  }
  EXPECT_TRUE(group.at(leader).Put("key", "without it").ok());
}

TEST(TcpTest, PlainTextIsNotSpokenToWhoWantsProof) {
  TcpGroup group(3, TcpGroup::Protection::kTls);
  ASSERT_TRUE(group.at(1).Put("key", "value").ok());
  const uint64_t leader = group.StatusOf(1).leader;
  const uint64_t other = leader % 3 + 1;
  group.Stop(other);
  Options options = group.OptionsOf(other);
  options.tls.reset();
  group.Start(other, options);
  EXPECT_TRUE(Eventually([&] {
    const ConnectionStatus from = group.Between(other, leader);
    const ConnectionStatus to = group.Between(leader, other);
    return !from.sending && !to.sending && !from.error.empty() &&
           !to.error.empty();
  }));
  EXPECT_TRUE(group.at(leader).Put("key", "without it").ok());
}

// ---- What is refused ----

absl::Status OpenWith(const Options& options) {
  TestDirectory directory;
  return DB::Open(options, directory.path()).status();
}

TEST(TcpTest, PortThatIsTakenAndAddressesThatAreNoneAreErrors) {
  Options options = SmallOptions();
  options.listen = "127.0.0.1:0";
  TestDirectory directory;
  auto first = DB::Open(options, directory.path());
  ASSERT_TRUE(first.ok()) << first.status();
  options.listen = (*first)->admin().GetStatus()->network.listen;
  const absl::Status taken = OpenWith(options);
  EXPECT_EQ(taken.code(), absl::StatusCode::kUnavailable) << taken;
  EXPECT_TRUE(absl::StrContains(taken.message(), options.listen)) << taken;

  for (const char* address : {"127.0.0.1", "127.0.0.1:70000", ":", "::1:80",
                              "[::1]", "127.0.0.1:port", " 127.0.0.1:1"}) {
    options.listen = address;
    const absl::Status none = OpenWith(options);
    EXPECT_EQ(none.code(), absl::StatusCode::kInvalidArgument)
        << address << ": " << none;
    EXPECT_TRUE(absl::StrContains(none.message(), address)) << none;
  }
}

TEST(TcpTest, PlainTextStaysOnLoopbackUnlessToldOtherwise) {
  Options options = SmallOptions();
  options.listen = "0.0.0.0:0";
  const absl::Status refused = OpenWith(options);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), "insecure")) << refused;
  options.insecure = true;
  // All interfaces are no address that others could dial.
  const absl::Status unknown = OpenWith(options);
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument) << unknown;
  EXPECT_TRUE(absl::StrContains(unknown.message(), "advertise")) << unknown;
  options.advertise = "host-1.example:7000";
  const absl::Status opened = OpenWith(options);
  EXPECT_TRUE(opened.ok()) << opened;
}

TEST(TcpTest, CertificatesThatAreNotThereAreErrors) {
  Options options = SmallOptions();
  options.listen = "127.0.0.1:0";
  options.tls = {.authority = "/nowhere/ca.pem",
                 .certificate = "/nowhere/node.pem",
                 .key = "/nowhere/node.key"};
  const absl::Status refused = OpenWith(options);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), "/nowhere/")) << refused;
}

}  // namespace
}  // namespace trimaran

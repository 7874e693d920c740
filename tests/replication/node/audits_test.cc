// Goal: replicas that hold the same are found to hold the same, at one place in
// the log and whatever is written meanwhile, and one that differs is found.

#include "replication/node/audits.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/format/keys.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"
#include "engine/wt/transaction.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

using Report = absl::StatusOr<AuditReport>;

class AuditsTest : public testing::Test {
 protected:
  void Put(uint64_t at, const std::string& key) {
    const auto put = cluster_.at(at).Put(key, "value");
    ASSERT_TRUE(put.ok()) << put.status();
  }
  std::shared_ptr<Later<Report>> Begin(uint64_t at, absl::Duration time) {
    auto report = std::make_shared<Later<Report>>();
    cluster_.at(at).node().Audit(
        MonotonicClock().Now() + time,
        [report](Report answer) { report->Set(std::move(answer)); });
    return report;
  }
  Report Audit(uint64_t at, absl::Duration time = absl::Seconds(60)) {
    return Begin(at, time)->Wait();
  }

  // Takes a row away behind the back of a replica that does not run.
  void Tamper(uint64_t id, std::string_view key) {
    wt::ConnectionOptions options;
    options.home = cluster_.home(id).path() + "/kv";
    const auto connection = *wt::Connection::Open(options);
    const auto session = *wt::Session::Open(*connection);
    wt::Cursor cursor = *session->OpenCursor("kv_g1");
    auto transaction = *wt::Transaction::Begin(*session);
    std::string row;
    engine::EncodeKey(engine::RowKey{GroupId(1), engine::kDefaultFamily, key},
                      row);
    ASSERT_TRUE(*cursor.Seek(row));
    ASSERT_TRUE(cursor.Remove(row).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }

  ThreadedCluster cluster_{3};
};

void ExpectSame(const AuditReport& report, size_t members) {
  EXPECT_EQ(report.members.size(), members);
  for (const auto& [id, digest] : report.members) {
    ASSERT_TRUE(digest.has_value()) << id;
    EXPECT_EQ(digest->error, "") << id;
    EXPECT_EQ(digest->place, report.place) << id;
    EXPECT_EQ(digest->chain, report.members.begin()->second->chain);
    EXPECT_EQ(digest->hash, report.members.begin()->second->hash) << id;
  }
}

TEST_F(AuditsTest, SameStateIsFoundWhileOthersWrite) {
  const uint64_t leader = cluster_.Leader(1);
  std::atomic<bool> enough = false;
  std::thread writer([&] {
    for (int i = 0; !enough; ++i) Put(leader, absl::StrCat(i % 500));
  });
  // On the leader, and elsewhere.
  for (const uint64_t asker : {1u, 2u, 3u}) {
    const Report report = Audit(asker);
    ASSERT_TRUE(report.ok()) << report.status();
    ExpectSame(*report, 3);
  }
  enough = true;
  writer.join();
}

TEST_F(AuditsTest, StateThatDiffersIsFound) {
  const uint64_t leader = cluster_.Leader(1);
  const uint64_t victim = leader % 3 + 1;
  Put(leader, "a");
  Put(leader, "b");
  ASSERT_TRUE(cluster_.CatchesUp(victim, leader));
  // Or it would apply the row once more.
  Later<absl::Status> durable;
  cluster_.at(victim).node().Checkpoint(
      [&](const auto& answer) { durable.Set(answer.status()); });
  ASSERT_TRUE(durable.Wait().ok());
  cluster_.Stop(victim);
  Tamper(victim, "a");
  cluster_.Start(victim);

  const Report report = Audit(leader);

  ASSERT_TRUE(report.ok()) << report.status();
  const auto& right = report->members.at(ReplicaId(leader));
  const auto& wrong = report->members.at(ReplicaId(victim));
  ASSERT_TRUE(right && wrong);
  EXPECT_EQ(right->place, wrong->place);
  EXPECT_EQ(right->chain, wrong->chain);
  EXPECT_NE(right->hash, wrong->hash);
  EXPECT_EQ(right->rows, wrong->rows + 1);
  for (const auto& [id, digest] : report->members) {
    if (id == ReplicaId(victim)) continue;
    EXPECT_EQ(digest->hash, right->hash) << id;
  }
}

TEST_F(AuditsTest, MemberThatIsNotThereIsMissing) {
  const uint64_t leader = cluster_.Leader(1);
  const uint64_t gone = leader % 3 + 1;
  cluster_.Stop(gone);

  const Report report = Audit(leader, absl::Seconds(2));

  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->members.size(), 3u);
  EXPECT_FALSE(report->members.at(ReplicaId(gone)).has_value());
  EXPECT_TRUE(report->members.at(ReplicaId(leader)).has_value());
  // And comes back; it may be busy with what it finds in its log at first.
  cluster_.Start(gone);
  const auto is_busy = [](const Report& later) {
    for (const auto& [id, digest] : later->members) {
      if (!digest.has_value() || !digest->error.empty()) return true;
    }
    return false;
  };
  Report later = Audit(gone);
  EXPECT_TRUE(Eventually([&] {
    if (later.ok() && !is_busy(later)) return true;
    later = Audit(gone);
    return false;
  }));
  ASSERT_TRUE(later.ok()) << later.status();
  ExpectSame(*later, 3);
}

TEST_F(AuditsTest, SeveralAtOnceAreAllAnswered) {
  const uint64_t leader = cluster_.Leader(1);
  for (int i = 0; i < 100; ++i) Put(leader, absl::StrCat(i));
  std::vector<std::shared_ptr<Later<Report>>> all;
  for (int i = 0; i < 5; ++i) {
    for (const uint64_t asker : {1u, 2u, 3u}) {
      all.push_back(Begin(asker, absl::Seconds(60)));
    }
  }
  bool one_is_whole = false;
  for (const auto& one : all) {
    const Report report = one->Wait();
    ASSERT_TRUE(report.ok()) << report.status();
    bool whole = true;
    for (const auto& [id, digest] : report->members) {
      ASSERT_TRUE(digest.has_value()) << id;
      if (!digest->error.empty()) {
        EXPECT_EQ(digest->error, "another audit is under way here");
        whole = false;
      }
    }
    one_is_whole = one_is_whole || whole;
  }
  EXPECT_TRUE(one_is_whole);
}

TEST_F(AuditsTest, NobodyWaitsForAMajorityForEver) {
  const uint64_t leader = cluster_.Leader(1);
  cluster_.Stop(leader % 3 + 1);
  cluster_.Stop((leader + 1) % 3 + 1);
  EXPECT_EQ(Audit(leader, absl::Milliseconds(300)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  const auto endless = Begin(leader, absl::InfiniteDuration());
  cluster_.Stop(leader);
  EXPECT_FALSE(endless->Wait().ok());
}

}  // namespace
}  // namespace trimaran

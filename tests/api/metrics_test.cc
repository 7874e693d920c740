// Goal: what a scraper reads is well-formed, and tells what has happened.

#include "api/src/metrics.h"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/prometheus_parser.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/status.h"

namespace trimaran {
namespace {

Scrape ScrapeOf(DB& db) {
  const auto text = db.admin().GetMetrics();
  EXPECT_TRUE(text.ok()) << text.status();
  if (!text.ok()) return {};
  Scrape scrape = ParseMetrics(*text);
  EXPECT_EQ(scrape.problems, std::vector<std::string>()) << *text;
  return scrape;
}

double CountOf(const Scrape& scrape, const std::string& histogram) {
  const auto metric = scrape.metrics.find(histogram);
  if (metric == scrape.metrics.end()) return -1;
  return metric->second.samples.at(histogram + "_count").at(0).value;
}
double SumOf(const Scrape& scrape, const std::string& histogram) {
  return scrape.metrics.at(histogram)
      .samples.at(histogram + "_sum")
      .at(0)
      .value;
}

// By the value of a label.
std::map<std::string, double> ByLabel(const Scrape& scrape,
                                      const std::string& name,
                                      const std::string& label) {
  std::map<std::string, double> values;
  const auto metric = scrape.metrics.find(name);
  if (metric == scrape.metrics.end()) return values;
  for (const Scrape::Sample& sample : metric->second.samples.at(name)) {
    values[sample.labels.at(label)] = sample.value;
  }
  return values;
}

TEST(ParserTest, WhatBreaksTheRulesIsNoticed) {
  const std::string head = "# HELP a A.\n# TYPE a gauge\n";
  EXPECT_TRUE(ParseMetrics(head + "a 1\n").problems.empty());
  EXPECT_TRUE(ParseMetrics(head + "a{b=\"\\\\\\\"\\n\"} 1\n").problems.empty());
  const std::string histogram = "# HELP a A.\n# TYPE a histogram\n";
  const std::string rest = "a_sum 1\na_count 2\n";
  EXPECT_TRUE(ParseMetrics(histogram +
                           "a_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\n" +
                           rest)
                  .problems.empty());
  for (const std::string& text :
       {std::string(), head, head + "a 1", head + "b 1\n", head + "a one\n",
        head + "a{b=\"\\x\"} 1\n", head + "a{b=1} 1\n", head + "a 1\na 2\n",
        head + "a{b=\"1\"} 1\na{b=\"1\"} 2\n", head + "a 1\n" + head + "a 1\n",
        std::string("# TYPE a gauge\na 1\n"),
        std::string("# HELP a A.\n# TYPE a counter\na 1\n"),
        std::string("# HELP a A.\n# TYPE a thing\na 1\n"),
        histogram + "a_bucket{le=\"1\"} 3\na_bucket{le=\"+Inf\"} 2\n" + rest,
        histogram + "a_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 2\n" + rest,
        histogram + "a_bucket{le=\"1\"} 2\n" + rest,
        histogram + "a_bucket{le=\"+Inf\"} 3\n" + rest, histogram + rest}) {
    EXPECT_FALSE(ParseMetrics(text).problems.empty()) << text;
  }
}

TEST(MetricsTest, CallsAreCountedAndMeasured) {
  TestDirectory directory;
  auto opened = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  DB& db = **opened;
  const Scrape before = ScrapeOf(db);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(db.Put(absl::StrCat(i), "v").ok());
  }
  // Refused by the state machine.
  EXPECT_FALSE(db.Put(ColumnFamily(4711), "key", "v").ok());
  ASSERT_TRUE(db.admin().Checkpoint().ok());
  const Scrape after = ScrapeOf(db);

  const auto outcomes = ByLabel(after, "trimaran_writes_total", "outcome");
  EXPECT_EQ(outcomes,
            (std::map<std::string, double>{
                {"applied", 10}, {"not_applied", 1}, {"unknown", 0}}));
  EXPECT_EQ(CountOf(after, "trimaran_write_seconds"), 11);
  EXPECT_GT(SumOf(after, "trimaran_write_seconds"), 0);
  for (const char* histogram :
       {"trimaran_log_sync_seconds", "trimaran_apply_seconds"}) {
    EXPECT_GE(CountOf(after, histogram), CountOf(before, histogram) + 11);
    EXPECT_GT(SumOf(after, histogram), SumOf(before, histogram));
    EXPECT_LT(SumOf(after, histogram), 60);
  }
  EXPECT_EQ(after.ValueOf("trimaran_elections_won_total"), 1);
  EXPECT_EQ(after.ValueOf("trimaran_elections_begun_total"), 1);
  EXPECT_EQ(after.ValueOf("trimaran_leader_changes_total"), 1);
  // A heartbeat old at most.
  EXPECT_TRUE(Eventually(
      [&db] { return ScrapeOf(db).ValueOf("trimaran_log_entries") >= 10; }));
}

TEST(MetricsTest, CallbacksAreMeasuredAsWell) {
  TestDirectory directory;
  auto opened = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  for (int i = 0; i < 10; ++i) {
    (*opened)->WriteAsync({}, [](const auto&) {});
  }
  // Behind all of them.
  ASSERT_TRUE((*opened)->Put("key", "v").ok());
  EXPECT_EQ(CountOf(ScrapeOf(**opened), "trimaran_write_seconds"), 11);
}

TEST(MetricsTest, LogTellsItsSizeOnTheDisk) {
  TestDirectory directory;
  Options options = SmallOptions();
  options.log_segment_bytes = uint64_t{256} << 10;
  auto opened = DB::Open(options, directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  DB& db = **opened;
  const auto bytes = [&db] {
    return ScrapeOf(db).ValueOf("trimaran_log_bytes");
  };
  const auto segment = static_cast<double>(options.log_segment_bytes);
  EXPECT_EQ(bytes(), segment);
  const std::string value(options.log_segment_bytes / 8, 'v');
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(db.Put("key", value).ok());
  EXPECT_GE(bytes(), 3 * segment);
  const auto last = db.Put("key", "small");
  ASSERT_TRUE(last.ok()) << last.status();
  ASSERT_TRUE(db.admin().CompactLog(last->index).ok());
  // What has been forgotten may be needed until this says otherwise.
  ASSERT_TRUE(db.admin().Checkpoint().ok());
  EXPECT_TRUE(Eventually([&] { return bytes() == segment; }))
      << bytes() / segment;
}

TEST(MetricsTest, StorageTellsWhatItHasInMemory) {
  TestDirectory directory;
  const Options options = SmallOptions();
  auto opened = DB::Open(options, directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  DB& db = **opened;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(db.Put(absl::StrCat(i), std::string(10000, 'v')).ok());
  }
  const Scrape before = ScrapeOf(db);
  EXPECT_EQ(before.ValueOf("trimaran_cache_bytes_max"), options.cache_bytes);
  EXPECT_GT(before.ValueOf("trimaran_cache_dirty_bytes"), 100000);
  EXPECT_GE(before.ValueOf("trimaran_cache_bytes"),
            before.ValueOf("trimaran_cache_dirty_bytes"));
  EXPECT_EQ(before.ValueOf("trimaran_lookaside_inserts_total"), 0);

  ASSERT_TRUE(db.admin().Checkpoint().ok());
  const Scrape after = ScrapeOf(db);
  EXPECT_LT(after.ValueOf("trimaran_cache_dirty_bytes"),
            before.ValueOf("trimaran_cache_dirty_bytes"));
  EXPECT_GE(after.ValueOf("trimaran_last_checkpoint_milliseconds"), 0);
  EXPECT_GE(after.ValueOf("trimaran_pinned_transactions"), 0);
}

TEST(MetricsTest, DatabaseThatHasFailedStillTells) {
  TestDirectory directory;
  auto opened = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  std::filesystem::remove_all(directory.path());
  absl::Status failed;
  for (int i = 0; i < 1000 && failed.ok(); ++i) {
    failed = (*opened)->Put(absl::StrCat(i), std::string(10000, 'v')).status();
  }
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(ScrapeOf(**opened).ValueOf("trimaran_up"), 0);
}

// Not by way of the public headers, which have nothing that poisons a cache.
TEST(MetricsTest, WhatTheStorageDoesNotTellIsLeftOut) {
  ReplicaStatus status;
  status.members.emplace_back();
  const Scrape scrape =
      ParseMetrics(MetricsOf(status, {}, absl::InternalError("poisoned")));
  EXPECT_EQ(scrape.problems, std::vector<std::string>());
  EXPECT_TRUE(scrape.metrics.contains("trimaran_up"));
  EXPECT_FALSE(scrape.metrics.contains("trimaran_cache_bytes"));
}

TEST(MetricsTest, LeaderTellsHowFarBehindItsPeersAre) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  ASSERT_TRUE(group.at(leader).Get("key").ok());
  const uint64_t cut_off = leader % 3 + 1;
  group.network().Isolate(cut_off);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(group.at(leader).Put("key", absl::StrCat(i)).ok());
  }
  Scrape scrape;
  const auto lag_of = [&](uint64_t id) {
    return ByLabel(scrape, "trimaran_peer_lag_entries", "peer")
        .at(absl::StrCat(id));
  };
  EXPECT_TRUE(Eventually([&] {
    scrape = ScrapeOf(group.at(leader));
    return lag_of(cut_off) >= 90;
  }));
  EXPECT_LT(lag_of(leader), 90);
  EXPECT_GT(CountOf(scrape, "trimaran_read_wait_seconds"), 0);
  // The others do not know.
  EXPECT_TRUE(
      ByLabel(ScrapeOf(group.at(cut_off)), "trimaran_peer_lag_entries", "peer")
          .empty());
}

TEST(MetricsTest, NamesOfMembersMayHoldAnyBytes) {
  Group group(1);
  const std::string name = "a\"b\\c\nd\xff\x01{},=";
  ASSERT_TRUE(group.at(1)
                  .admin()
                  .UpdateMember(1, {.name = name, .address = "\\x"})
                  .ok());
  const Scrape scrape = ScrapeOf(group.at(1));
  const auto names = ByLabel(scrape, "trimaran_member_info", "name");
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(names.begin()->first, "a\"b\\c\nd\\xff\\x01{},=");
  EXPECT_EQ(ByLabel(scrape, "trimaran_member_info", "address").begin()->first,
            "\\x");
}

}  // namespace
}  // namespace trimaran

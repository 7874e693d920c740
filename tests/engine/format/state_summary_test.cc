// Goal: the hash of a state tells states apart and never changes, and a stream
// of records that is no state is noticed.

#include "engine/format/state_summary.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/errors.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr GroupId kGroup{7};

std::string Row(uint64_t family, std::string_view key) {
  return KeyOf(RowKey{kGroup, FamilyId(family), key});
}

std::string Value(std::string_view value) {
  std::string out;
  EncodeRowValue({LogIndex(9), value}, out);
  return out;
}

absl::Status AddFamily(StateSummarizer& summarizer, uint64_t family,
                       std::string_view name) {
  return summarizer.Add(
      KeyOf(FamilyKey{kGroup, FamilyId(family)}),
      EncodeRecord(FamilyRecord{FamilyId(family), std::string(name)}));
}

StateHash HashOf(std::vector<std::pair<std::string, std::string>> records) {
  StateHasher hasher;
  for (const auto& [key, value] : records) hasher.Add(key, value);
  return hasher.hash();
}

TEST(StateHasherTest, TheHashesNeverChange) {
  EXPECT_EQ(ToString(StateHasher().hash()), "ded1fbbeb891342ad34d35c0994c90e1");
  EXPECT_EQ(ToString(HashOf({{"k", ""}})), "2defa71bc996a1560a315213bf397a06");
  EXPECT_EQ(ToString(HashOf({{"key", "value"},
                             {"key2",
                              "a longer value, of "
                              "more than two words"}})),
            "5a26d637fca4497f3a9d58dbfed36639");
}

TEST(StateHasherTest, StreamsThatLookAlikeHashApart) {
  const std::vector<StateHash> hashes = {
      HashOf({}),
      HashOf({{"", ""}}),
      HashOf({{"a", ""}}),
      HashOf({{"", "a"}}),
      HashOf({{"a", "b"}}),
      HashOf({{"ab", ""}}),
      HashOf({{"a", std::string("b\0", 2)}}),
      HashOf({{"a", std::string("b\0\0", 3)}}),
      HashOf({{"a", "b"}, {"c", "d"}}),
      HashOf({{"c", "d"}, {"a", "b"}}),
      HashOf({{"a", "bc"}, {"", "d"}}),
      HashOf({{"12345678", "12345678"}}),
      HashOf({{"1234567812345678", ""}}),
      HashOf({{"", "1234567812345678"}}),
  };
  std::set<std::string> seen;
  for (const StateHash& hash : hashes) {
    EXPECT_TRUE(seen.insert(ToString(hash)).second) << hash;
  }
}

TEST(StateHasherTest, EveryFlippedBitChangesBothHalves) {
  const std::string key = "some key";
  const std::string value(40, 'v');
  const StateHash good = HashOf({{key, value}, {"next", "record"}});
  for (size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string bad = value;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const StateHash hash = HashOf({{key, bad}, {"next", "record"}});
    EXPECT_NE(hash.high, good.high) << bit;
    EXPECT_NE(hash.low, good.low) << bit;
  }
}

TEST(StateSummarizerTest, CountsFamilyByFamily) {
  StateSummarizer summarizer(kGroup);
  ASSERT_TRUE(summarizer.Add(KeyOf(ApplyStateKey{kGroup}), "apply").ok());
  ASSERT_TRUE(AddFamily(summarizer, 1, "default").ok());
  ASSERT_TRUE(AddFamily(summarizer, 2, "empty").ok());
  ASSERT_TRUE(AddFamily(summarizer, 300, "index").ok());
  ASSERT_TRUE(summarizer.Add(Row(1, "a"), Value("1")).ok());
  ASSERT_TRUE(summarizer.Add(Row(1, "b"), Value("22")).ok());
  ASSERT_TRUE(summarizer.Add(Row(300, "a"), Value("")).ok());

  const StateSummary summary = summarizer.Finish();

  ASSERT_EQ(summary.families.size(), 4u);
  EXPECT_EQ(summary.families[0].rows, 4u);
  EXPECT_EQ(summary.families[1].name, "default");
  EXPECT_EQ(summary.families[1].rows, 2u);
  EXPECT_EQ(summary.families[1].bytes,
            Row(1, "a").size() * 2 + Value("1").size() + Value("22").size());
  EXPECT_EQ(summary.families[1].hash,
            HashOf({{Row(1, "a"), Value("1")}, {Row(1, "b"), Value("22")}}));
  EXPECT_EQ(summary.families[2].rows, 0u);
  EXPECT_EQ(summary.families[2].hash, HashOf({}));
  EXPECT_EQ(summary.families[3].family, FamilyId(300));
  EXPECT_EQ(summary.families[3].rows, 1u);
  EXPECT_EQ(summary.rows, 7u);
}

TEST(StateSummarizerTest, TheWholeHashDependsOnEveryFamily) {
  std::set<std::string> seen;
  for (const char* in_first : {"", "x"}) {
    for (const char* in_second : {"", "x"}) {
      StateSummarizer summarizer(kGroup);
      ASSERT_TRUE(AddFamily(summarizer, 1, "default").ok());
      ASSERT_TRUE(AddFamily(summarizer, 2, "second").ok());
      ASSERT_TRUE(summarizer.Add(Row(1, "a"), Value(in_first)).ok());
      ASSERT_TRUE(summarizer.Add(Row(2, "a"), Value(in_second)).ok());
      seen.insert(ToString(summarizer.Finish().hash));
    }
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(StateSummarizerTest, NoRecordsAreASummaryToo) {
  const StateSummary summary = StateSummarizer(kGroup).Finish();
  EXPECT_EQ(summary.rows, 0u);
  ASSERT_EQ(summary.families.size(), 1u);
  EXPECT_EQ(summary.families[0].hash, HashOf({}));
}

TEST(StateSummarizerTest, WhatIsNoStateIsRefused) {
  struct Case {
    const char* message;
    std::string key;
    std::string value;
  };
  const std::vector<Case> cases = {
      {"not behind", Row(1, "m"), ""},
      {"not behind", Row(1, "a"), ""},
      {"not a key", "\xff", ""},
      {"of group 8", KeyOf(RowKey{GroupId(8), FamilyId(1), "k"}), ""},
      {"does not name", Row(2, "k"), ""},
  };
  for (const Case& one : cases) {
    StateSummarizer summarizer(kGroup);
    ASSERT_TRUE(AddFamily(summarizer, 1, "default").ok());
    ASSERT_TRUE(summarizer.Add(Row(1, "m"), "").ok());
    const absl::Status status = summarizer.Add(one.key, one.value);
    EXPECT_TRUE(IsCorruption(status)) << one.message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.message));
  }
}

TEST(StateSummarizerTest, WhatIsOneStoresOwnIsRefused) {
  StateSummarizer summarizer(kGroup);
  const absl::Status status =
      summarizer.Add(KeyOf(GarbageKey{kGroup, FamilyId(4)}),
                     EncodeRecord(FamilyRecord{FamilyId(4), "dropped"}));
  EXPECT_TRUE(IsCorruption(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("one store's own"));
}

TEST(StateSummarizerTest, AFamilyUnderTheKeyOfAnotherIsRefused) {
  StateSummarizer summarizer(kGroup);
  const absl::Status status =
      summarizer.Add(KeyOf(FamilyKey{kGroup, FamilyId(4)}),
                     EncodeRecord(FamilyRecord{FamilyId(5), "other"}));
  EXPECT_TRUE(IsCorruption(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("that of family 5"));
}

}  // namespace
}  // namespace trimaran::engine

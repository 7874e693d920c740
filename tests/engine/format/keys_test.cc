// Goal: each key has the bytes that the format promises, sorts as what it
// names, and comes back as what it was; and nothing else is a key.

#include "engine/format/keys.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/errors.h"
#include "engine/base/random.h"
#include "engine/format/limits.h"
#include "engine/format/row_value.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();
constexpr GroupId kGroup{0x0102030405060708};
constexpr GroupId kSmallGroup{7};

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}

std::string HexOf(const Key& key) { return Hex(KeyOf(key)); }

// Covers: D2
TEST(KeysTest, HaveTheBytesThatTheFormatPromises) {
  EXPECT_EQ(HexOf(LocalIdentKey{}), "0102");
  EXPECT_EQ(HexOf(LogEntryKey{kGroup, LogIndex(0x0a0b)}),
            "010201020304050607080100000000"
            "00000a0b");
  EXPECT_EQ(HexOf(RaftStateKey{kGroup}), "0102010203040506070802");
  EXPECT_EQ(HexOf(ApplyStateKey{kGroup}), "0102010203040506070803");
  EXPECT_EQ(HexOf(RegionStateKey{kGroup}), "0103010203040506070801");
  EXPECT_EQ(HexOf(SessionKey{kGroup, SessionId(9)}),
            "010401020304050607080000000000000009");
  EXPECT_EQ(HexOf(FamilyKey{kGroup, FamilyId(2)}),
            "010501020304050607080000000000000002");
  EXPECT_EQ(HexOf(GarbageKey{kGroup, FamilyId(3)}),
            "010601020304050607080000000000000003");
  EXPECT_EQ(HexOf(RowKey{kSmallGroup, kDefaultFamily, "key"}), "0207016b6579");
  EXPECT_EQ(HexOf(RowKey{kGroup, FamilyId(248), std::string_view("\0", 1)}),
            "02ff0102030405060708f8f800");
}

std::vector<Key> SomeKeys() {
  static constexpr std::string_view kNul("\0", 1);
  return {LocalIdentKey{},
          LogEntryKey{kSmallGroup, LogIndex(1)},
          LogEntryKey{kGroup, LogIndex(kMax64)},
          RaftStateKey{kGroup},
          ApplyStateKey{kGroup},
          RegionStateKey{kSmallGroup},
          SessionKey{kGroup, SessionId(kMax64)},
          FamilyKey{kSmallGroup, FamilyId(300)},
          GarbageKey{kSmallGroup, FamilyId(300)},
          RowKey{kSmallGroup, kDefaultFamily, "k"},
          RowKey{kGroup, FamilyId(70000), kNul}};
}

TEST(KeysTest, ComeBackAsWhatTheyWere) {
  for (const Key& key : SomeKeys()) {
    const std::string bytes = KeyOf(key);
    const auto decoded = DecodeKey(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, key) << DebugString(key);
  }
}

TEST(KeysTest, EncodingReplacesWhatWasThere) {
  std::string key = "something that is longer than any of the fixed keys";
  EncodeKey(RaftStateKey{kGroup}, key);
  EXPECT_EQ(Hex(key), "0102010203040506070802");
}

// ---- Order ----

TEST(KeysTest, RowsSortByGroupThenFamilyThenKey) {
  const std::vector<uint64_t> numbers = {
      1, 2, 246, 247, 248, 255, 256, 65535, 65536, 1ull << 56, kMax64};
  const std::vector<std::string> user_keys = {
      std::string(1, '\0'), std::string(2, '\0'), "a", "aa", "b", "\xff"};

  std::vector<std::string> keys;
  for (const uint64_t group : numbers) {
    for (const uint64_t family : numbers) {
      for (const std::string& user_key : user_keys) {
        keys.push_back(
            KeyOf(RowKey{GroupId(group), FamilyId(family), user_key}));
      }
    }
  }

  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(),
            keys.size());
}

TEST(KeysTest, NumberedKeysSortByNumber) {
  const std::vector<uint64_t> numbers = {0, 1, 255, 256, 1ull << 32, kMax64};
  for (size_t i = 1; i < numbers.size(); ++i) {
    const uint64_t low = numbers[i - 1];
    const uint64_t high = numbers[i];
    EXPECT_LT(KeyOf(LogEntryKey{kGroup, LogIndex(low)}),
              KeyOf(LogEntryKey{kGroup, LogIndex(high)}));
    EXPECT_LT(KeyOf(SessionKey{kGroup, SessionId(low)}),
              KeyOf(SessionKey{kGroup, SessionId(high)}));
    EXPECT_LT(KeyOf(FamilyKey{GroupId(low), FamilyId(kMax64)}),
              KeyOf(FamilyKey{GroupId(high), FamilyId(0)}));
  }
}

TEST(KeysTest, WhatTheEngineKeepsSortsBeforeAllRows) {
  const std::string first_row =
      KeyOf(RowKey{GroupId(0), FamilyId(0), std::string_view("\0", 1)});
  EXPECT_LT(KeyOf(GarbageKey{GroupId(kMax64), FamilyId(kMax64)}), first_row);
}

// ---- Prefixes ----

TEST(KeysTest, FamilyPrefixIsThreeBytesForSmallNumbers) {
  EXPECT_EQ(Hex(FamilyPrefix(GroupId(1), kDefaultFamily)), "020101");
  EXPECT_EQ(FamilyPrefix(GroupId(247), FamilyId(247)).size(), 3u);
  EXPECT_EQ(FamilyPrefix(kGroup, FamilyId(kMax64)).size(), 19u);
}

TEST(KeysTest, NoFamilyPrefixBeginsAnother) {
  std::vector<std::string> prefixes;
  for (const uint64_t number :
       {0ull, 1ull, 247ull, 248ull, 255ull, 256ull, 65536ull, ~0ull}) {
    prefixes.push_back(FamilyPrefix(kSmallGroup, FamilyId(number)));
    prefixes.push_back(FamilyPrefix(GroupId(number), FamilyId(8)));
  }
  for (const std::string& a : prefixes) {
    for (const std::string& b : prefixes) {
      if (a != b) {
        EXPECT_NE(a, b.substr(0, a.size())) << Hex(b);
      }
    }
  }
}

TEST(KeysTest, PrefixAndUserKeyMakeTheRowsKey) {
  EXPECT_EQ(FamilyPrefix(kGroup, FamilyId(300)) + "key",
            KeyOf(RowKey{kGroup, FamilyId(300), "key"}));
}

TEST(KeysTest, GroupsOwnPrefixesBeginTheirKeys) {
  const auto begins = [](const std::string& prefix, const Key& key) {
    return KeyOf(key).substr(0, prefix.size()) == prefix;
  };
  EXPECT_TRUE(begins(SessionPrefix(kGroup), SessionKey{kGroup, SessionId(1)}));
  EXPECT_TRUE(begins(FamilyKeyPrefix(kGroup), FamilyKey{kGroup, FamilyId(1)}));
  EXPECT_TRUE(begins(GarbagePrefix(kGroup), GarbageKey{kGroup, FamilyId(1)}));
  EXPECT_FALSE(
      begins(SessionPrefix(kGroup), SessionKey{kSmallGroup, SessionId(1)}));
}

// ---- What is no key ----

TEST(KeysTest, KeyCutShortOrMadeLongerIsAnotherOrNone) {
  for (const Key& key : SomeKeys()) {
    const std::string bytes = KeyOf(key);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = DecodeKey(bytes.substr(0, size));
      if (decoded.ok()) {
        EXPECT_NE(*decoded, key) << Hex(bytes);
      }
    }
    const std::string longer = bytes + '!';
    const auto decoded = DecodeKey(longer);
    EXPECT_EQ(decoded.ok(), std::holds_alternative<RowKey>(key)) << Hex(bytes);
  }
}

TEST(KeysTest, RefusesWhatNoEncoderMakes) {
  for (const std::string_view hex :
       {"", "00", "03", "01", "0101", "0107000000000000000100000000000000ff",
        // A suffix that does not exist.
        "0102000000000000000104", "0103000000000000000102",
        // No user key, and numbers that are longer than they need to be.
        "020101", "02f8010161", "02f9000161", "0201f9000161",
        // Cut off within a number.
        "02", "02ff01", "0201ff01"}) {
    const std::string bytes = absl::HexStringToBytes(hex.data());
    const auto decoded = DecodeKey(bytes);
    EXPECT_TRUE(IsCorruption(decoded.status())) << hex;
  }
}

TEST(KeysTest, UserKeyHasTheLimitThatItHasInCommands) {
  const std::string longest(kKeyBytesMax, 'k');
  EXPECT_TRUE(
      DecodeKey(KeyOf(RowKey{kSmallGroup, kDefaultFamily, longest})).ok());
  EXPECT_FALSE(
      DecodeKey(KeyOf(RowKey{kSmallGroup, kDefaultFamily, longest + "k"}))
          .ok());
}

TEST(KeysTest, WhateverIsAKeyHasNoOtherEncoding) {
  SeededRandom random(21);
  int decoded_count = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(1, static_cast<char>(random.Uniform(4)));
    const uint64_t size = random.Uniform(24);
    for (uint64_t k = 0; k < size; ++k) {
      // Mostly small, so that prefixes and lengths come about.
      bytes += static_cast<char>(random.OneIn(3) ? random.Uniform(256)
                                                 : random.Uniform(8));
    }
    const auto key = DecodeKey(bytes);
    if (!key.ok()) continue;
    ++decoded_count;
    EXPECT_EQ(Hex(KeyOf(*key)), Hex(bytes));
  }
  EXPECT_GT(decoded_count, 1000);
}

TEST(KeysTest, TellsWhatIsOneStoresOwn) {
  EXPECT_TRUE(IsStoreLocal(LocalIdentKey{}));
  EXPECT_TRUE(IsStoreLocal(GarbageKey{kGroup, FamilyId(2)}));
  EXPECT_FALSE(IsStoreLocal(ApplyStateKey{kGroup}));
  EXPECT_FALSE(IsStoreLocal(RegionStateKey{kGroup}));
  EXPECT_FALSE(IsStoreLocal(SessionKey{kGroup, SessionId(1)}));
  EXPECT_FALSE(IsStoreLocal(FamilyKey{kGroup, FamilyId(1)}));
  EXPECT_FALSE(IsStoreLocal(RowKey{kGroup, FamilyId(1), "k"}));
}

TEST(KeysTest, DescribesKeysForPeople) {
  EXPECT_EQ(DebugString(LocalIdentKey{}), "local ident");
  EXPECT_EQ(DebugString(LogEntryKey{kSmallGroup, LogIndex(12)}),
            "group 7 log entry 12");
  EXPECT_EQ(DebugString(RowKey{kSmallGroup, FamilyId(2), "a\n"}),
            "group 7 family 2 row \"a\\n\"");
}

// ---- Row values ----

TEST(RowValueTest, IsTheVersionAndTheBytes) {
  std::string bytes = "old";
  EncodeRowValue({LogIndex(300), "value"}, bytes);
  EXPECT_EQ(Hex(bytes), "ac0276616c7565");

  RowValue row;
  ASSERT_TRUE(DecodeRowValue(bytes, row));
  EXPECT_EQ(row, (RowValue{LogIndex(300), "value"}));
}

TEST(RowValueTest, ValueMayBeEmptyAndTheVersionMayNotBeNone) {
  std::string bytes;
  EncodeRowValue({LogIndex(1), ""}, bytes);
  RowValue row;
  ASSERT_TRUE(DecodeRowValue(bytes, row));
  EXPECT_EQ(row, (RowValue{LogIndex(1), ""}));

  EXPECT_FALSE(DecodeRowValue("", row));
  EXPECT_FALSE(DecodeRowValue(std::string_view("\0value", 6), row));
  EXPECT_FALSE(DecodeRowValue("\x80", row));
}

}  // namespace
}  // namespace trimaran::engine

// Goal: the chain never changes from one version to the next, and notices
// every way in which two logs can differ.

#include "engine/format/chain.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

LogEntry Entry(uint64_t index, uint64_t term, EntryType type,
               std::string_view payload) {
  return {LogIndex(index), Term(term), type, Payload(payload)};
}

// The numbers were worked out by a second implementation.
TEST(ChainTest, KnownAnswers) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) {
    all_bytes += static_cast<char>(byte);
  }
  const ChainValue first =
      ExtendChain(ChainValue{}, Entry(1, 1, EntryType::kNormal, ""));
  EXPECT_EQ(first.value, 0xc965d6348c188782u);
  const ChainValue second =
      ExtendChain(first, Entry(2, 1, EntryType::kNormal, "123456789"));
  EXPECT_EQ(second.value, 0x3e15d46c39a7e5c0u);
  const ChainValue third =
      ExtendChain(second, Entry(3, 7, EntryType::kConfChange, all_bytes));
  EXPECT_EQ(third.value, 0x62705b6d7d8a0931u);
}

TEST(ChainTest, EveryPartOfAnEntryCounts) {
  const ChainValue before{42};
  const std::vector<LogEntry> entries = {
      Entry(5, 3, EntryType::kNormal, "payload"),
      Entry(6, 3, EntryType::kNormal, "payload"),
      Entry(5, 4, EntryType::kNormal, "payload"),
      Entry(5, 3, EntryType::kConfChange, "payload"),
      Entry(5, 3, EntryType::kNormal, "Payload"),
      Entry(5, 3, EntryType::kNormal, "payload "),
      Entry(5, 3, EntryType::kNormal, ""),
      Entry(3, 5, EntryType::kNormal, "payload"),
  };

  std::set<uint64_t> seen;
  for (const LogEntry& entry : entries) {
    seen.insert(ExtendChain(before, entry).value);
  }
  EXPECT_EQ(seen.size(), entries.size());
}

TEST(ChainTest, WhatCameBeforeCounts) {
  const LogEntry entry = Entry(5, 3, EntryType::kNormal, "payload");
  EXPECT_NE(ExtendChain(ChainValue{1}, entry).value,
            ExtendChain(ChainValue{2}, entry).value);
  EXPECT_NE(ExtendChain(ChainValue{0}, entry).value, 0u);
}

// Zero is the chain before the first entry, and zeroes are what a lost block
// reads as.
TEST(ChainTest, NothingOfZeroesIsNotNothing) {
  EXPECT_NE(ExtendChain(ChainValue{}, LogEntry{}).value, 0u);
}

// Each bit of what is mixed in changes about half of the bits that come out.
TEST(ChainTest, SmallDifferencesSpread) {
  SeededRandom random(20);
  uint64_t flipped = 0;
  constexpr int kRounds = 1000;
  for (int i = 0; i < kRounds; ++i) {
    const uint64_t index = random.Next();
    const uint64_t bit = random.Uniform(64);
    const uint64_t other = index ^ (uint64_t{1} << bit);
    const ChainValue before{random.Next()};
    const uint64_t difference =
        ExtendChain(before, Entry(index, 1, EntryType::kNormal, "")).value ^
        ExtendChain(before, Entry(other, 1, EntryType::kNormal, "")).value;
    const int bits = __builtin_popcountll(difference);
    EXPECT_GT(bits, 8) << index;
    flipped += static_cast<uint64_t>(bits);
  }
  EXPECT_NEAR(static_cast<double>(flipped) / kRounds, 32.0, 1.0);
}

}  // namespace
}  // namespace trimaran::engine

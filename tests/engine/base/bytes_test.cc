// Goal: numbers come back as they were written, keys made of them sort like
// them, and no input makes the reader leave its bytes or take a second
// encoding of the same number.

#include "engine/base/bytes.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();

std::string Varint(uint64_t value) {
  std::string out;
  ByteWriter(out).WriteVarint64(value);
  return out;
}

std::string BigEndian(uint64_t value) {
  std::string out;
  ByteWriter(out).WriteU64(value);
  return out;
}

TEST(ByteWriterTest, FixedWidthNumbersAreBigEndian) {
  std::string out;
  ByteWriter writer(out);
  writer.WriteU8(0x01);
  writer.WriteU16(0x0203);
  writer.WriteU32(0x04050607);
  writer.WriteU64(0x08090a0b0c0d0e0f);
  EXPECT_EQ(out,
            "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
}

TEST(ByteWriterTest, AppendsBehindWhatIsThere) {
  std::string out = "key";
  ByteWriter(out).WriteU8('!');
  EXPECT_EQ(out, "key!");
}

TEST(ByteWriterTest, BigEndianSortsAsTheNumbersDo) {
  const std::vector<uint64_t> rising = {
      0, 1, 0xff, 0x100, 0xffff, 0x7fffffff, 1ull << 32, 1ull << 63, kMax64};
  for (size_t i = 1; i < rising.size(); ++i) {
    EXPECT_LT(BigEndian(rising[i - 1]), BigEndian(rising[i])) << rising[i];
  }
}

TEST(ByteReaderTest, ReadsBackEveryWidthAtItsLimits) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.WriteU8(0xff);
  writer.WriteU16(0xfffe);
  writer.WriteU32(0xfffffffd);
  writer.WriteU64(kMax64 - 3);
  ByteReader reader(bytes);
  uint8_t u8 = 0;
  uint16_t u16 = 0;
  uint32_t u32 = 0;
  uint64_t u64 = 0;
  ASSERT_TRUE(reader.ReadU8(u8) && reader.ReadU16(u16) && reader.ReadU32(u32) &&
              reader.ReadU64(u64));
  EXPECT_EQ(u8, 0xff);
  EXPECT_EQ(u16, 0xfffe);
  EXPECT_EQ(u32, 0xfffffffd);
  EXPECT_EQ(u64, kMax64 - 3);
  EXPECT_TRUE(reader.empty());
}

TEST(ByteReaderTest, AShortReadFailsAndChangesNothing) {
  const std::string bytes = "abc";
  ByteReader reader(bytes);
  uint32_t u32 = 7;
  uint64_t u64 = 8;
  std::string_view view = "untouched";
  EXPECT_FALSE(reader.ReadU32(u32));
  EXPECT_FALSE(reader.ReadU64(u64));
  EXPECT_FALSE(reader.ReadBytes(4, view));
  EXPECT_FALSE(reader.ReadBytes(std::numeric_limits<size_t>::max(), view));
  EXPECT_EQ(u32, 7u);
  EXPECT_EQ(u64, 8u);
  EXPECT_EQ(view, "untouched");
  EXPECT_EQ(reader.rest(), "abc");
}

TEST(ByteReaderTest, AnEmptyReaderRefusesEverythingButNothing) {
  ByteReader reader{std::string_view()};
  uint8_t u8 = 0;
  uint64_t u64 = 0;
  std::string_view view;
  EXPECT_FALSE(reader.ReadU8(u8));
  EXPECT_FALSE(reader.ReadVarint64(u64));
  EXPECT_FALSE(reader.ReadLengthPrefixed(view));
  EXPECT_TRUE(reader.ReadBytes(0, view));
  EXPECT_TRUE(view.empty());
}

TEST(VarintTest, KnownEncodings) {
  EXPECT_EQ(Varint(0), std::string(1, '\0'));
  EXPECT_EQ(Varint(127), "\x7f");
  EXPECT_EQ(Varint(128), "\x80\x01");
  EXPECT_EQ(Varint(300), "\xac\x02");
  EXPECT_EQ(Varint(kMax64), std::string(9, '\xff') + "\x01");
  EXPECT_EQ(Varint(kMax64).size(), kVarint64BytesMax);
}

TEST(VarintTest, ReadsBackEveryPowerOfTwoAndItsNeighbours) {
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t power = uint64_t{1} << bit;
    for (const uint64_t value : {power - 1, power, power + 1}) {
      const std::string bytes = Varint(value) + "tail";
      ByteReader reader(bytes);
      uint64_t read = 0;
      ASSERT_TRUE(reader.ReadVarint64(read)) << value;
      EXPECT_EQ(read, value);
      EXPECT_EQ(reader.rest(), "tail");
    }
  }
}

TEST(VarintTest, RefusesWhatIsNotTheOneEncoding) {
  const std::vector<std::string> bad = {
      "\x80",                            // Cut off.
      std::string(9, '\xff'),            // Cut off before the last byte.
      std::string("\x80\x00", 2),        // 0 in two bytes.
      std::string("\xff\x00", 2),        // 127 in two bytes.
      std::string(9, '\xff') + "\x02",   // 2^64 and more.
      std::string(9, '\xff') + "\x7f",   // Far more.
      std::string(10, '\x80') + "\x01",  // Eleven bytes.
      std::string(9, '\x80') + '\0',     // 0 in ten bytes.
  };
  for (const std::string& bytes : bad) {
    ByteReader reader(bytes);
    uint64_t value = 42;
    EXPECT_FALSE(reader.ReadVarint64(value)) << testing::PrintToString(bytes);
    EXPECT_EQ(value, 42u);
    EXPECT_EQ(reader.rest(), bytes);
  }
}

TEST(LengthPrefixedTest, ReadsBackAndLeavesTheRest) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.WriteLengthPrefixed("");
  writer.WriteLengthPrefixed(std::string(200, 'x'));
  writer.WriteBytes("tail");
  ByteReader reader(bytes);
  std::string_view first = "?";
  std::string_view second;
  ASSERT_TRUE(reader.ReadLengthPrefixed(first));
  ASSERT_TRUE(reader.ReadLengthPrefixed(second));
  EXPECT_EQ(first, "");
  EXPECT_EQ(second, std::string(200, 'x'));
  EXPECT_EQ(reader.rest(), "tail");
}

// A peer may announce any length; the length alone must not be believed.
TEST(LengthPrefixedTest, RefusesALengthBeyondTheEnd) {
  for (const uint64_t announced : {uint64_t{4}, kMax64}) {
    const std::string bytes = Varint(announced) + "abc";
    ByteReader reader(bytes);
    std::string_view view = "untouched";
    EXPECT_FALSE(reader.ReadLengthPrefixed(view));
    EXPECT_EQ(view, "untouched");
    EXPECT_EQ(reader.rest(), bytes);
  }
}

// Whatever is accepted must be what the writer would write.
TEST(VarintTest, EveryAcceptedRandomInputIsCanonical) {
  SeededRandom random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    const uint64_t size = random.Uniform(12);
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t high = random.OneIn(4) ? 0 : 0x80;
      bytes += static_cast<char>(random.Uniform(128) | high);
    }
    ByteReader reader(bytes);
    uint64_t value = 0;
    if (!reader.ReadVarint64(value)) continue;
    EXPECT_EQ(Varint(value) + std::string(reader.rest()), bytes);
  }
}

}  // namespace
}  // namespace trimaran

// Goal: the checksum is CRC-32C as published, by whichever way it is computed,
// at every alignment, length and split.

#include "engine/base/crc32c.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

struct KnownAnswer {
  std::string data;
  uint32_t crc;
};

// RFC 3720, appendix B.4, and the check value that catalogues of CRCs give.
std::vector<KnownAnswer> KnownAnswers() {
  std::string ascending;
  std::string descending;
  for (char i = 0; i < 32; ++i) {
    ascending += i;
    descending += static_cast<char>(31 - i);
  }
  std::string read_command(48, '\0');
  read_command[0] = 0x01;
  read_command[1] = static_cast<char>(0xc0);
  read_command[16] = 0x14;
  read_command[22] = 0x04;
  read_command[27] = 0x14;
  read_command[31] = 0x18;
  read_command[32] = 0x28;
  read_command[40] = 0x02;
  return {{"", 0},
          {"123456789", 0xe3069283},
          {std::string(32, '\0'), 0x8a9136aa},
          {std::string(32, '\xff'), 0x62a8ab43},
          {ascending, 0x46dd794e},
          {descending, 0x113fdb5c},
          {read_command, 0xd9963a56}};
}

std::string RandomBytes(SeededRandom& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Uniform(256));
  return bytes;
}

TEST(Crc32cTest, KnownAnswersHold) {
  for (const KnownAnswer& known : KnownAnswers()) {
    EXPECT_EQ(Crc32c(known.data), known.crc)
        << testing::PrintToString(known.data);
  }
}

TEST(Crc32cTest, KnownAnswersHoldForThePortableWay) {
  for (const KnownAnswer& known : KnownAnswers()) {
    EXPECT_EQ(crc32c_internal::ExtendPortable(0, known.data), known.crc)
        << testing::PrintToString(known.data);
  }
}

TEST(Crc32cTest, BothWaysAgreeAtEveryLengthAndAlignment) {
  if (!crc32c_internal::HasHardware()) {
    GTEST_SKIP() << "this processor has no CRC-32C instruction";
  }
  SeededRandom random(1);
  const std::string bytes = RandomBytes(random, 4096);
  const std::string_view all = bytes;
  for (size_t offset = 0; offset < 16; ++offset) {
    for (size_t size = 0; size < 80; ++size) {
      const std::string_view part = all.substr(offset, size);
      ASSERT_EQ(crc32c_internal::ExtendHardware(0, part),
                crc32c_internal::ExtendPortable(0, part))
          << "offset " << offset << " size " << size;
    }
  }
  for (int round = 0; round < 200; ++round) {
    const size_t offset = random.Uniform(bytes.size());
    const std::string_view part =
        all.substr(offset, random.Uniform(bytes.size() - offset + 1));
    const auto start = static_cast<uint32_t>(random.Next());
    ASSERT_EQ(crc32c_internal::ExtendHardware(start, part),
              crc32c_internal::ExtendPortable(start, part))
        << "offset " << offset << " size " << part.size();
  }
}

// Long runs are gone through in three parts of 1024 bytes at once.
TEST(Crc32cTest, BothWaysAgreeAroundThePartsOfLongRuns) {
  if (!crc32c_internal::HasHardware()) {
    GTEST_SKIP() << "this processor has no CRC-32C instruction";
  }
  SeededRandom random(2);
  const std::string bytes = RandomBytes(random, 20000);
  const std::string_view all = bytes;
  for (const size_t whole : {3072u, 6144u, 9216u, 18432u}) {
    for (size_t size = whole - 9; size < whole + 10; ++size) {
      const std::string_view part = all.substr(random.Uniform(1000), size);
      const auto start = static_cast<uint32_t>(random.Next());
      ASSERT_EQ(crc32c_internal::ExtendHardware(start, part),
                crc32c_internal::ExtendPortable(start, part))
          << "size " << part.size();
    }
  }
}

TEST(Crc32cTest, ExtendingAPrefixEqualsTheWhole) {
  SeededRandom random(2);
  const std::string bytes = RandomBytes(random, 100);
  const std::string_view all = bytes;
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    EXPECT_EQ(ExtendCrc32c(Crc32c(all.substr(0, cut)), all.substr(cut)),
              Crc32c(all));
  }
}

// The guarantee that a torn or damaged record is found rests on this.
TEST(Crc32cTest, EveryFlippedBitIsSeen) {
  SeededRandom random(3);
  std::string bytes = RandomBytes(random, 64);
  const uint32_t crc = Crc32c(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<unsigned char>(1u << (bit % 8));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    EXPECT_NE(Crc32c(bytes), crc) << "bit " << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
  }
}

}  // namespace
}  // namespace trimaran

// Goal: a header is read as it was written, and every flipped bit is noticed.

#include "engine/log/segment_header.h"

#include <string>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/log/segment_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

SegmentHeader SomeHeader() {
  SegmentHeader header;
  header.store = StoreId(11);
  header.sequence = 5;
  header.segment_bytes = 65536;
  header.oldest_segment = 3;
  header.next_record = 99;
  header.last = {{LogIndex(40), Term(4)}, ChainValue{77}};
  header.hard_state = {Term(5), ReplicaId(2), LogIndex(38)};
  header.generation = 6;
  return header;
}

TEST(SegmentHeaderTest, IsReadAsItWasWritten) {
  const std::string block = EncodeSegmentHeader(SomeHeader());
  EXPECT_EQ(block.size(), kSegmentHeaderBytes);
  EXPECT_EQ(DecodeSegmentHeader(block).value(), SomeHeader());
}

TEST(SegmentHeaderTest, EveryFlippedBitIsNoticed) {
  const std::string block = EncodeSegmentHeader(SomeHeader());
  for (size_t at = 0; at < block.size(); ++at) {
    std::string damaged = block;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    EXPECT_TRUE(IsCorruption(DecodeSegmentHeader(damaged).status())) << at;
  }
}

TEST(SegmentHeaderTest, BlockOfZerosWasNeverUsed) {
  EXPECT_TRUE(absl::IsNotFound(
      DecodeSegmentHeader(std::string(kSegmentHeaderBytes, '\0')).status()));
  EXPECT_TRUE(IsCorruption(DecodeSegmentHeader("short").status()));
}

TEST(SegmentHeaderTest, LaterVersionIsNamed) {
  std::string block = EncodeSegmentHeader(SomeHeader());
  block[15] = 2;
  std::string checksum;
  ByteWriter(checksum).WriteU32(Crc32c(std::string_view(block).substr(12)));
  block.replace(8, 4, checksum);

  const absl::Status status = DecodeSegmentHeader(block).status();

  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 2"));
}

TEST(SegmentNameTest, NamesAreReadBackAndOthersRefused) {
  EXPECT_EQ(SegmentName(1), "seg-000001");
  for (const uint64_t slot :
       {uint64_t{1}, uint64_t{999999}, uint64_t{1234567}}) {
    EXPECT_EQ(ParseSegmentName(SegmentName(slot)), slot);
  }
  for (const char* name : {"seg-000000", "seg-1", "seg-0000001", "seg-00000x",
                           "seg-000001.tmp", "SEG-000001", "", "other"}) {
    EXPECT_FALSE(ParseSegmentName(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace trimaran::engine

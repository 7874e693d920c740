// Goal: a record is read as it was written, at its place only, and every
// flipped bit of it is noticed.

#include "engine/log/record.h"

#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

constexpr RecordPlace kPlace{kTestStore, 7, 4096};

RecordFields BatchFields() {
  RecordFields fields;
  fields.number = 12;
  fields.before = {{LogIndex(4), Term(2)}, ChainValue{0xabcdef}};
  fields.hard_state = HardState{Term(3), ReplicaId(1), LogIndex(4)};
  return fields;
}

std::vector<LogEntry> SomeEntries() {
  std::vector<LogEntry> entries = MakeEntries(5, 3, 2, 30);
  entries[1].type = EntryType::kConfChange;
  entries[2].term = Term(1000);
  entries[2].payload = Payload();
  return entries;
}

std::string Encoded(const RecordFields& fields,
                    const std::vector<LogEntry>& entries) {
  std::string bytes;
  EncodeRecord(kPlace, fields, entries, bytes);
  return bytes;
}

TEST(RecordTest, BatchIsReadAsItWasWritten) {
  const RecordFields fields = BatchFields();
  const auto entries = SomeEntries();
  std::string bytes;
  const ChainValue chain = EncodeRecord(kPlace, fields, entries, bytes);
  EXPECT_EQ(bytes.size(), RecordBytes(fields, entries));
  EXPECT_EQ(bytes.size() % kRecordAlignment, 0u);

  const RecordPeek peek = PeekRecord(kPlace, bytes + "what follows");
  ASSERT_EQ(peek.found, RecordFound::kRecord);
  EXPECT_EQ(peek.number, 12u);
  EXPECT_EQ(peek.bytes, bytes.size());
  Record record;
  ASSERT_TRUE(DecodeRecord(bytes, record).ok());

  EXPECT_EQ(record.fields.kind, LogRecordKind::kBatch);
  EXPECT_EQ(record.fields.before, fields.before);
  EXPECT_EQ(record.fields.hard_state, fields.hard_state);
  ASSERT_EQ(record.entries.size(), 3u);
  for (size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(record.entries[i].id, entries[i].id());
    EXPECT_EQ(record.entries[i].type, entries[i].type);
    EXPECT_EQ(record.entries[i].payload, entries[i].payload.bytes());
  }
  EXPECT_EQ(record.after, (LogPosition{entries.back().id(), chain}));
}

TEST(RecordTest, OtherKindsSayTheirNumber) {
  RecordFields reset = BatchFields();
  reset.kind = LogRecordKind::kReset;
  reset.generation = 9;
  RecordFields trim = BatchFields();
  trim.kind = LogRecordKind::kTrim;
  trim.hard_state.reset();
  trim.oldest_segment = 6;
  RecordFields fence = BatchFields();
  fence.kind = LogRecordKind::kFence;

  for (const RecordFields& fields : {reset, trim, fence}) {
    const std::string bytes = Encoded(fields, {});
    ASSERT_EQ(PeekRecord(kPlace, bytes).found, RecordFound::kRecord);
    Record record;
    ASSERT_TRUE(DecodeRecord(bytes, record).ok());
    EXPECT_EQ(record.fields.kind, fields.kind);
    EXPECT_EQ(record.fields.generation, fields.generation);
    EXPECT_EQ(record.fields.oldest_segment, fields.oldest_segment);
    EXPECT_EQ(record.fields.hard_state, fields.hard_state);
    EXPECT_EQ(record.after, fields.before);
  }
}

TEST(RecordTest, EveryFlippedBitIsNoticed) {
  const RecordFields fields = BatchFields();
  const std::string whole = Encoded(fields, SomeEntries());
  size_t padding = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      if (PeekRecord(kPlace, damaged).found == RecordFound::kRecord) {
        ++padding;
      }
    }
  }
  // Only what fills it up to the alignment is not covered, nor read.
  EXPECT_LT(padding, 8 * kRecordAlignment);
}

TEST(RecordTest, EveryCutIsNoticed) {
  const std::string whole = Encoded(BatchFields(), SomeEntries());
  for (size_t size = 0; size < whole.size(); size += kRecordAlignment) {
    EXPECT_NE(PeekRecord(kPlace, whole.substr(0, size)).found,
              RecordFound::kRecord);
  }
}

TEST(RecordTest, RecordIsNoneAtAnotherPlace) {
  const std::string bytes = Encoded(BatchFields(), SomeEntries());
  for (const RecordPlace& other :
       {RecordPlace{StoreId(1), 7, 4096}, RecordPlace{kTestStore, 8, 4096},
        RecordPlace{kTestStore, 7, 4104}}) {
    EXPECT_EQ(PeekRecord(other, bytes).found, RecordFound::kNothing);
  }
}

TEST(RecordTest, HeaderAloneIsATornRecord) {
  std::string bytes = Encoded(BatchFields(), SomeEntries());
  bytes[kRecordHeaderBytes + 3] ^= 1;

  const RecordPeek peek = PeekRecord(kPlace, bytes);

  EXPECT_EQ(peek.found, RecordFound::kTorn);
  EXPECT_EQ(peek.number, 12u);
}

// The checksums are right, and the content is not.
TEST(RecordTest, MalformedRecordIsCorruption) {
  RecordFields fields = BatchFields();
  fields.kind = static_cast<LogRecordKind>(9);
  Record record;
  EXPECT_TRUE(IsCorruption(DecodeRecord(Encoded(fields, {}), record)));

  // A chain that the entries do not lead to.
  std::string bytes = Encoded(BatchFields(), SomeEntries());
  bytes[48] ^= 1;
  EXPECT_TRUE(IsCorruption(DecodeRecord(bytes, record)));
}

}  // namespace
}  // namespace trimaran::engine

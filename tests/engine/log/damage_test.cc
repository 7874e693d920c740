// Goal: damage is never taken for a torn tail: either the log is what it was,
// or opening names the file and the place. Method: a closed log of several
// segments; one thing is damaged; it is opened.

#include "tests/support/disk/damage.h"

#include <functional>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "engine/log/log_reader.h"
#include "engine/log/segment_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kEntryCount = 60;

// Three segments or more, of records of one entry.
std::unique_ptr<LogHome> RunningLog() {
  auto home = NewLogHome();
  EXPECT_TRUE(home->AppendState({Term(1), ReplicaId(), LogIndex()}, true).ok());
  for (uint64_t i = 1; i <= kEntryCount; ++i) {
    EXPECT_TRUE(home->Append(MakeEntries(i, 1, 1, 700)).ok());
  }
  return home;
}

// Its floor is at its end.
disk::DiskImage ClosedLog() {
  auto home = RunningLog();
  EXPECT_TRUE(home->log().Flush().ok());
  return home->disk().Visible();
}

uint64_t NewestSegment(const disk::DiskImage& image) {
  LogHome home(image);
  const auto scan = ReadLog(home.files(), kTestDirectory, nullptr);
  EXPECT_TRUE(scan.ok()) << scan.status();
  return scan->tail.header.sequence;
}

// Where the records of a segment begin.
class OffsetVisitor final : public LogVisitor {
 public:
  explicit OffsetVisitor(uint64_t segment) : segment_(segment) {}
  void OnSegment(const SegmentFile&, const SegmentHeader&) override {}
  void OnRecord(const Record&, const RecordRef& place) override {
    if (place.segment == segment_) offsets.push_back(place.offset);
  }
  std::vector<uint64_t> offsets;

 private:
  const uint64_t segment_;
};

std::vector<uint64_t> RecordOffsets(const disk::DiskImage& image,
                                    uint64_t segment) {
  LogHome home(image);
  OffsetVisitor visitor(segment);
  EXPECT_TRUE(ReadLog(home.files(), kTestDirectory, &visitor).ok());
  return visitor.offsets;
}

void ExpectRefused(const disk::DiskImage& image,
                   const std::vector<std::string>& words) {
  LogHome home(image);
  const absl::Status status = home.Open();
  EXPECT_TRUE(IsCorruption(status)) << status;
  for (const std::string& word : words) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(word));
  }
  // Nothing was made of it that could hide the damage.
  EXPECT_EQ(home.disk().Visible(), image);
}

TEST(LogDamageTest, DamagedRecordInTheMiddleOfTheNewestSegmentIsNamed) {
  disk::DiskImage image = ClosedLog();
  const uint64_t newest = NewestSegment(image);
  const std::string path = SegmentPath(image, newest);
  const uint64_t offset = RecordOffsets(image, newest)[1];
  for (const uint64_t inside : {uint64_t{0}, uint64_t{20}, uint64_t{300}}) {
    disk::DiskImage damaged = image;
    disk::FlipBit(damaged, path, offset + inside, 3);
    ExpectRefused(damaged, {path, "offset " + std::to_string(offset)});
  }
}

TEST(LogDamageTest, TrimOfSegmentsToComeIsRefused) {
  disk::DiskImage image = RunningLog()->disk().Visible();
  LogHome home(image);
  const auto scan = ReadLog(home.files(), kTestDirectory, nullptr);
  ASSERT_TRUE(scan.ok()) << scan.status();
  const uint64_t newest = scan->tail.header.sequence;
  RecordFields trim;
  trim.kind = LogRecordKind::kTrim;
  trim.number = scan->image.next_record();
  trim.before = scan->image.index().last();
  trim.oldest_segment = newest + 1;
  std::string bytes;
  EncodeRecord({kTestStore, newest, scan->tail.end}, trim, {}, bytes);
  image.files.at(SegmentPath(image, newest)).Write(scan->tail.end, bytes);

  ExpectRefused(image, {"trims segments that follow it"});
}

TEST(LogDamageTest, DamagedRecordOfAnOlderSegmentIsNamed) {
  disk::DiskImage image = ClosedLog();
  for (const uint64_t offset : RecordOffsets(image, 2)) {
    disk::DiskImage damaged = image;
    disk::FlipBit(damaged, SegmentPath(image, 2), offset + 100, 0);
    ExpectRefused(damaged, {"segment 2", std::to_string(offset)});
  }
}

TEST(LogDamageTest, DamagedLastRecordIsATornTail) {
  disk::DiskImage image = RunningLog()->disk().Visible();
  const uint64_t newest = NewestSegment(image);
  const uint64_t offset = RecordOffsets(image, newest).back();
  disk::FlipBit(image, SegmentPath(image, newest), offset + 100, 0);

  LogHome home(image);
  SegmentLog& log = home.Reopen();

  EXPECT_EQ(log.state().last.id.index, LogIndex(kEntryCount - 1));
  EXPECT_GT(home.report().torn_bytes, 700u);
  // It never comes back, and the log goes on.
  ASSERT_TRUE(home.Append(MakeEntries(kEntryCount, 1, 2)).ok());
  home.Reopen();
  EXPECT_EQ(home.log().TermAt(LogIndex(kEntryCount)).value(), Term(2));
}

TEST(LogDamageTest, DamagedLastRecordBelowTheFloorIsARegression) {
  disk::DiskImage image = ClosedLog();
  const uint64_t newest = NewestSegment(image);
  const uint64_t offset = RecordOffsets(image, newest).back();
  disk::FlipBit(image, SegmentPath(image, newest), offset + 100, 0);

  LogHome home(image);

  EXPECT_EQ(home.Reopen().state().owed,
            (EntryId{LogIndex(kEntryCount), Term(2)}));
}

TEST(LogDamageTest, MissingSegmentIsNamed) {
  const disk::DiskImage image = ClosedLog();
  for (uint64_t sequence = 1; sequence < NewestSegment(image); ++sequence) {
    disk::DiskImage damaged = image;
    disk::DeleteFile(damaged, SegmentPath(image, sequence));
    ExpectRefused(damaged, {"segment " + std::to_string(sequence), "missing",
                            std::string(kTestDirectory)});
  }
}

TEST(LogDamageTest, NewestSegmentThatIsGoneIsARegression) {
  disk::DiskImage image = ClosedLog();
  disk::DeleteFile(image, SegmentPath(image, NewestSegment(image)));

  LogHome home(image);
  ASSERT_TRUE(home.Open().ok());

  EXPECT_TRUE(home.log().state().owed.has_value());
  EXPECT_THAT(home.report().regression, HasSubstr("segment"));
}

TEST(LogDamageTest, DamagedHeaderInTheMiddleIsNamed) {
  const disk::DiskImage image = ClosedLog();
  disk::DiskImage damaged = image;
  disk::FlipBit(damaged, SegmentPath(image, 2), 50, 0);
  ExpectRefused(damaged, {"segment 2", "missing"});
}

TEST(LogDamageTest, DamagedHeaderOfTheNewestSegmentIsMended) {
  const disk::DiskImage image = ClosedLog();
  disk::DiskImage damaged = image;
  disk::ZeroPage(damaged, SegmentPath(image, NewestSegment(image)), 0);

  LogHome home(damaged);
  ASSERT_TRUE(home.Open().ok());

  EXPECT_TRUE(home.report().header_repaired);
  EXPECT_EQ(home.report().regression, "");
  EXPECT_EQ(AllEntries(home.log()), MakeEntries(1, kEntryCount, 1, 700));
  home.Reopen();
  EXPECT_FALSE(home.report().header_repaired);
  EXPECT_EQ(AllEntries(home.log()), MakeEntries(1, kEntryCount, 1, 700));
}

TEST(LogDamageTest, DamagedHeadersOfTheTwoNewestSegmentsAreNamed) {
  const disk::DiskImage image = ClosedLog();
  const uint64_t newest = NewestSegment(image);
  disk::DiskImage damaged = image;
  disk::ZeroPage(damaged, SegmentPath(image, newest), 0);
  disk::ZeroPage(damaged, SegmentPath(image, newest - 1), 0);
  ExpectRefused(damaged, {"segment " + std::to_string(newest), "header"});
}

TEST(LogDamageTest, DamagedHeaderOfTheOnlySegmentIsNamed) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1)).ok());
  disk::DiskImage image = home->disk().Visible();
  disk::FlipBit(image, SegmentPath(image, 1), 50, 0);
  ExpectRefused(image, {"no segment with an intact header"});
}

TEST(LogDamageTest, DamagedHeaderAndFirstRecordAreNoTornTail) {
  const disk::DiskImage image = ClosedLog();
  disk::DiskImage damaged = image;
  const std::string path = SegmentPath(image, NewestSegment(image));
  disk::ZeroPage(damaged, path, 0);
  disk::FlipBit(damaged, path, 4096 + 70, 0);
  ExpectRefused(damaged, {path, "first record"});
}

TEST(LogDamageTest, CutSegmentIsNamedWithBothSizes) {
  const disk::DiskImage image = ClosedLog();
  for (uint64_t sequence = 1; sequence <= NewestSegment(image); ++sequence) {
    disk::DiskImage damaged = image;
    const std::string path = SegmentPath(image, sequence);
    disk::CutFile(damaged, path, 8192);
    ExpectRefused(damaged, {path, "8192", "16384"});
  }
}

TEST(LogDamageTest, SwappedPagesAreNoticed) {
  const disk::DiskImage image = ClosedLog();
  disk::DiskImage damaged = image;
  disk::SwapPages(damaged, SegmentPath(image, 2), {1, 2});
  ExpectRefused(damaged, {"segment 2"});
}

TEST(LogDamageTest, CopyOfASegmentIsNoticed) {
  disk::DiskImage image = ClosedLog();
  image.files["log/seg-000099"] = image.files.at(SegmentPath(image, 2));
  ExpectRefused(image, {"seg-000099", "both are segment 2"});
}

TEST(LogDamageTest, SegmentsMayChangeNamesSinceTheySayWhoTheyAre) {
  disk::DiskImage image = ClosedLog();
  std::swap(image.files.at(SegmentPath(image, 1)),
            image.files.at(SegmentPath(image, 2)));

  LogHome home(image);
  home.Reopen();

  EXPECT_EQ(AllEntries(home.log()), MakeEntries(1, kEntryCount, 1, 700));
}

TEST(LogDamageTest, SegmentOfAnotherStoreIsNoticed) {
  disk::DiskImage image = ClosedLog();
  LogHome other;
  other.base_options().store = StoreId(99);
  ASSERT_TRUE(other.Create().ok());
  const disk::DiskImage foreign = other.disk().Visible();
  image.files["log/seg-000099"] = foreign.files.at(SegmentPath(foreign, 1));
  ExpectRefused(image, {"store 99"});

  LogHome wrong(other.disk().Visible());
  const absl::Status status = wrong.Open();
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("store 99"));
}

TEST(LogDamageTest, OldVersionOfASegmentIsNoticed) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 5, 1, 700)).ok());
  const disk::DiskImage older = home->disk().Visible();
  for (uint64_t i = 6; i <= kEntryCount; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 700)).ok());
  }
  disk::DiskImage image = home->disk().Visible();
  disk::RestoreFile(image, SegmentPath(older, 1), older);
  ExpectRefused(image, {"segment 1", "records end"});
}

TEST(LogDamageTest, EveryPageOfTheLogIsWatched) {
  const disk::DiskImage image = ClosedLog();
  const std::vector<LogEntry> entries = MakeEntries(1, kEntryCount, 1, 700);
  for (const std::string& path : SegmentsOf(image)) {
    for (uint64_t page = 0; page < kTestSegmentBytes; page += 4096) {
      SCOPED_TRACE(path + " at " + std::to_string(page));
      disk::DiskImage damaged = image;
      disk::ZeroPage(damaged, path, page);
      LogHome home(damaged);
      const absl::Status status = home.Open();
      if (status.ok() && !home.log().state().owed.has_value()) {
        EXPECT_EQ(AllEntries(home.log()), entries);
      } else if (!status.ok()) {
        EXPECT_TRUE(IsCorruption(status)) << status;
      }
    }
  }
}

TEST(LogDamageTest, BytesOfTheLogInsideAValueAreNoRecord) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 3, 1)).ok());
  const disk::DiskImage image = home->disk().Visible();
  std::string copy(kTestSegmentBytes, '\0');
  image.files.at(SegmentPath(image, 1)).Read(0, absl::MakeSpan(copy));
  std::vector<LogEntry> entries = MakeEntries(4, 1, 1);
  entries[0].payload = Payload(copy);
  ASSERT_TRUE(home->Append(entries).ok());
  disk::DiskImage torn = home->disk().Visible();
  const uint64_t newest = NewestSegment(torn);
  disk::FlipBit(torn, SegmentPath(torn, newest),
                RecordOffsets(torn, newest).back() + 65, 0);

  LogHome after(torn);
  after.Reopen();

  EXPECT_EQ(after.log().state().last.id.index, LogIndex(3));
}

TEST(LogDamageTest, DamageUnderAnOpenLogIsFoundWhenItIsRead) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1, 100)).ok());
  ASSERT_TRUE(home->Append(MakeEntries(2, 1, 1, 100)).ok());
  const disk::DiskImage image = home->disk().Visible();
  const std::string path = SegmentPath(image, 1);
  const uint64_t offset = RecordOffsets(image, 1).back();
  const auto file =
      home->files().Open("/log/" + path, OpenMode::kReadWrite).value();
  ASSERT_TRUE(file->Write(offset + 80, "#").ok());

  const auto read = home->log().Entries(LogIndex(1), LogIndex(3), {});

  EXPECT_TRUE(IsCorruption(read.status())) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(path));
  EXPECT_TRUE(home->log().Entries(LogIndex(1), LogIndex(2), {}).ok());
}

}  // namespace
}  // namespace trimaran::engine

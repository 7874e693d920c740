#include "tests/engine/log/log_fixture.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "gtest/gtest.h"

namespace trimaran::engine {

std::string PayloadOf(uint64_t index, uint64_t term, size_t bytes) {
  std::string payload = std::to_string(index) + "/" + std::to_string(term);
  payload.resize(bytes, '.');
  return payload;
}

std::vector<LogEntry> MakeEntries(uint64_t first, uint64_t count, uint64_t term,
                                  size_t payload_bytes) {
  std::vector<LogEntry> entries;
  for (uint64_t index = first; index < first + count; ++index) {
    entries.push_back({LogIndex(index), Term(term), EntryType::kNormal,
                       Payload(PayloadOf(index, term, payload_bytes))});
  }
  return entries;
}

LogReset FromTheStart() {
  LogReset start;
  start.generation = 1;
  return start;
}

LogHome::LogHome(disk::DiskState state)
    : disk_(std::string(kTestRoot), std::move(state)), files_(disk_) {
  base_options_.files = &files_;
  base_options_.clock = &clock_;
  base_options_.store = kTestStore;
  base_options_.directory = std::string(kTestDirectory);
  base_options_.floor_path = std::string(kTestFloor);
  base_options_.segment_bytes = kTestSegmentBytes;
}

absl::Status LogHome::Create(const LogReset& start) {
  return SegmentLog::Create(base_options_, start);
}

absl::Status LogHome::Open() {
  log_.reset();
  TRIMARAN_ASSIGN_OR_RETURN(SegmentLog::Opened opened,
                            SegmentLog::Open(base_options_));
  log_ = std::move(opened.log);
  report_ = std::move(opened.report);
  return absl::OkStatus();
}

SegmentLog& LogHome::Reopen() {
  const absl::Status status = Open();
  TRIMARAN_CHECK(status.ok()) << ToStd(status.message());
  return *log_;
}

absl::Status LogHome::Append(const std::vector<LogEntry>& entries) {
  LogBatch batch;
  batch.entries = entries;
  batch.must_sync = true;
  return log_->Append(batch);
}

absl::Status LogHome::AppendState(const HardState& state, bool must_sync) {
  LogBatch batch;
  batch.hard_state = state;
  batch.must_sync = must_sync;
  return log_->Append(batch);
}

absl::Status LogHome::Recycle(uint64_t bound) {
  bool more = true;
  while (more) {
    TRIMARAN_ASSIGN_OR_RETURN(more, log_->RecycleStep(LogIndex(bound)));
  }
  return absl::OkStatus();
}

std::unique_ptr<LogHome> NewLogHome() {
  auto home = std::make_unique<LogHome>();
  const absl::Status created = home->Create();
  TRIMARAN_CHECK(created.ok()) << ToStd(created.message());
  home->Reopen();
  return home;
}

std::vector<LogEntry> AllEntries(const SegmentLog& log) {
  const LogIndex end = log.state().last.id.index + 1;
  std::vector<LogEntry> all;
  for (LogIndex first = log.truncated() + 1; first < end;) {
    const auto entries = log.Entries(first, end, ReadLimits{});
    TRIMARAN_CHECK(entries.ok()) << ToStd(entries.status().message());
    TRIMARAN_CHECK(!entries->empty());
    all.insert(all.end(), entries->begin(), entries->end());
    first = first + entries->size();
  }
  return all;
}

std::vector<uint64_t> Indexes(const std::vector<LogEntry>& entries) {
  std::vector<uint64_t> indexes;
  for (const LogEntry& entry : entries) indexes.push_back(entry.index.value());
  return indexes;
}

std::vector<std::string> SegmentsOf(const disk::DiskImage& image) {
  return disk::FilesMatching(image, "log/seg-");
}

std::string SegmentPath(const disk::DiskImage& image, uint64_t sequence) {
  disk::SimDisk disk("/look", image);
  disk::SimFileSystem files(disk);
  for (const std::string& path : SegmentsOf(image)) {
    const auto file = files.Open("/look/" + path, OpenMode::kRead);
    std::string block(kSegmentHeaderBytes, '\0');
    TRIMARAN_CHECK(file.ok());
    TRIMARAN_CHECK((*file)->Read(0, absl::MakeSpan(block)).ok());
    const auto header = DecodeSegmentHeader(block);
    if (header.ok() && header->sequence == sequence) return path;
  }
  TRIMARAN_CHECK(false) << "no segment " << sequence;
  return "";
}

uint64_t FillSegment(LogHome& home) {
  const uint64_t newest = SegmentsOf(home.disk().Visible()).size();
  EXPECT_EQ(newest, 1u);
  uint64_t last = 0;
  while (last < 15) {
    ++last;
    EXPECT_TRUE(home.Append(MakeEntries(last, 1, 1, 700)).ok());
  }
  return last;
}

void ExpectCrashKeeps(LogHome& home, uint64_t promised, uint64_t seed) {
  for (const disk::Survival survival :
       {disk::kNothingSurvives, disk::kEverythingSurvives}) {
    LogHome after(home.disk().AfterCrash(survival, seed));
    const absl::Status opened = after.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    EXPECT_GE(after.log().state().last.id.index, LogIndex(promised));
    EXPECT_LE(after.log().state().last.id.index, LogIndex(promised + 1));
    EXPECT_FALSE(after.log().state().owed.has_value());
  }
}

}  // namespace trimaran::engine

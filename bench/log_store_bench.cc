// What an append to the raft log costs, beside the least that the same bytes
// can cost (one write and one sync into blocks that were written before), and
// beside what storage engines take for a synced batch of the same entries. Each
// case works in a directory of its own, below the current one.

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <wiredtiger.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/paired.h"
#include "benchmark/benchmark.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/file/posix_file_system.h"
#include "engine/log/segment_log.h"

#ifdef TRIMARAN_BENCH_ROCKSDB
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#endif

namespace trimaran::engine {
namespace {

constexpr size_t kPayloadBytes = 100;
constexpr StoreId kStore{1};

class BenchDirectory {
 public:
  BenchDirectory() : path_("log_store_bench_XXXXXX") {
    TRIMARAN_CHECK(::mkdtemp(path_.data()) != nullptr) << path_;
  }
  ~BenchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<LogEntry> MakeBatch(uint64_t first, size_t count) {
  static const Payload payload(std::string(kPayloadBytes, 'p'));
  std::vector<LogEntry> entries(count);
  for (size_t i = 0; i < count; ++i) {
    entries[i] = {LogIndex(first + i), Term(1), EntryType::kNormal, payload};
  }
  return entries;
}

// A log in a directory, compacted as it goes.
class BenchLog {
 public:
  explicit BenchLog(const std::string& path) {
    options_.files = &files_;
    options_.clock = &clock_;
    options_.store = kStore;
    options_.directory = path + "/log";
    options_.floor_path = path + "/FLOOR";
    LogReset start;
    start.generation = 1;
    TRIMARAN_CHECK(SegmentLog::Create(options_, start).ok());
    Open();
  }

  RecoveryReport Open() {
    log_.reset();
    auto opened = SegmentLog::Open(options_);
    TRIMARAN_CHECK(opened.ok()) << ToStd(opened.status().message());
    log_ = std::move(opened->log);
    return opened->report;
  }

  std::vector<LogEntry> NextBatch(size_t count) const {
    return MakeBatch(next_, count);
  }
  void Append(const std::vector<LogEntry>& entries) {
    LogBatch batch;
    batch.entries = entries;
    batch.must_sync = true;
    TRIMARAN_CHECK(log_->Append(batch).ok());
    next_ += entries.size();
  }
  void Append(size_t count) { Append(NextBatch(count)); }

  // What the maintenance does meanwhile.
  void Recycle() {
    log_->Compact(LogIndex(next_ - 1));
    while (log_->RecycleStep(LogIndex(next_ - 1)).value()) {
    }
  }

 private:
  PosixFileSystem files_;
  MonotonicClock clock_;
  SegmentLogOptions options_;
  std::unique_ptr<SegmentLog> log_;
  uint64_t next_ = 1;
};

void Count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void SegmentLogAppend(benchmark::State& state) {
  BenchDirectory directory;
  BenchLog log(directory.path());
  uint64_t appended = 0;
  for (auto _ : state) {
    log.Append(static_cast<size_t>(state.range(0)));
    if (++appended % 1000 == 0) {
      state.PauseTiming();
      log.Recycle();
      state.ResumeTiming();
    }
  }
  Count(state);
}

// The same bytes by one write and one sync, into blocks that were written
// before.
class BareFile {
 public:
  BareFile(const std::string& path, size_t count)
      : bytes_(RecordBytes({}, MakeBatch(1, count)), 'r') {
    fd_ = ::open((path + "/f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const std::string zeros(kFileBytes, '\0');
    TRIMARAN_CHECK_EQ(::pwrite(fd_, zeros.data(), zeros.size(), 0),
                      static_cast<ssize_t>(zeros.size()));
    TRIMARAN_CHECK_EQ(::fsync(fd_), 0);
  }
  ~BareFile() { ::close(fd_); }
  BareFile(const BareFile&) = delete;
  BareFile& operator=(const BareFile&) = delete;

  void Append() {
    if (offset_ + bytes_.size() > kFileBytes) offset_ = 0;
    TRIMARAN_CHECK_EQ(::pwrite(fd_, bytes_.data(), bytes_.size(),
                               static_cast<off_t>(offset_)),
                      static_cast<ssize_t>(bytes_.size()));
    TRIMARAN_CHECK_EQ(::fdatasync(fd_), 0);
    offset_ += bytes_.size();
  }

 private:
  static constexpr uint64_t kFileBytes = uint64_t{16} << 20;
  const std::string bytes_;
  int fd_ = -1;
  uint64_t offset_ = 0;
};

void BareWriteAndSync(benchmark::State& state) {
  BenchDirectory directory;
  BareFile file(directory.path(), static_cast<size_t>(state.range(0)));
  for (auto _ : state) file.Append();
  Count(state);
}

// A table of WiredTiger's with a journal that is synced at each commit.
class SyncedTable {
 public:
  explicit SyncedTable(const std::string& path) : payload_(kPayloadBytes, 'p') {
    MustBeZero(::wiredtiger_open(
        path.c_str(), nullptr,
        "create,cache_size=512MB,log=(enabled,file_max=100MB),"
        "transaction_sync=(enabled=true,method=fsync)",
        &connection_));
    MustBeZero(
        connection_->open_session(connection_, nullptr, nullptr, &session_));
    MustBeZero(session_->create(session_, "file:raft.wt",
                                "key_format=Q,value_format=u"));
    MustBeZero(session_->open_cursor(session_, "file:raft.wt", nullptr, nullptr,
                                     &cursor_));
  }
  ~SyncedTable() { MustBeZero(connection_->close(connection_, nullptr)); }
  SyncedTable(const SyncedTable&) = delete;
  SyncedTable& operator=(const SyncedTable&) = delete;

  void Append(size_t count) {
    MustBeZero(session_->begin_transaction(session_, nullptr));
    for (size_t i = 0; i < count; ++i) {
      WT_ITEM item = {};
      item.data = payload_.data();
      item.size = payload_.size();
      cursor_->set_key(cursor_, next_++);
      cursor_->set_value(cursor_, &item);
      MustBeZero(cursor_->insert(cursor_));
    }
    MustBeZero(session_->commit_transaction(session_, nullptr));
  }

 private:
  static void MustBeZero(int code) { TRIMARAN_CHECK_EQ(code, 0); }

  const std::string payload_;
  WT_CONNECTION* connection_ = nullptr;
  WT_SESSION* session_ = nullptr;
  WT_CURSOR* cursor_ = nullptr;
  uint64_t next_ = 1;
};

void WiredTigerSyncedTransaction(benchmark::State& state) {
  BenchDirectory directory;
  SyncedTable table(directory.path());
  for (auto _ : state) table.Append(static_cast<size_t>(state.range(0)));
  Count(state);
}

// The three in turns, batch by batch, so that a disk that others use as well is
// as slow for one as for the other.
void AppendInTurns(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  BenchDirectory directory;
  BenchLog log(directory.path());
  BareFile bare(directory.path(), count);
  SyncedTable table(directory.path());
  std::vector<double> ours_ns;
  std::vector<double> bare_ns;
  std::vector<double> table_ns;
  for (auto _ : state) {
    const std::vector<LogEntry> entries = log.NextBatch(count);
    for (size_t turn = ours_ns.size(), end = turn + 3; turn < end; ++turn) {
      if (turn % 3 == 0) {
        ours_ns.push_back(bench::CostOf([&] { log.Append(entries); }).wall_ns);
      } else if (turn % 3 == 1) {
        bare_ns.push_back(bench::CostOf([&] { bare.Append(); }).wall_ns);
      } else {
        table_ns.push_back(bench::CostOf([&] { table.Append(count); }).wall_ns);
      }
    }
    if (ours_ns.size() % 1000 == 0) log.Recycle();
  }
  const double ours = bench::Median(ours_ns);
  state.counters["ours_us"] = ours / 1000;
  state.counters["bare"] = ours / bench::Median(bare_ns);
  state.counters["wiredtiger"] = bench::Median(table_ns) / ours;
}

#ifdef TRIMARAN_BENCH_ROCKSDB
void RocksDbSyncedBatch(benchmark::State& state) {
  BenchDirectory directory;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  TRIMARAN_CHECK(rocksdb::DB::Open(options, directory.path(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string payload(kPayloadBytes, 'p');
  uint64_t next = 1;
  for (auto _ : state) {
    rocksdb::WriteBatch batch;
    for (int64_t i = 0; i < state.range(0); ++i) {
      std::string key;
      ByteWriter(key).WriteU64(next++);
      batch.Put(key, payload);
    }
    TRIMARAN_CHECK(db->Write(synced, &batch).ok());
  }
  Count(state);
}
#endif

// Opening a log of 500,000 entries, in records of range(0).
void Recovery(benchmark::State& state) {
  constexpr int64_t kEntries = 500000;
  BenchDirectory directory;
  BenchLog log(directory.path());
  const auto batch = static_cast<size_t>(state.range(0));
  for (int64_t i = 0; i < kEntries; i += state.range(0)) log.Append(batch);
  int64_t entries = 0;
  for (auto _ : state) {
    entries += static_cast<int64_t>(log.Open().entry_count);
  }
  state.SetItemsProcessed(entries);
}

void Batches(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("entries")->Arg(1)->Arg(8)->Arg(64)->Arg(512);
  benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
}
BENCHMARK(AppendInTurns)->Apply(Batches);
BENCHMARK(BareWriteAndSync)->Apply(Batches);
BENCHMARK(SegmentLogAppend)->Apply(Batches);
BENCHMARK(WiredTigerSyncedTransaction)->Apply(Batches);
#ifdef TRIMARAN_BENCH_ROCKSDB
BENCHMARK(RocksDbSyncedBatch)->Apply(Batches);
#endif
BENCHMARK(Recovery)
    ->ArgName("entries_per_record")
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trimaran::engine

BENCHMARK_MAIN();

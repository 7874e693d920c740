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

  void Append(size_t count) {
    const auto entries = MakeBatch(next_, count);
    LogBatch batch;
    batch.entries = entries;
    batch.must_sync = true;
    TRIMARAN_CHECK(log_->Append(batch).ok());
    next_ += count;
  }

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

void BareWriteAndSync(benchmark::State& state) {
  constexpr uint64_t kFileBytes = uint64_t{16} << 20;
  BenchDirectory directory;
  const int fd = ::open((directory.path() + "/f").c_str(),
                        O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string zeros(kFileBytes, '\0');
  TRIMARAN_CHECK_EQ(::pwrite(fd, zeros.data(), zeros.size(), 0),
                    static_cast<ssize_t>(zeros.size()));
  TRIMARAN_CHECK_EQ(::fsync(fd), 0);
  const auto entries = MakeBatch(1, static_cast<size_t>(state.range(0)));
  const std::string bytes(RecordBytes({}, entries), 'r');
  uint64_t offset = 0;
  for (auto _ : state) {
    if (offset + bytes.size() > kFileBytes) offset = 0;
    TRIMARAN_CHECK_EQ(
        ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
        static_cast<ssize_t>(bytes.size()));
    TRIMARAN_CHECK_EQ(::fdatasync(fd), 0);
    offset += bytes.size();
  }
  ::close(fd);
  Count(state);
}

void WiredTigerSyncedTransaction(benchmark::State& state) {
  BenchDirectory directory;
  WT_CONNECTION* connection = nullptr;
  WT_SESSION* session = nullptr;
  WT_CURSOR* cursor = nullptr;
  TRIMARAN_CHECK_EQ(
      ::wiredtiger_open(directory.path().c_str(), nullptr,
                        "create,cache_size=512MB,log=(enabled,file_max=100MB),"
                        "transaction_sync=(enabled=true,method=fsync)",
                        &connection),
      0);
  TRIMARAN_CHECK_EQ(
      connection->open_session(connection, nullptr, nullptr, &session), 0);
  TRIMARAN_CHECK_EQ(
      session->create(session, "file:raft.wt", "key_format=Q,value_format=u"),
      0);
  TRIMARAN_CHECK_EQ(
      session->open_cursor(session, "file:raft.wt", nullptr, nullptr, &cursor),
      0);
  const std::string payload(kPayloadBytes, 'p');
  uint64_t next = 1;
  for (auto _ : state) {
    TRIMARAN_CHECK_EQ(session->begin_transaction(session, nullptr), 0);
    for (int64_t i = 0; i < state.range(0); ++i) {
      WT_ITEM item = {};
      item.data = payload.data();
      item.size = payload.size();
      cursor->set_key(cursor, next++);
      cursor->set_value(cursor, &item);
      TRIMARAN_CHECK_EQ(cursor->insert(cursor), 0);
    }
    TRIMARAN_CHECK_EQ(session->commit_transaction(session, nullptr), 0);
  }
  TRIMARAN_CHECK_EQ(connection->close(connection, nullptr), 0);
  Count(state);
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

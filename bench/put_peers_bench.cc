// What the storage libraries do by themselves with the same puts, in the same
// run and on the same disk: nothing replicated, every put durable when it is
// acknowledged. README.md says what the numbers mean.

#include <wiredtiger.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>
#ifdef TRIMARAN_BENCH_ROCKSDB
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#endif

#include "bench/put_rows.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/mutex.h"

namespace trimaran {
namespace {

class TempDirectory {
 public:
  TempDirectory() {
    std::filesystem::remove_all(path());
    std::filesystem::create_directory(path());
  }
  ~TempDirectory() { std::filesystem::remove_all(path()); }
  std::string path() const { return "put_peers.tmp"; }
};

// One flush of the journal for all that have committed before it.
class GroupedFlush {
 public:
  explicit GroupedFlush(WT_SESSION* session) : session_(session) {}

  void Wait() {
    const MutexLock lock(mutex_);
    const uint64_t ticket = ++asked_;
    while (flushed_ < ticket) {
      if (flushing_) {
        done_.Wait(mutex_);
        continue;
      }
      flushing_ = true;
      const uint64_t up_to = asked_;
      mutex_.Unlock();
      TRIMARAN_CHECK_EQ(session_->log_flush(session_, "sync=on"), 0);
      mutex_.Lock();
      flushed_ = up_to;
      flushing_ = false;
      done_.NotifyAll();
    }
  }

 private:
  WT_SESSION* const session_;
  Mutex mutex_;
  CondVar done_;
  uint64_t asked_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t flushed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool flushing_ ABSL_GUARDED_BY(mutex_) = false;
};

class WiredTiger {
 public:
  WiredTiger() {
    TRIMARAN_CHECK_EQ(
        ::wiredtiger_open(
            directory_.path().c_str(), nullptr,
            "create,cache_size=512MB,session_max=256,"
            "log=(enabled,file_max=100MB),transaction_sync=(method=fsync)",
            &connection_),
        0);
    WT_SESSION* session = OpenSession();
    TRIMARAN_CHECK_EQ(
        session->create(session, "file:kv.wt", "key_format=u,value_format=u"),
        0);
  }
  ~WiredTiger() { connection_->close(connection_, nullptr); }

  WT_SESSION* OpenSession() {
    WT_SESSION* session = nullptr;
    TRIMARAN_CHECK_EQ(
        connection_->open_session(connection_, nullptr, nullptr, &session), 0);
    return session;
  }
  static WT_CURSOR* OpenCursor(WT_SESSION* session) {
    WT_CURSOR* cursor = nullptr;
    TRIMARAN_CHECK_EQ(
        session->open_cursor(session, "file:kv.wt", nullptr, nullptr, &cursor),
        0);
    return cursor;
  }
  static void Put(WT_CURSOR* cursor, const std::string& key,
                  const std::string& value) {
    WT_ITEM item = {};
    item.data = key.data();
    item.size = key.size();
    cursor->set_key(cursor, &item);
    WT_ITEM bytes = {};
    bytes.data = value.data();
    bytes.size = value.size();
    cursor->set_value(cursor, &bytes);
    TRIMARAN_CHECK_EQ(cursor->insert(cursor), 0);
  }

 private:
  TempDirectory directory_;
  WT_CONNECTION* connection_ = nullptr;
};

void BM_WiredTigerSyncedPut(benchmark::State& state) {
  WiredTiger store;
  WT_SESSION* session = store.OpenSession();
  WT_CURSOR* cursor = WiredTiger::OpenCursor(session);
  const std::string value(kValueBytes, 'v');
  const auto batch = static_cast<uint64_t>(state.range(0));
  uint64_t next = 0;
  for (auto _ : state) {
    session->begin_transaction(session, nullptr);
    for (uint64_t i = 0; i < batch; ++i) {
      WiredTiger::Put(cursor, KeyOf(next++), value);
    }
    TRIMARAN_CHECK_EQ(session->commit_transaction(session, "sync=on"), 0);
  }
  state.SetItemsProcessed(static_cast<int64_t>(next));
}
BENCHMARK(BM_WiredTigerSyncedPut)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(256)
    ->UseRealTime();

void BM_WiredTigerGroupedFlush(benchmark::State& state) {
  WiredTiger store;
  GroupedFlush flush(store.OpenSession());
  const auto writers = static_cast<uint64_t>(state.range(0));
  const std::string value(kValueBytes, 'v');
  uint64_t next = 0;
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (uint64_t writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, first = next + writer * kPutsEach] {
        WT_SESSION* session = store.OpenSession();
        WT_CURSOR* cursor = WiredTiger::OpenCursor(session);
        for (uint64_t i = 0; i < kPutsEach; ++i) {
          session->begin_transaction(session, "isolation=snapshot");
          WiredTiger::Put(cursor, KeyOf(first + i), value);
          TRIMARAN_CHECK_EQ(session->commit_transaction(session, "sync=off"),
                            0);
          flush.Wait();
        }
        session->close(session, nullptr);
      });
    }
    for (std::thread& thread : threads) thread.join();
    next += writers * kPutsEach;
  }
  state.SetItemsProcessed(static_cast<int64_t>(next));
}
BENCHMARK(BM_WiredTigerGroupedFlush)
    ->ArgName("writers")
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

#ifdef TRIMARAN_BENCH_ROCKSDB
void BM_RocksDbSyncedPut(benchmark::State& state) {
  TempDirectory directory;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  TRIMARAN_CHECK(rocksdb::DB::Open(options, directory.path(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto writers = static_cast<uint64_t>(state.range(0));
  const std::string value(kValueBytes, 'v');
  uint64_t next = 0;
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (uint64_t writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, first = next + writer * kPutsEach] {
        for (uint64_t i = 0; i < kPutsEach; ++i) {
          TRIMARAN_CHECK(db->Put(synced, KeyOf(first + i), value).ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    next += writers * kPutsEach;
  }
  state.SetItemsProcessed(static_cast<int64_t>(next));
}
BENCHMARK(BM_RocksDbSyncedPut)
    ->ArgName("writers")
    ->Arg(1)
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
#endif

}  // namespace
}  // namespace trimaran

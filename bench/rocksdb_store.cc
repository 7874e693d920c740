#include "bench/store.h"

#ifdef TRIMARAN_BENCH_ROCKSDB

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/optimistic_transaction_db.h>
#include <rocksdb/utilities/transaction.h>
#include <rocksdb/write_batch.h>

#include "engine/base/check.h"

namespace trimaran::bench {
namespace {

void MustBeOk(const rocksdb::Status& status) {
  TRIMARAN_CHECK(status.ok()) << status.ToString();
}
rocksdb::Slice SliceOf(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
rocksdb::WriteOptions Synced() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

class RocksDbClient final : public StoreClient {
 public:
  // Only what compares and sets needs transactions.
  explicit RocksDbClient(rocksdb::OptimisticTransactionDB& transactions)
      : transactions_(transactions), db_(*transactions.GetBaseDB()) {}

  void Put(std::string_view key, std::string_view value) override {
    MustBeOk(db_.Put(Synced(), SliceOf(key), SliceOf(value)));
  }
  void Write(const std::vector<Row>& rows) override {
    rocksdb::WriteBatch batch;
    for (const Row& row : rows) MustBeOk(batch.Put(row.key, row.value));
    MustBeOk(db_.Write(Synced(), &batch));
  }
  bool CompareAndSet(std::string_view key, std::string_view expected,
                     std::string_view value) override {
    for (;;) {
      const std::unique_ptr<rocksdb::Transaction> change(
          transactions_.BeginTransaction(Synced()));
      std::string found;
      const rocksdb::Status got =
          change->GetForUpdate(rocksdb::ReadOptions(), SliceOf(key), &found);
      if (got.IsNotFound()) return false;
      MustBeOk(got);
      if (found != expected) return false;
      MustBeOk(change->Put(SliceOf(key), SliceOf(value)));
      const rocksdb::Status done = change->Commit();
      if (done.ok()) return true;
      TRIMARAN_CHECK(done.IsBusy() || done.IsTryAgain()) << done.ToString();
    }
  }

  bool Get(std::string_view key, std::string& value) override {
    const rocksdb::Status got =
        db_.Get(rocksdb::ReadOptions(), SliceOf(key), &value);
    if (!got.IsNotFound()) MustBeOk(got);
    return got.ok();
  }
  size_t MultiGet(const std::vector<std::string>& keys) override {
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<std::string> values;
    size_t found = 0;
    for (const rocksdb::Status& status :
         db_.MultiGet(rocksdb::ReadOptions(), slices, &values)) {
      if (!status.IsNotFound()) MustBeOk(status);
      found += status.ok() ? 1 : 0;
    }
    return found;
  }
  size_t Scan(std::string_view from, size_t count) override {
    const std::unique_ptr<rocksdb::Iterator> rows(
        db_.NewIterator(rocksdb::ReadOptions()));
    size_t bytes = 0;
    rows->Seek(SliceOf(from));
    for (size_t i = 0; rows->Valid() && i < count; ++i, rows->Next()) {
      bytes += rows->key().size() + rows->value().size();
    }
    MustBeOk(rows->status());
    return bytes;
  }

 private:
  rocksdb::OptimisticTransactionDB& transactions_;
  rocksdb::DB& db_;
};

class RocksDbStore final : public Store {
 public:
  RocksDbStore(const std::string& directory, LogKept log) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(size_t{256} << 20);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    if (log == LogKept::kWhole) {
      // As long as it is in memory, it is in the log as well.
      options.write_buffer_size = size_t{4} << 30;
      options.max_total_wal_size = uint64_t{64} << 30;
      // Both would else be in proportion to the buffer.
      options.arena_block_size = size_t{1} << 20;
      options.allow_fallocate = false;
    }
    rocksdb::OptimisticTransactionDB* opened = nullptr;
    MustBeOk(
        rocksdb::OptimisticTransactionDB::Open(options, directory, &opened));
    db_.reset(opened);
  }

  std::string_view name() const override { return "rocksdb"; }
  std::unique_ptr<StoreClient> NewClient() override {
    return std::make_unique<RocksDbClient>(*db_);
  }
  void Checkpoint() override { MustBeOk(db_->Flush({})); }
  // By a file that is taken in as it is.
  void CopyTo(const std::string& directory) override {
    const RocksDbStore copy(directory, LogKept::kUsual);
    const rocksdb::Options options;
    rocksdb::SstFileWriter file(rocksdb::EnvOptions(), options);
    const std::string path = directory + "/rows.sst";
    MustBeOk(file.Open(path));
    const std::unique_ptr<rocksdb::Iterator> rows(
        db_->NewIterator(rocksdb::ReadOptions()));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      MustBeOk(file.Put(rows->key(), rows->value()));
    }
    MustBeOk(rows->status());
    MustBeOk(file.Finish());
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    MustBeOk(copy.db_->IngestExternalFile({path}, ingest));
  }

 private:
  std::unique_ptr<rocksdb::OptimisticTransactionDB> db_;
};

}  // namespace

bool HasRocksDb() { return true; }

std::unique_ptr<Store> OpenRocksDb(const std::string& directory, LogKept log) {
  return std::make_unique<RocksDbStore>(directory, log);
}

}  // namespace trimaran::bench

#else

namespace trimaran::bench {

std::unique_ptr<Store> OpenRocksDb(const std::string&, LogKept) {
  return nullptr;
}

}  // namespace trimaran::bench

#endif

#ifndef TRIMARAN_BENCH_STORE_H_
#define TRIMARAN_BENCH_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bench/local_group.h"

// The same calls for all whom the benchmarks compare. What is written is
// durable when the call returns: in ours on a majority of the replicas, in the
// others in their one log. A failure ends the program.

namespace trimaran::bench {

struct Row {
  std::string key;
  std::string value;
};

// What one thread has to itself.
//
// Thread: one. Before its store is destroyed.
class StoreClient {
 public:
  virtual ~StoreClient() = default;

  virtual void Put(std::string_view key, std::string_view value) = 0;
  // All at once or none.
  virtual void Write(const std::vector<Row>& rows) = 0;
  // Whether the row had the value that was expected.
  virtual bool CompareAndSet(std::string_view key, std::string_view expected,
                             std::string_view value) = 0;

  // Sees everything that was acknowledged. Whether the row is there.
  virtual bool Get(std::string_view key, std::string& value) = 0;
  // As of one moment; returns how many are there.
  virtual size_t MultiGet(const std::vector<std::string>& keys) = 0;
  // Reads up to `count` rows from `from` on, and returns their bytes.
  virtual size_t Scan(std::string_view from, size_t count) = 0;
};

// Thread: any.
class Store {
 public:
  virtual ~Store() = default;
  virtual std::string_view name() const = 0;
  virtual std::unique_ptr<StoreClient> NewClient() = 0;
  // Writes what is in memory, so that the log is not needed for it.
  virtual void Checkpoint() = 0;
  // Makes another store with the same rows in `directory`, all of it durable:
  // ours as it gives them to a replica that joins, the others as quickly as
  // rows go from one to the other. Closed in the end.
  virtual void CopyTo(const std::string& directory) = 0;
};

enum class LogKept : uint8_t {
  // As much as one has by default, or as ours has.
  kUsual,
  // All of it: nothing is written that would make it shorter.
  kWhole,
};

// Options of ours that keep the log so.
Options OptionsFor(LogKept log);
// Calls that wait, at the leader. The group outlives it.
std::unique_ptr<Store> StoreOf(LocalGroup& group);

// WiredTiger's own calls, with a journal; threads that commit at the same time
// share a flush of it, which is its best. A checkpoint after 64 MiB of journal,
// and as much memory, as ours has by default. Opens or makes what is in
// `directory`.
std::unique_ptr<Store> OpenWiredTiger(const std::string& directory,
                                      LogKept log = LogKept::kUsual);

// Whether it was installed when this was built.
bool HasRocksDb();
// RocksDB with a block cache of the same size and Bloom filters, and else as it
// comes. Only if there is one.
std::unique_ptr<Store> OpenRocksDb(const std::string& directory,
                                   LogKept log = LogKept::kUsual);

// The others, each in a directory of its own below `root`.
std::vector<std::unique_ptr<Store>> OpenPeers(const std::string& root);

// Rows [first, last) with keys of KeyOf, `value_bytes` of noise in each, a
// thousand at a time, and in the order of their keys among each million.
void Fill(Store& store, uint64_t first, uint64_t last, size_t value_bytes);

// `bytes` that do not compress, and differ with `seed`.
std::string Noise(uint64_t seed, size_t bytes);

// 16 bytes, spread over all keys.
std::string KeyOf(uint64_t number);

// Lets `count` threads work, each with a client of its own and a number from 0.
void InThreads(
    Store& store, size_t count,
    absl::FunctionRef<void(StoreClient& client, size_t number)> work);

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_STORE_H_

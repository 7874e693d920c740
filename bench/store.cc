#include "bench/store.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "trimaran/admin.h"

namespace trimaran::bench {
namespace {

template <typename T>
T Must(absl::StatusOr<T> value) {
  TRIMARAN_CHECK(value.ok()) << value.status().ToString();
  return *std::move(value);
}

class TrimaranClient final : public StoreClient {
 public:
  explicit TrimaranClient(DB& db) : db_(db) {}

  void Put(std::string_view key, std::string_view value) override {
    Must(db_.Put(key, value));
  }
  void Write(const std::vector<Row>& rows) override {
    batch_.Clear();
    for (const Row& row : rows) batch_.Put(row.key, row.value);
    Must(db_.Write(batch_));
  }
  bool CompareAndSet(std::string_view key, std::string_view expected,
                     std::string_view value) override {
    Transaction set;
    set.IfValueIs(key, expected).then.Put(key, value);
    return Must(db_.Commit(set)).succeeded;
  }

  bool Get(std::string_view key, std::string& value) override {
    std::optional<std::string> found = Must(db_.Get(key));
    if (!found.has_value()) return false;
    value = *std::move(found);
    return true;
  }
  size_t MultiGet(const std::vector<std::string>& keys) override {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    size_t found = 0;
    for (const auto& value : Must(db_.MultiGet(views))) {
      found += value.has_value() ? 1 : 0;
    }
    return found;
  }
  size_t Scan(std::string_view from, size_t count) override {
    const auto rows =
        Must(db_.Scan({.begin = std::string(from)}, {.limit = count}));
    size_t bytes = 0;
    for (; rows->Valid(); rows->Next()) {
      bytes += rows->key().size() + rows->value().size();
    }
    TRIMARAN_CHECK(rows->status().ok()) << rows->status().ToString();
    return bytes;
  }

 private:
  DB& db_;
  WriteBatch batch_;
};

class TrimaranStore final : public Store {
 public:
  explicit TrimaranStore(LocalGroup& group) : group_(group) {}

  std::string_view name() const override { return "ours"; }
  std::unique_ptr<StoreClient> NewClient() override {
    return std::make_unique<TrimaranClient>(group_.leader());
  }
  void Checkpoint() override { Must(group_.leader().admin().Checkpoint()); }
  void CopyTo(const std::string& directory) override {
    group_.CopyTo(directory);
  }

 private:
  LocalGroup& group_;
};

}  // namespace

Options OptionsFor(LogKept log) {
  Options options;
  if (log == LogKept::kWhole) {
    options.log_bytes_max = uint64_t{1} << 40;
    options.log_writes_max = 1'000'000'000;
    options.checkpoint_bytes = uint64_t{1} << 40;
  }
  return options;
}

std::unique_ptr<Store> StoreOf(LocalGroup& group) {
  return std::make_unique<TrimaranStore>(group);
}

std::vector<std::unique_ptr<Store>> OpenPeers(const std::string& root) {
  std::vector<std::unique_ptr<Store>> peers;
  peers.push_back(OpenWiredTiger(absl::StrCat(root, "/wiredtiger")));
  if (HasRocksDb()) {
    peers.push_back(OpenRocksDb(absl::StrCat(root, "/rocksdb")));
  }
  return peers;
}

std::string KeyOf(uint64_t number) {
  return absl::StrCat(
      absl::Hex(number * 0x9E3779B97F4A7C15U, absl::kZeroPad16));
}

std::string Noise(uint64_t seed, size_t bytes) {
  SeededRandom random(seed);
  std::string noise;
  while (noise.size() < bytes) {
    const uint64_t word = random.Next();
    noise.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  noise.resize(bytes);
  return noise;
}

void Fill(Store& store, uint64_t first, uint64_t last, size_t value_bytes) {
  // At random places, each row of a store that is larger than its cache would
  // read and write a page, for hours.
  constexpr uint64_t rows_in_order = 1'000'000;
  constexpr size_t rows_each = 1000;
  const auto client = store.NewClient();
  std::vector<std::pair<std::string, uint64_t>> keys;
  std::vector<Row> rows;
  for (uint64_t begin = first; begin < last; begin += rows_in_order) {
    keys.clear();
    for (uint64_t i = begin; i < std::min(begin + rows_in_order, last); ++i) {
      keys.emplace_back(KeyOf(i), i);
    }
    std::sort(keys.begin(), keys.end());
    for (auto& [key, number] : keys) {
      rows.push_back({std::move(key), Noise(number, value_bytes)});
      if (rows.size() < rows_each) continue;
      client->Write(rows);
      rows.clear();
    }
    if (!rows.empty()) client->Write(rows);
    rows.clear();
  }
}

void InThreads(
    Store& store, size_t count,
    absl::FunctionRef<void(StoreClient& client, size_t number)> work) {
  const auto run = [&store, work](size_t number) {
    const auto client = store.NewClient();
    work(*client, number);
  };
  if (count == 1) return run(0);
  std::vector<std::thread> threads;
  for (size_t number = 0; number < count; ++number) {
    threads.emplace_back(run, number);
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace trimaran::bench

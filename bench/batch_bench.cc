// Several rows in one call, and what reads, decides and writes: MultiGet,
// batches, and compare and set, in turns with the others. README.md says what
// the numbers mean.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/compared_stores.h"
#include "bench/paired.h"
#include "bench/settings.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace trimaran::bench {
namespace {

constexpr size_t kValueBytes = 100;
// Of one turn.
constexpr size_t kReads = 20'000;
constexpr size_t kBatches = 50;
constexpr size_t kSetsOfOne = 50;
constexpr size_t kSetsMax = 3200;

uint64_t RowCount() { return Setting("TRIMARAN_BENCH_ROWS", 100'000); }

// With rows in them.
ComparedStores& Filled(int64_t replicas) {
  ComparedStores& stores = ComparedStores::Of(replicas);
  std::string value;
  for (const auto& store : stores.all()) {
    const auto client = store->NewClient();
    if (client->Get(KeyOf(RowCount() - 1), value)) continue;
    Fill(*store, 0, RowCount(), kValueBytes);
  }
  return stores;
}

// range(0): replicas; range(1): keys of one call.
void MultiGet(benchmark::State& state) {
  ComparedStores& stores = Filled(state.range(0));
  SeededRandom random(1);
  const auto size = static_cast<size_t>(state.range(1));
  std::vector<std::vector<std::string>> calls(Share(kReads / size));
  for (std::vector<std::string>& keys : calls) {
    for (size_t i = 0; i < size; ++i) {
      keys.push_back(KeyOf(random.Uniform(RowCount())));
    }
  }
  const auto get_all = [&](Store& store) {
    const auto client = store.NewClient();
    for (const std::vector<std::string>& keys : calls) {
      TRIMARAN_CHECK_EQ(client->MultiGet(keys), keys.size());
    }
  };
  RunInTurns(state, calls.size() * size, stores.Contenders(get_all), [] {});
}

// range(0): replicas; range(1): rows of one batch.
void Write(benchmark::State& state) {
  ComparedStores& stores = Filled(state.range(0));
  const auto size = static_cast<size_t>(state.range(1));
  SeededRandom random(2);
  std::vector<std::vector<Row>> batches(Share(kBatches));
  for (std::vector<Row>& batch : batches) {
    for (size_t i = 0; i < size; ++i) {
      batch.push_back({KeyOf(random.Uniform(RowCount())),
                       Noise(random.Next(), kValueBytes)});
    }
  }
  const auto write_all = [&](Store& store) {
    const auto client = store.NewClient();
    for (const std::vector<Row>& batch : batches) client->Write(batch);
  };
  RunInTurns(state, size * batches.size(), stores.Contenders(write_all), [] {});
}

// Reads a number, and sets it to the next one, until nobody was quicker.
void Increment(StoreClient& client, const std::string& key) {
  std::string value;
  bool done = false;
  while (!done) {
    TRIMARAN_CHECK(client.Get(key, value));
    uint64_t number = 0;
    TRIMARAN_CHECK(absl::SimpleAtoi(value, &number)) << value;
    done = client.CompareAndSet(key, value, absl::StrCat(number + 1));
  }
}

// range(0): replicas; range(1): writers; range(2): whether all of them want the
// same row.
void CompareAndSet(benchmark::State& state) {
  ComparedStores& stores = Filled(state.range(0));
  const auto writers = static_cast<size_t>(state.range(1));
  const bool shared = state.range(2) != 0;
  const size_t each = Share(std::min(kSetsOfOne, kSetsMax / writers));
  const auto key_of = [&](size_t writer) {
    return absl::StrCat("counter", shared ? 0 : writer);
  };
  for (const auto& store : stores.all()) {
    const auto client = store->NewClient();
    for (size_t writer = 0; writer < writers; ++writer) {
      client->Put(key_of(writer), "0");
    }
  }
  const auto set_all = [&](Store& store) {
    InThreads(store, writers, [&](StoreClient& client, size_t writer) {
      for (size_t i = 0; i < each; ++i) Increment(client, key_of(writer));
    });
  };
  RunInTurns(state, writers * each, stores.Contenders(set_all), [] {});
}

// One number of replicas after the other, for the stores are made anew.
void Register(int64_t replicas) {
  const auto finish = [](benchmark::internal::Benchmark* benchmark) {
    benchmark->Iterations(Rounds())->UseRealTime()->Unit(
        benchmark::kMillisecond);
  };
  auto* const multi_get = benchmark::RegisterBenchmark("MultiGet", MultiGet);
  multi_get->ArgNames({"replicas", "keys"});
  for (const int64_t keys : {1, 10, 100}) multi_get->Args({replicas, keys});
  finish(multi_get);
  auto* const write = benchmark::RegisterBenchmark("WriteBatch", Write);
  write->ArgNames({"replicas", "rows"});
  for (const int64_t rows : {1, 10, 100, 1000}) write->Args({replicas, rows});
  finish(write);
  auto* const set =
      benchmark::RegisterBenchmark("CompareAndSet", CompareAndSet);
  set->ArgNames({"replicas", "writers", "shared"});
  for (const int64_t writers : {1, 64}) set->Args({replicas, writers, 0});
  set->Args({replicas, 8, 1});
  finish(set);
}

}  // namespace
}  // namespace trimaran::bench

int main(int argc, char** argv) {
  trimaran::bench::Register(1);
  trimaran::bench::Register(3);
  return trimaran::bench::RunBenchmarks(argc, argv);
}

// What calls cost as a database grows, and as its log does, in turns with the
// others: a line that climbs where theirs does not is something that ought not
// to be in proportion to the size. README.md says what the numbers mean.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/compared_stores.h"
#include "bench/growing_stores.h"
#include "bench/paired.h"
#include "bench/settings.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace trimaran::bench {
namespace {

constexpr size_t kValueBytes = 100;
// Of one turn.
constexpr size_t kPutters = 16;
constexpr size_t kPutsOfOne = 32;
constexpr size_t kGets = 20'000;
constexpr size_t kScans = 100;
constexpr size_t kScanRows = 100;
// Written before each checkpoint, whatever the size.
constexpr uint64_t kDirtyRows = 1000;

void Put(Store& store, uint64_t rows, uint64_t seed) {
  InThreads(store, kPutters, [&](StoreClient& client, size_t number) {
    SeededRandom random(seed + number);
    const std::string value = Noise(random.Next(), kValueBytes);
    for (size_t i = 0; i < Share(kPutsOfOne); ++i) {
      client.Put(KeyOf(random.Uniform(rows)), value);
    }
  });
}

void Get(Store& store, uint64_t rows, uint64_t seed) {
  const auto client = store.NewClient();
  SeededRandom random(seed);
  std::string value;
  for (size_t i = 0; i < kGets; ++i) {
    TRIMARAN_CHECK(client->Get(KeyOf(random.Uniform(rows)), value));
  }
}

void Scan(Store& store, uint64_t rows, uint64_t seed) {
  const auto client = store.NewClient();
  SeededRandom random(seed);
  for (size_t i = 0; i < kScans; ++i) {
    const std::string from = KeyOf(random.Uniform(rows));
    TRIMARAN_CHECK_GT(client->Scan(from, kScanRows), 0U);
  }
}

// Of a few rows that have changed since the last one.
void Checkpoint(Store& store, uint64_t rows, uint64_t seed) {
  const auto client = store.NewClient();
  SeededRandom random(seed);
  std::vector<Row> batch;
  for (uint64_t i = 0; i < kDirtyRows; ++i) {
    batch.push_back(
        {KeyOf(random.Uniform(rows)), Noise(random.Next(), kValueBytes)});
  }
  client->Write(batch);
  store.Checkpoint();
}

using Work = void (*)(Store& store, uint64_t rows, uint64_t seed);

void Against(benchmark::State& state, GrowingStores& stores, size_t items,
             Work work) {
  uint64_t seed = 0;
  std::vector<Contender> contenders;
  for (size_t i = 0; i < stores.count(); ++i) {
    contenders.push_back({stores.name(i), [&stores, &seed, work, i] {
                            work(stores.store(i), stores.rows(),
                                 seed * kPutters);
                          }});
  }
  RunInTurns(state, items, contenders, [&seed] { ++seed; });
}

// What was closed in good order, with everything in a checkpoint.
void Reopen(benchmark::State& state, GrowingStores& stores) {
  std::vector<Contender> contenders;
  for (size_t i = 0; i < stores.count(); ++i) {
    contenders.push_back({stores.name(i), [&stores, i] { stores.Open(i); }});
  }
  stores.CloseAll();
  RunInTurns(state, 1, contenders, [&stores] { stores.CloseAll(); });
}

// A case for each size, of which each goes on from the one before.
void RegisterAgainstRows() {
  const uint64_t rows_max = Setting("TRIMARAN_BENCH_ROWS", 100'000);
  struct Case {
    const char* name;
    size_t items;
    Work work;
  };
  static const Case cases[] = {{"Put", kPutters * Share(kPutsOfOne), Put},
                               {"Get", kGets, Get},
                               {"Scan", kScans * kScanRows, Scan},
                               {"Checkpoint", 1, Checkpoint}};
  const auto finish = [](benchmark::internal::Benchmark* benchmark,
                         uint64_t rows) {
    benchmark->ArgName("rows")
        ->Arg(static_cast<int64_t>(rows))
        ->Iterations(Rounds())
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  };
  for (uint64_t rows = std::min<uint64_t>(10'000, rows_max); rows <= rows_max;
       rows *= 10) {
    for (const Case& one : cases) {
      finish(benchmark::RegisterBenchmark(
                 one.name,
                 [&one, rows](benchmark::State& state) {
                   Against(state, GrowingStores::WithRows(rows, kValueBytes),
                           one.items, one.work);
                 }),
             rows);
    }
    finish(benchmark::RegisterBenchmark("Open",
                                        [rows](benchmark::State& state) {
                                          Reopen(state, GrowingStores::WithRows(
                                                            rows, kValueBytes));
                                        }),
           rows);
  }
}

// A few rows that are written again and again, and nothing that shortens the
// log.
void RegisterAgainstLog() {
  const uint64_t writes_max = Setting("TRIMARAN_BENCH_WRITES", 100'000);
  for (uint64_t writes = std::min<uint64_t>(1000, writes_max);
       writes <= writes_max; writes *= 10) {
    benchmark::RegisterBenchmark(
        "PutAgainstLog",
        [writes](benchmark::State& state) {
          Against(state, GrowingStores::WithLog(writes, kValueBytes),
                  kPutters * Share(kPutsOfOne), Put);
        })
        ->ArgName("writes")
        ->Arg(static_cast<int64_t>(writes))
        ->Iterations(Rounds())
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace trimaran::bench

int main(int argc, char** argv) {
  trimaran::bench::RegisterAgainstRows();
  trimaran::bench::RegisterAgainstLog();
  const int code = trimaran::bench::RunBenchmarks(argc, argv);
  trimaran::bench::GrowingStores::Release();
  return code;
}

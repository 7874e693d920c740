// The six mixes of YCSB (Cooper et al., "Benchmarking Cloud Serving Systems
// with YCSB"), in turns with the others. README.md says what the numbers mean.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/compared_stores.h"
#include "bench/paired.h"
#include "bench/settings.h"
#include "bench/zipfian.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace trimaran::bench {
namespace {

// Ten fields of 100 bytes, which nobody looks at one by one.
constexpr size_t kValueBytes = 1000;
constexpr size_t kThreads = 8;
constexpr uint64_t kScanMax = 100;

// Out of a hundred. What is left are reads.
struct Mix {
  const char* name;
  uint64_t updates = 0;
  uint64_t inserts = 0;
  uint64_t scans = 0;
  uint64_t modifies = 0;
  // Reads are of what was inserted last, and not of a few rows anywhere.
  bool latest = false;
  // Of one thread in one turn.
  uint64_t operations = 500;
};
constexpr std::array kMixes = {
    Mix{.name = "A", .updates = 50},
    Mix{.name = "B", .updates = 5, .operations = 2000},
    Mix{.name = "C", .operations = 5000},
    Mix{.name = "D", .inserts = 5, .latest = true, .operations = 2000},
    Mix{.name = "E", .inserts = 5, .scans = 95},
    Mix{.name = "F", .modifies = 50},
};

uint64_t RowCount() { return Setting("TRIMARAN_BENCH_ROWS", 100'000); }

// The rows of one store: numbers below `rows` are there, or about to be.
struct Table {
  Store* store = nullptr;
  std::atomic<uint64_t> rows = 0;
  // Other keys and values in each turn.
  std::atomic<uint64_t> seed = 0;
};

// One thread of one turn.
class Worker {
 public:
  Worker(const Mix& mix, const Zipfian& zipfian, Table& table,
         StoreClient& client)
      : mix_(mix),
        zipfian_(zipfian),
        table_(table),
        client_(client),
        random_(table.seed.fetch_add(1)),
        value_(Noise(random_.Next(), kValueBytes)) {}

  void Run() {
    for (uint64_t i = 0; i < Share(mix_.operations); ++i) DoOne();
  }

 private:
  void DoOne() {
    uint64_t dice = random_.Uniform(100);
    const auto falls_on = [&dice](uint64_t share) {
      const bool yes = dice < share;
      dice -= share;
      return yes;
    };
    if (falls_on(mix_.updates)) {
      client_.Put(OldKey(), NewValue());
    } else if (falls_on(mix_.inserts)) {
      client_.Put(KeyOf(table_.rows.fetch_add(1)), NewValue());
    } else if (falls_on(mix_.scans)) {
      benchmark::DoNotOptimize(
          client_.Scan(OldKey(), random_.Uniform(kScanMax) + 1));
    } else if (falls_on(mix_.modifies)) {
      const std::string key = OldKey();
      client_.Get(key, read_);
      client_.Put(key, NewValue());
    } else {
      // One that somebody is about to insert may not be there yet.
      client_.Get(OldKey(), read_);
    }
  }
  std::string OldKey() {
    const uint64_t number = zipfian_.Next(random_);
    if (mix_.latest) return KeyOf(table_.rows.load() - 1 - number);
    return KeyOf(Scattered(number, RowCount()));
  }
  const std::string& NewValue() {
    value_[random_.Uniform(kValueBytes)] = static_cast<char>(random_.Next());
    return value_;
  }

  const Mix& mix_;
  const Zipfian& zipfian_;
  Table& table_;
  StoreClient& client_;
  SeededRandom random_;
  std::string value_;
  std::string read_;
};

// Each mix begins with the same rows in new stores, as YCSB wants it.
void Ycsb(benchmark::State& state, const Mix& mix) {
  ComparedStores stores(static_cast<uint64_t>(state.range(0)));
  const Zipfian zipfian(RowCount());
  std::vector<std::unique_ptr<Table>> tables;
  std::vector<Contender> contenders;
  for (const auto& store : stores.all()) {
    Fill(*store, 0, RowCount(), kValueBytes);
    store->Checkpoint();
    Table& table = *tables.emplace_back(std::make_unique<Table>());
    table.store = store.get();
    table.rows = RowCount();
    contenders.push_back(
        {std::string(store->name()), [&mix, &zipfian, &table] {
           InThreads(*table.store, kThreads, [&](StoreClient& client, size_t) {
             Worker(mix, zipfian, table, client).Run();
           });
         }});
  }
  stores.group().FindLeader();
  RunInTurns(state, kThreads * Share(mix.operations), contenders, [] {});
}

void Register() {
  for (const int64_t replicas : {1, 3}) {
    for (const Mix& mix : kMixes) {
      benchmark::RegisterBenchmark(
          absl::StrCat("Ycsb", mix.name).c_str(),
          [&mix](benchmark::State& state) { Ycsb(state, mix); })
          ->ArgName("replicas")
          ->Arg(replicas)
          ->Iterations(Rounds())
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace trimaran::bench

int main(int argc, char** argv) {
  trimaran::bench::Register();
  return trimaran::bench::RunBenchmarks(argc, argv);
}

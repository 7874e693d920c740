// All rows to a replica that has none, in turns with the least that the others
// take to get as many rows from one store into another. README.md says what the
// numbers mean.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/paired.h"
#include "bench/scratch_directory.h"
#include "bench/settings.h"
#include "bench/store.h"
#include "benchmark/benchmark.h"

namespace trimaran::bench {
namespace {

constexpr size_t kValueBytes = 100;

// From the decision to add a member until it answers reads of everything.
void Install(benchmark::State& state) {
  const ScratchDirectory root;
  Options options;
  options.cluster = "bench";
  options.network = std::make_shared<InProcessNetwork>();
  LocalGroup group(root.path(), 1, options);
  std::vector<std::unique_ptr<Store>> stores = OpenPeers(root.path());
  stores.insert(stores.begin(), StoreOf(group));

  const auto rows = static_cast<uint64_t>(state.range(0));
  const auto copy_of = [&](const Store& store) {
    return root.path() + "/copy-" + std::string(store.name());
  };
  std::vector<Contender> contenders;
  for (const auto& store : stores) {
    Fill(*store, 0, rows, kValueBytes);
    store->Checkpoint();
    const std::string path = copy_of(*store);
    contenders.push_back({std::string(store->name()),
                          [&store = *store, path] { store.CopyTo(path); }});
  }
  const auto remove = [&] {
    for (const auto& store : stores) {
      std::filesystem::remove_all(copy_of(*store));
    }
  };
  RunInTurns(state, rows, contenders, remove);
}
BENCHMARK(Install)
    ->ArgName("rows")
    ->Arg(static_cast<int64_t>(Setting("TRIMARAN_BENCH_ROWS", 100'000)))
    ->Iterations(Rounds())
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trimaran::bench

BENCHMARK_MAIN();

#include "bench/compared_stores.h"

#include <iterator>
#include <string>

#include "bench/settings.h"

namespace trimaran::bench {
namespace {

struct Kept {
  std::unique_ptr<ComparedStores> stores;
  int64_t replicas = 0;
};
Kept& TheKept() {
  static Kept kept;
  return kept;
}

}  // namespace

ComparedStores::ComparedStores(uint64_t replicas)
    : group_(root_.path(), replicas, Options(),
             Setting("TRIMARAN_BENCH_PROCESSES", 0) > 0 ? Others::kProcesses
                                                        : Others::kHere) {
  stores_.push_back(StoreOf(group_));
  auto peers = OpenPeers(root_.path());
  std::move(peers.begin(), peers.end(), std::back_inserter(stores_));
}

ComparedStores& ComparedStores::Of(int64_t replicas) {
  Kept& kept = TheKept();
  if (kept.replicas != replicas) {
    kept.stores.reset();
    kept.stores =
        std::make_unique<ComparedStores>(static_cast<uint64_t>(replicas));
    kept.replicas = replicas;
  }
  // It may have moved since.
  kept.stores->group().FindLeader();
  return *kept.stores;
}

std::vector<Contender> ComparedStores::Contenders(
    const std::function<void(Store&)>& work) {
  std::vector<Contender> contenders;
  for (const auto& store : stores_) {
    contenders.push_back(
        {std::string(store->name()), [work, &store = *store] { work(store); }});
  }
  return contenders;
}

int RunBenchmarks(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  TheKept().stores.reset();
  return 0;
}

}  // namespace trimaran::bench

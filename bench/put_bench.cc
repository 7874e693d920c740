// Puts through the public interface on the real disk, in turns with what the
// storage libraries do by themselves. README.md says what the numbers mean.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/compared_stores.h"
#include "bench/paired.h"
#include "bench/settings.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/mutex.h"
#include "trimaran/db.h"

namespace trimaran::bench {
namespace {

constexpr size_t kValueBytes = 100;
// Of one turn: some seconds at most, even of those who put one by one.
constexpr size_t kPutsOfOne = 200;
constexpr size_t kPutsMax = 12'800;
constexpr size_t kBytesMax = size_t{16} << 20;

size_t PutsEach(size_t writers, size_t value_bytes) {
  const size_t all =
      std::min({kPutsOfOne * writers, kPutsMax, kBytesMax / value_bytes});
  return Share(std::max(all / writers, size_t{1}));
}

// range(0): replicas; range(1): blocking writers; range(2): bytes of a value.
void BlockingPut(benchmark::State& state) {
  ComparedStores& stores = ComparedStores::Of(state.range(0));
  const auto writers = static_cast<size_t>(state.range(1));
  const std::string value = Noise(1, static_cast<size_t>(state.range(2)));
  const size_t each = PutsEach(writers, value.size());
  const auto put_all = [&](Store& store) {
    InThreads(store, writers, [&](StoreClient& client, size_t writer) {
      for (size_t i = 0; i < each; ++i) {
        client.Put(KeyOf(writer * kPutsOfOne + i), value);
      }
    });
  };
  const uint64_t syncs = stores.group().Syncs();
  RunInTurns(state, writers * each, stores.Contenders(put_all), [] {});
  // The turns that were measured, and the one before them.
  const auto puts = static_cast<double>(state.iterations() + 1) *
                    static_cast<double>(writers * each);
  state.counters["syncs"] =
      static_cast<double>(stores.group().Syncs() - syncs) / puts;
}
void EachPut(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"replicas", "writers", "value"});
  for (const int64_t replicas : {1, 3}) {
    for (const int64_t writers : {1, 8, 64, 256}) {
      benchmark->Args({replicas, writers, kValueBytes});
    }
    for (const int64_t value : {16, 1024, 65536}) {
      benchmark->Args({replicas, 64, value});
    }
  }
}
BENCHMARK(BlockingPut)
    ->Apply(EachPut)
    ->Iterations(Rounds())
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Keeps so many puts under way, until so many are done.
class AsyncPutter {
 public:
  AsyncPutter(DB& db, uint64_t in_flight_max)
      : db_(db), in_flight_max_(in_flight_max), value_(kValueBytes, 'v') {}

  void Put(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i, ++sent_) {
      if (sent_ - answered_.load() >= in_flight_max_) {
        WaitUntilAnswered(sent_ - in_flight_max_ / 2);
      }
      WriteBatch batch;
      batch.Put(KeyOf(sent_ % kPutsMax), value_);
      db_.WriteAsync(batch, [this](const absl::StatusOr<CommitInfo>& answer) {
        TRIMARAN_CHECK(answer.ok()) << answer.status().ToString();
        if ((answered_.fetch_add(1) + 1) % (in_flight_max_ / 2) == 0) {
          const MutexLock lock(mutex_);
          room_.NotifyOne();
        }
      });
    }
    WaitUntilAnswered(sent_);
  }

 private:
  void WaitUntilAnswered(uint64_t count) {
    const MutexLock lock(mutex_);
    while (answered_.load() < count) {
      room_.WaitFor(mutex_, absl::Milliseconds(10));
    }
  }

  DB& db_;
  const uint64_t in_flight_max_;
  const std::string value_;
  std::atomic<uint64_t> answered_ = 0;
  Mutex mutex_;
  CondVar room_;
  uint64_t sent_ = 0;
};

// range(0): replicas; range(1): puts under way. The others have no such call:
// what comes next to it is one transaction of 256.
void AsyncPut(benchmark::State& state) {
  constexpr uint64_t batch = 256;
  const uint64_t puts = Share(40) * batch;
  ComparedStores& stores = ComparedStores::Of(state.range(0));
  AsyncPutter putter(stores.group().leader(),
                     static_cast<uint64_t>(state.range(1)));
  std::vector<Row> rows;
  auto contenders = stores.Contenders([&](Store& store) {
    const auto client = store.NewClient();
    for (uint64_t first = 0; first < puts; first += batch) {
      rows.clear();
      for (uint64_t i = first; i < first + batch; ++i) {
        rows.push_back({KeyOf(i), std::string(kValueBytes, 'v')});
      }
      client->Write(rows);
    }
  });
  contenders.front().work = [&] { putter.Put(puts); };
  RunInTurns(state, puts, contenders, [] {});
}
BENCHMARK(AsyncPut)
    ->ArgNames({"replicas", "in_flight"})
    // Not a product, which would make the groups anew for each.
    ->Args({1, 256})
    ->Args({1, 1024})
    ->Args({3, 256})
    ->Args({3, 1024})
    ->Iterations(Rounds())
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// range(0): replicas. Reads on the leader.
void LinearizableGet(benchmark::State& state) {
  ComparedStores& stores = ComparedStores::Of(state.range(0));
  DB& leader = stores.group().leader();
  TRIMARAN_CHECK(leader.Put("key", "value").ok());
  for (auto iteration : state) {
    (void)iteration;
    const auto value = leader.Get("key");
    TRIMARAN_CHECK(value.ok() && value->has_value());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(LinearizableGet)->ArgName("replicas")->Arg(1)->Arg(3)->UseRealTime();

}  // namespace
}  // namespace trimaran::bench

int main(int argc, char** argv) {
  return trimaran::bench::RunBenchmarks(argc, argv);
}

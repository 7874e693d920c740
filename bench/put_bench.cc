// Puts through the public interface on the real disk, beside what the storage
// libraries do by themselves. README.md says what the numbers mean.

#include <sys/resource.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/put_rows.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/mutex.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran {
namespace {

// A group of replicas in this process, in directories below the present one.
class Group {
 public:
  explicit Group(uint64_t size) : root_("put_bench.tmp") {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directory(root_);
    Options options;
    if (size > 1) {
      options.cluster = "bench";
      options.network = std::make_shared<InProcessNetwork>();
      for (uint64_t id = 1; id <= size; ++id) options.founders[id] = {};
    }
    for (uint64_t id = 1; id <= size; ++id) {
      options.replica_id = id;
      auto opened = DB::Open(options, root_ + "/" + std::to_string(id));
      TRIMARAN_CHECK(opened.ok()) << opened.status().ToString();
      replicas_[id] = *std::move(opened);
    }
    TRIMARAN_CHECK(replicas_[1]->Put("warm", "up").ok());
    leader_ = replicas_[1]->admin().GetStatus()->leader;
  }
  ~Group() {
    replicas_.clear();
    std::filesystem::remove_all(root_);
  }

  DB& leader() { return *replicas_.at(leader_); }
  // Of the leader.
  uint64_t Syncs() { return leader().admin().GetStatus()->counters.log_writes; }

 private:
  const std::string root_;
  std::map<uint64_t, std::unique_ptr<DB>> replicas_;
  uint64_t leader_ = 0;
};

// One group for all repetitions of a size.
Group& TheGroup(uint64_t size) {
  static std::unique_ptr<Group> group;
  static uint64_t group_size = 0;
  if (group_size != size) {
    group.reset();
    group = std::make_unique<Group>(size);
    group_size = size;
  }
  return *group;
}

// What the puts of a benchmark cost, from here to Report.
class Meter {
 public:
  explicit Meter(Group& group)
      : group_(group), usage_(Usage()), syncs_(group.Syncs()) {}

  void Report(benchmark::State& state, uint64_t puts) const {
    const auto each = [puts](double all) {
      return all / static_cast<double>(puts);
    };
    const rusage now = Usage();
    state.SetItemsProcessed(static_cast<int64_t>(puts));
    state.counters["cpu_us"] = each(MicrosOf(now) - MicrosOf(usage_));
    // How often a thread gave its processor up, to wait for a disk, for another
    // thread, or for work: what has waited is woken up.
    state.counters["waits"] =
        each(static_cast<double>(now.ru_nvcsw - usage_.ru_nvcsw));
    state.counters["syncs"] =
        each(static_cast<double>(group_.Syncs() - syncs_));
  }

 private:
  static rusage Usage() {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return usage;
  }
  static double MicrosOf(const rusage& usage) {
    const auto micros = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e6 +
             static_cast<double>(time.tv_usec);
    };
    return micros(usage.ru_utime) + micros(usage.ru_stime);
  }

  Group& group_;
  const rusage usage_;
  const uint64_t syncs_;
};

void PutSome(Group& group, const std::string& value, uint64_t first) {
  for (uint64_t i = 0; i < kPutsEach; ++i) {
    const auto put = group.leader().Put(KeyOf(first + i), value);
    TRIMARAN_CHECK(put.ok()) << put.status().ToString();
  }
}

// range(0): replicas; range(1): blocking writers.
void BM_BlockingPut(benchmark::State& state) {
  Group& group = TheGroup(static_cast<uint64_t>(state.range(0)));
  const auto writers = static_cast<uint64_t>(state.range(1));
  const std::string value(kValueBytes, 'v');
  uint64_t next = 0;
  const Meter meter(group);
  for (auto _ : state) {
    if (writers == 1) {
      PutSome(group, value, next);
      next += kPutsEach;
      continue;
    }
    std::vector<std::thread> threads;
    for (uint64_t writer = 0; writer < writers; ++writer) {
      threads.emplace_back(PutSome, std::ref(group), std::cref(value),
                           next + writer * kPutsEach);
    }
    for (std::thread& thread : threads) thread.join();
    next += writers * kPutsEach;
  }
  meter.Report(state, next);
}
BENCHMARK(BM_BlockingPut)
    ->ArgNames({"replicas", "writers"})
    ->ArgsProduct({{1, 3}, {1, 64}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// range(0): replicas; range(1): puts under way.
void BM_AsyncPut(benchmark::State& state) {
  Group& group = TheGroup(static_cast<uint64_t>(state.range(0)));
  const auto in_flight_max = static_cast<uint64_t>(state.range(1));
  const std::string value(kValueBytes, 'v');
  DB& leader = group.leader();
  std::atomic<uint64_t> answered = 0;
  Mutex mutex;
  CondVar room;
  uint64_t sent = 0;
  const Meter meter(group);
  for (auto _ : state) {
    for (int i = 0; i < 10000; ++i, ++sent) {
      if (sent - answered.load() >= in_flight_max) {
        const MutexLock lock(mutex);
        while (sent - answered.load() >= in_flight_max / 2) {
          room.WaitFor(mutex, absl::Milliseconds(100));
        }
      }
      WriteBatch batch;
      batch.Put(KeyOf(sent), value);
      leader.WriteAsync(batch, [&](const absl::StatusOr<CommitInfo>& answer) {
        TRIMARAN_CHECK(answer.ok()) << answer.status().ToString();
        const uint64_t done = answered.fetch_add(1) + 1;
        if (done % (in_flight_max / 2) == 0) {
          const MutexLock lock(mutex);
          room.NotifyOne();
        }
      });
    }
  }
  {
    const MutexLock lock(mutex);
    while (answered.load() < sent) {
      room.WaitFor(mutex, absl::Milliseconds(10));
    }
  }
  meter.Report(state, sent);
}
BENCHMARK(BM_AsyncPut)
    ->ArgNames({"replicas", "in_flight"})
    ->ArgsProduct({{1, 3}, {256, 1024}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// range(0): replicas. Reads on the leader.
void BM_LinearizableGet(benchmark::State& state) {
  Group& group = TheGroup(static_cast<uint64_t>(state.range(0)));
  TRIMARAN_CHECK(group.leader().Put("key", "value").ok());
  for (auto _ : state) {
    const auto value = group.leader().Get("key");
    TRIMARAN_CHECK(value.ok() && value->has_value());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_LinearizableGet)
    ->ArgName("replicas")
    ->Arg(1)
    ->Arg(3)
    ->UseRealTime();

}  // namespace
}  // namespace trimaran

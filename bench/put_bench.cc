// Puts through a whole node on the real disk, beside what the storage
// libraries do by themselves. README.md says what the numbers mean.

#include <sys/resource.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/put_rows.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/file/posix_file_system.h"
#include "engine/founding.h"
#include "replication/transport/local_transport.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_replica.h"

namespace trimaran {
namespace {

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A group of replicas in this process, in directories below the present one.
class Group {
 public:
  explicit Group(uint64_t size) : root_("put_bench.tmp") {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directory(root_);
    engine::NewStore store;
    store.identity.cluster = ClusterId{1, 1};
    store.identity.group = GroupId(1);
    for (uint64_t id = 1; id <= size; ++id) {
      store.conf.voters.push_back(ReplicaId(id));
      store.members[ReplicaId(id)] = {};
    }
    for (uint64_t id = 1; id <= size; ++id) {
      store.identity.replica = ReplicaId(id);
      store.identity.store = StoreId(id);
      engine::EngineOptions options;
      options.directory = root_ + "/" + std::to_string(id);
      options.files = &files_;
      options.clock = &clock_;
      TRIMARAN_CHECK(engine::FoundGroup(options, store).ok());
      auto replica = ThreadedReplica::Start(
          options, NodeOptions(), size > 1 ? &transport_ : nullptr, id);
      TRIMARAN_CHECK(replica.ok()) << replica.status().ToString();
      replicas_[id] = *std::move(replica);
    }
    TRIMARAN_CHECK(replicas_[1]->Put("warm", "up").ok());
    leader_ = replicas_[1]->node().status()->raft.leader.value();
  }
  ~Group() {
    replicas_.clear();
    std::filesystem::remove_all(root_);
  }

  ThreadedReplica& leader() { return *replicas_.at(leader_); }
  uint64_t LogWrites() { return leader().node().status()->counters.log_writes; }

 private:
  const std::string root_;
  engine::PosixFileSystem files_;
  MonotonicClock clock_;
  LocalTransport transport_;
  std::map<uint64_t, std::unique_ptr<ThreadedReplica>> replicas_;
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

void Report(benchmark::State& state, uint64_t puts, double cpu_seconds) {
  state.SetItemsProcessed(static_cast<int64_t>(puts));
  state.counters["cpu_us"] = cpu_seconds * 1e6 / static_cast<double>(puts);
}

// range(0): replicas; range(1): blocking writers.
void BM_BlockingPut(benchmark::State& state) {
  Group& group = TheGroup(static_cast<uint64_t>(state.range(0)));
  const auto writers = static_cast<uint64_t>(state.range(1));
  const std::string value(kValueBytes, 'v');
  uint64_t next = 0;
  const double cpu = CpuSeconds();
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (uint64_t writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&group, &value, first = next + writer * kPutsEach] {
        for (uint64_t i = 0; i < kPutsEach; ++i) {
          const auto put = group.leader().Put(KeyOf(first + i), value);
          TRIMARAN_CHECK(put.ok()) << put.status().ToString();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    next += writers * kPutsEach;
  }
  Report(state, next, CpuSeconds() - cpu);
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
  ThreadedReplica& leader = group.leader();
  MonotonicClock clock;
  std::atomic<uint64_t> answered = 0;
  Mutex mutex;
  CondVar room;
  uint64_t sent = 0;
  const double cpu = CpuSeconds();
  for (auto _ : state) {
    for (int i = 0; i < 10000; ++i, ++sent) {
      if (sent - answered.load() >= in_flight_max) {
        const MutexLock lock(mutex);
        while (sent - answered.load() >= in_flight_max / 2) {
          room.WaitFor(mutex, absl::Milliseconds(100));
        }
      }
      engine::WriteCommand write;
      const std::string key = KeyOf(sent);
      write.operations = {engine::PutOp{engine::kDefaultFamily, key, value}};
      auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
      const auto pending = std::make_shared<PendingWrite>(
          *std::move(encoded), MonotonicTime::Infinite(),
          [&](absl::StatusOr<AppliedWrite> answer) {
            TRIMARAN_CHECK(answer.ok()) << answer.status().ToString();
            const uint64_t done = answered.fetch_add(1) + 1;
            if (done % (in_flight_max / 2) == 0) {
              const MutexLock lock(mutex);
              room.NotifyOne();
            }
          });
      TRIMARAN_CHECK(leader.node().Submit(pending));
    }
  }
  {
    const MutexLock lock(mutex);
    while (answered.load() < sent) {
      room.WaitFor(mutex, absl::Milliseconds(10));
    }
  }
  Report(state, sent, CpuSeconds() - cpu);
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

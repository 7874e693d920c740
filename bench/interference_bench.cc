// What maintenance costs those who write meanwhile: the time from a batch of
// puts to its being durable and applied, alone, beside checkpoints that follow
// each other, and beside the writing of snapshots; and what the disk alone
// makes of such company. Works in a directory of its own, below the current
// one.

#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/engine.h"
#include "engine/file/posix_file_system.h"
#include "engine/format/command.h"
#include "engine/founding.h"
#include "engine/snapshot/backup.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kRows = 1'000'000;
constexpr size_t kValueBytes = 100;
constexpr uint64_t kPutsPerBatch = 8;
constexpr uint64_t kBatchesPerLoad = 1000;

void MustBeOk(const absl::Status& status) {
  TRIMARAN_CHECK(status.ok()) << status;
}
template <typename T>
T Must(absl::StatusOr<T> value) {
  MustBeOk(value.status());
  return *std::move(value);
}

// A store of one replica, full of rows.
class Store {
 public:
  Store() {
    std::string pattern = "interference_bench_XXXXXX";
    TRIMARAN_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
    path_ = pattern;
    options_.directory = path_ + "/store";
    options_.files = &files_;
    options_.clock = &clock_;
    options_.cache_bytes = uint64_t{1} << 30;
    NewStore store;
    store.identity = {.cluster = {.high = 1, .low = 2},
                      .store = StoreId(3),
                      .group = GroupId(1),
                      .replica = ReplicaId(1)};
    store.conf.voters = {ReplicaId(1)};
    MustBeOk(FoundGroup(options_, store));
    engine_ = Must(Engine::Open(options_));
    for (uint64_t row = 0; row < kRows; row += kBatchesPerLoad) {
      Write(row, kBatchesPerLoad);
    }
    Must(engine_->Checkpoint());
    Recycle();
  }
  ~Store() {
    engine_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Rows [first, first + count) in one entry.
  void Write(uint64_t first, uint64_t count) {
    WriteCommand write;
    keys_.clear();
    for (uint64_t row = first; row < first + count; ++row) {
      keys_.push_back(absl::StrFormat("row-%012d", row));
    }
    value_.assign(kValueBytes, static_cast<char>('a' + first % 26));
    for (const std::string& key : keys_) {
      write.operations.push_back(PutOp{kDefaultFamily, key, value_});
    }
    EntryEncoder encoder;
    MustBeOk(encoder.Add({.stamp = std::nullopt, .body = std::move(write)}));
    CommittedEntry entry;
    entry.entry.index = engine_->log().state().last.id.index + 1;
    entry.entry.term = Term(6);
    entry.entry.payload = Payload(encoder.Take());
    MustBeOk(engine_->log().Append(
        {.entries = {&entry.entry, 1},
         .hard_state = HardState{.term = Term(6),
                                 .vote = ReplicaId(1),
                                 .commit = entry.entry.index},
         .must_sync = true}));
    Must(engine_->Apply({&entry, 1}));
  }
  void WriteRandom(Random& random) {
    Write(random.Uniform(kRows - kPutsPerBatch), kPutsPerBatch);
  }
  void Recycle() {
    while (Must(engine_->RecycleLog())) {
    }
  }

  void Checkpoint() { Must(engine_->Checkpoint()); }

  // Until it is whole, or `stop`.
  void WriteSnapshot(const std::atomic<bool>& stop) {
    const std::string target = path_ + "/backup";
    auto writer =
        Must(BackupWriter::Start(files_, target,
                                 {.id = SnapshotId(1),
                                  .cluster = engine_->identity().cluster,
                                  .group = GroupId(1)},
                                 Must(engine_->machine().NewExport()), {}));
    while (!stop) {
      if (Must(writer->Step()).done) break;
    }
    writer.reset();
    std::filesystem::remove_all(target);
  }

 private:
  std::string path_;
  PosixFileSystem files_;
  MonotonicClock clock_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> keys_;
  std::string value_;
};

Store& SharedStore() {
  static Store store;
  return store;
}

// The files of a log and of a table, without anything that keeps order in them:
// what is left are the disk and its file system.
class BareFiles {
 public:
  BareFiles() {
    std::string pattern = "interference_bench_XXXXXX";
    TRIMARAN_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
    path_ = pattern;
    log_ = NewFile("log", kLogBytes);
    table_ = NewFile("table", kTableBlocks * kBlockBytes);
  }
  ~BareFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BareFiles(const BareFiles&) = delete;
  BareFiles& operator=(const BareFiles&) = delete;

  // As many bytes as a batch of the store above, into blocks that were written
  // before.
  void WriteBatch() {
    MustBeOk(log_->Write(log_offset_, std::string(kBatchBytes, 'b')));
    MustBeOk(log_->Sync());
    log_offset_ = (log_offset_ + kBatchBytes) % (kLogBytes - kBatchBytes);
  }
  // What a checkpoint writes there, and how.
  void WriteCheckpoint(Random& random) {
    const std::string block(kBlockBytes, 'c');
    for (uint64_t i = 0; i < kBlocksPerCheckpoint; ++i) {
      MustBeOk(
          table_->Write(random.Uniform(kTableBlocks) * kBlockBytes, block));
    }
    MustBeOk(table_->Sync());
  }

 private:
  static constexpr uint64_t kLogBytes = uint64_t{64} << 20;
  static constexpr uint64_t kBatchBytes = 1200;
  static constexpr uint64_t kBlockBytes = 8192;
  static constexpr uint64_t kTableBlocks = 20'000;
  static constexpr uint64_t kBlocksPerCheckpoint = 1600;

  std::unique_ptr<File> NewFile(const std::string& name, uint64_t bytes) {
    auto file = Must(files_.Open(path_ + "/" + name, OpenMode::kCreate));
    const std::string zeros(uint64_t{1} << 20, '\0');
    for (uint64_t at = 0; at < bytes; at += zeros.size()) {
      MustBeOk(file->Write(at, zeros));
    }
    MustBeOk(file->Sync());
    return file;
  }

  std::string path_;
  PosixFileSystem files_;
  std::unique_ptr<File> log_;
  std::unique_ptr<File> table_;
  uint64_t log_offset_ = 0;
};

// How long each call of `write` takes, while `beside` is called again and again
// on another thread; every so often `upkeep` is, unmeasured.
void Measure(benchmark::State& state, absl::FunctionRef<void()> write,
             const std::function<void(const std::atomic<bool>& stop)>& beside,
             absl::FunctionRef<void()> upkeep) {
  std::atomic<bool> stop = false;
  std::atomic<int> rounds = 0;
  std::thread other([&] {
    while (!stop && beside != nullptr) {
      beside(stop);
      ++rounds;
    }
  });
  MonotonicClock clock;
  std::vector<double> micros;
  for (auto _ : state) {
    const MonotonicTime begin = clock.Now();
    write();
    micros.push_back(absl::ToDoubleMicroseconds(clock.Now() - begin));
    if (micros.size() % 1000 == 0) upkeep();
  }
  stop = true;
  other.join();
  std::sort(micros.begin(), micros.end());
  const auto at = [&micros](double part) {
    return micros[static_cast<size_t>(part *
                                      static_cast<double>(micros.size() - 1))];
  };
  state.counters["p50_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
  state.counters["max_us"] = at(1);
  state.counters["rounds"] = rounds.load();
}

enum class Beside { kNothing, kCheckpoints, kSnapshots };

void WriteBatch(benchmark::State& state, Beside beside) {
  Store& store = SharedStore();
  std::function<void(const std::atomic<bool>&)> other;
  if (beside == Beside::kCheckpoints) {
    other = [&store](const std::atomic<bool>&) { store.Checkpoint(); };
  } else if (beside == Beside::kSnapshots) {
    other = [&store](const std::atomic<bool>& stop) {
      store.WriteSnapshot(stop);
    };
  }
  SeededRandom random(1);
  Measure(
      state, [&] { store.WriteRandom(random); }, other,
      [&] { store.Recycle(); });
  store.Checkpoint();
  store.Recycle();
}

void BareWrite(benchmark::State& state, Beside beside) {
  BareFiles files;
  SeededRandom random(1);
  std::function<void(const std::atomic<bool>&)> other;
  if (beside == Beside::kCheckpoints) {
    other = [&](const std::atomic<bool>&) { files.WriteCheckpoint(random); };
  }
  Measure(
      state, [&] { files.WriteBatch(); }, other, [] {});
}

void WriteAlone(benchmark::State& state) {
  WriteBatch(state, Beside::kNothing);
}
void WriteBesideCheckpoints(benchmark::State& state) {
  WriteBatch(state, Beside::kCheckpoints);
}
void WriteBesideSnapshots(benchmark::State& state) {
  WriteBatch(state, Beside::kSnapshots);
}
void BareWriteAlone(benchmark::State& state) {
  BareWrite(state, Beside::kNothing);
}
void BareWriteBesideCheckpoints(benchmark::State& state) {
  BareWrite(state, Beside::kCheckpoints);
}
BENCHMARK(WriteAlone)->UseRealTime();
BENCHMARK(WriteBesideCheckpoints)->UseRealTime();
BENCHMARK(WriteBesideSnapshots)->UseRealTime();
BENCHMARK(BareWriteAlone)->UseRealTime();
BENCHMARK(BareWriteBesideCheckpoints)->UseRealTime();

}  // namespace
}  // namespace trimaran::engine

BENCHMARK_MAIN();

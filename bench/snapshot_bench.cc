// What it costs to write a state as a snapshot and to install one, beside the
// least that WiredTiger takes for the same rows: a scan of a checkpoint, and a
// bulk load with the checkpoint that makes it durable. Each case works in a
// directory of its own, below the current one.

#include <stdlib.h>
#include <wiredtiger.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/paired.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/file/posix_file_system.h"
#include "engine/format/command.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/maintenance/state_hash.h"
#include "engine/snapshot/snapshot_loader.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_writer.h"
#include "engine/wt/config.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kRows = 200'000;
constexpr uint64_t kRowsPerEntry = 1000;
constexpr size_t kValueBytes = 100;
constexpr GroupId kGroup{1};
constexpr SnapshotIdentity kIdentity{SnapshotId(1), ClusterId{1, 1}, kGroup};

void Must(const absl::Status& status) { TRIMARAN_CHECK(status.ok()) << status; }
template <typename T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}
void MustWt(int code) {
  TRIMARAN_CHECK_EQ(code, 0) << wiredtiger_strerror(code);
}

class BenchDirectory {
 public:
  BenchDirectory() : path_("snapshot_bench_XXXXXX") {
    TRIMARAN_CHECK(::mkdtemp(path_.data()) != nullptr) << path_;
  }
  ~BenchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;
  std::string Path(const char* name) const {
    return absl::StrCat(path_, "/", name);
  }

 private:
  std::string path_;
};

CommittedEntry PutRows(uint64_t entry, Random& random) {
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < kRowsPerEntry; ++i) {
    keys.push_back(absl::StrCat(absl::Hex(random.Next(), absl::kZeroPad16)));
  }
  std::string value(kValueBytes, 'v');
  for (char& byte : value) byte = static_cast<char>(random.Next());
  WriteCommand write;
  for (const std::string& key : keys) {
    write.operations.push_back(PutOp{kDefaultFamily, key, value});
  }
  EntryEncoder encoder;
  Must(encoder.Add({std::nullopt, write}));
  return {
      {LogIndex(entry), Term(1), EntryType::kNormal, Payload(encoder.Take())},
      std::nullopt};
}

// A state machine with rows in it, and its records.
class BenchState {
 public:
  BenchState() {
    options_.home = directory_.Path("kv");
    options_.store = StoreId(1);
    options_.clock = &clock_;
    options_.files = &files_;
    Must(files_.CreateDirectory(options_.home));
    InitialState initial;
    initial.region.conf.voters = {ReplicaId(1)};
    machine_ = Must(WtStateMachine::Create(options_, initial));
    SeededRandom random(1);
    for (uint64_t i = 1; i <= kRows / kRowsPerEntry; ++i) {
      const std::vector<CommittedEntry> entries = {PutRows(i, random)};
      Must(machine_->Apply(entries).status());
    }
    const auto state = Must(machine_->NewExport());
    StateRecord record;
    while (Must(state->Next(record))) {
      records_.emplace_back(record.key, record.value);
    }
  }

  WtStateMachine& machine() { return *machine_; }
  PosixFileSystem& files() { return files_; }
  const BenchDirectory& directory() const { return directory_; }
  const std::vector<std::pair<std::string, std::string>>& records() const {
    return records_;
  }

  void WriteSnapshot(const std::string& path) {
    const auto writer = Must(SnapshotWriter::Start(
        files_, path, kIdentity, Must(machine_->NewExport()), {}));
    while (!Must(writer->Step()).done) {
    }
  }

 private:
  BenchDirectory directory_;
  PosixFileSystem files_;
  MonotonicClock clock_;
  WtStateMachineOptions options_;
  std::unique_ptr<WtStateMachine> machine_;
  std::vector<std::pair<std::string, std::string>> records_;
};

// A WiredTiger home without anything of ours.
class RawHome {
 public:
  // With WiredTiger's own settings, files are mapped into memory where a
  // checkpoint is read, and checksums of blocks are not looked at.
  explicit RawHome(const std::string& path,
                   const std::string& settings = "mmap=true") {
    std::filesystem::create_directory(path);
    MustWt(wiredtiger_open(
        path.c_str(), nullptr,
        absl::StrCat("create,cache_size=256M,", settings).c_str(),
        &connection_));
    MustWt(connection_->open_session(connection_, nullptr, nullptr, &session_));
  }
  ~RawHome() { connection_->close(connection_, nullptr); }
  RawHome(const RawHome&) = delete;
  RawHome& operator=(const RawHome&) = delete;

  // Durable when it returns.
  void Load(const std::string& uri, const BenchState& state) {
    // As our own tables, so that pages are alike.
    MustWt(session_->create(session_, uri.c_str(),
                            std::string(wt::TableConfigString()).c_str()));
    WT_CURSOR* cursor = nullptr;
    MustWt(
        session_->open_cursor(session_, uri.c_str(), nullptr, "bulk", &cursor));
    for (const auto& [key, value] : state.records()) {
      const WT_ITEM raw_key{key.data(), key.size(), nullptr, 0, 0};
      const WT_ITEM raw_value{value.data(), value.size(), nullptr, 0, 0};
      cursor->set_key(cursor, &raw_key);
      cursor->set_value(cursor, &raw_value);
      MustWt(cursor->insert(cursor));
    }
    MustWt(cursor->close(cursor));
    MustWt(session_->checkpoint(session_, nullptr));
  }

  // Of a checkpoint that is taken for this purpose, as an export's is: none of
  // its pages is in memory yet.
  uint64_t Scan(const std::string& uri) {
    const std::string name = absl::StrCat("snap", ++checkpoints_);
    MustWt(session_->checkpoint(session_, absl::StrCat("name=", name).c_str()));
    WT_CURSOR* cursor = nullptr;
    MustWt(session_->open_cursor(session_, uri.c_str(), nullptr,
                                 absl::StrCat("checkpoint=", name).c_str(),
                                 &cursor));
    uint64_t bytes = 0;
    while (cursor->next(cursor) == 0) {
      WT_ITEM key;
      WT_ITEM value;
      MustWt(cursor->get_key(cursor, &key));
      MustWt(cursor->get_value(cursor, &value));
      bytes += key.size + value.size;
    }
    MustWt(cursor->close(cursor));
    return bytes;
  }

 private:
  WT_CONNECTION* connection_ = nullptr;
  WT_SESSION* session_ = nullptr;
  int checkpoints_ = 0;
};

void CountRows(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRows));
}

void RawCheckpointScan(benchmark::State& state) {
  BenchState source;
  RawHome home(source.directory().Path("raw"));
  home.Load("file:rows.wt", source);
  for (auto _ : state) {
    benchmark::DoNotOptimize(home.Scan("file:rows.wt"));
  }
  CountRows(state);
}

// What all of the others start from: the export alone.
void ExportScan(benchmark::State& state) {
  BenchState source;
  for (auto _ : state) {
    const auto records = Must(source.machine().NewExport());
    StateRecord record;
    while (Must(records->Next(record))) {
      benchmark::DoNotOptimize(record);
    }
  }
  CountRows(state);
}

void HashOfState(benchmark::State& state) {
  BenchState source;
  for (auto _ : state) {
    const auto records = Must(source.machine().NewExport());
    benchmark::DoNotOptimize(Must(HashState(kGroup, *records)));
  }
  CountRows(state);
}

void SnapshotWrite(benchmark::State& state) {
  BenchState source;
  const std::string path = source.directory().Path("out");
  for (auto _ : state) {
    source.WriteSnapshot(path);
    state.PauseTiming();
    Must(RemoveSnapshot(source.files(), path));
    state.ResumeTiming();
  }
  CountRows(state);
}

void RawBulkLoad(benchmark::State& state) {
  BenchState source;
  RawHome home(source.directory().Path("raw"));
  int table = 0;
  for (auto _ : state) {
    home.Load(absl::StrCat("file:rows", ++table, ".wt"), source);
  }
  CountRows(state);
}

// Up to the moment at which the new state is durable.
void SnapshotInstall(benchmark::State& state) {
  BenchState source;
  const std::string path = source.directory().Path("out");
  source.WriteSnapshot(path);
  const auto reader = Must(SnapshotReader::Open(source.files(), path));
  for (auto _ : state) {
    const auto import = Must(source.machine().NewImport());
    SnapshotLoader loader(*reader, *import);
    while (Must(loader.Step())) {
    }
  }
  CountRows(state);
}

// The same bytes into files of the same sizes, all of it durable, and nothing
// else: what the disk allows.
void WriteFiles(BenchState& source, const std::string& path, uint64_t bytes) {
  const std::string chunk(SnapshotWriterOptions().chunk_bytes_target, 'c');
  Must(source.files().CreateDirectory(path));
  std::vector<std::unique_ptr<File>> written;
  for (uint32_t i = 0; i * chunk.size() < bytes; ++i) {
    written.push_back(Must(source.files().Open(JoinPath(path, ChunkFileName(i)),
                                               OpenMode::kCreate)));
    Must(written.back()->Write(0, chunk));
    Must(written.back()->BeginSync());
  }
  for (const std::unique_ptr<File>& file : written) Must(file->Sync());
  Must(source.files().SyncDirectory(path));
}

// One snapshot and one of the other in turns.
enum Beside : int64_t { kScan = 0, kCheckedScan = 1, kFiles = 2 };
void WriteInTurns(benchmark::State& state) {
  BenchState source;
  RawHome home(source.directory().Path("raw"),
               state.range(0) == kCheckedScan ? "mmap=false" : "mmap=true");
  home.Load("file:rows.wt", source);
  const std::string out = source.directory().Path("out");
  const std::string bare = source.directory().Path("bare");
  uint64_t bytes = 0;
  for (const auto& [key, value] : source.records()) {
    bytes += key.size() + value.size() + 2;
  }
  const auto remove = [&] {
    for (const std::string& path : {out, bare}) {
      if (std::filesystem::exists(path)) std::filesystem::remove_all(path);
    }
  };
  const auto ours = [&] { source.WriteSnapshot(out); };
  const auto raw = [&] {
    if (state.range(0) == kFiles) {
      WriteFiles(source, bare, bytes);
    } else {
      benchmark::DoNotOptimize(home.Scan("file:rows.wt"));
    }
  };
  bench::RunPaired(state, kRows, ours, raw, remove);
}

void InstallInTurns(benchmark::State& state) {
  BenchState source;
  RawHome home(source.directory().Path("raw"));
  const std::string path = source.directory().Path("out");
  source.WriteSnapshot(path);
  const auto reader = Must(SnapshotReader::Open(source.files(), path));
  int table = 0;
  const auto ours = [&] {
    const auto import = Must(source.machine().NewImport());
    SnapshotLoader loader(*reader, *import);
    while (Must(loader.Step())) {
    }
  };
  const auto raw = [&] {
    home.Load(absl::StrCat("file:rows", ++table, ".wt"), source);
  };
  bench::RunPaired(state, kRows, ours, raw, [] {});
}

BENCHMARK(WriteInTurns)
    ->ArgName("beside")
    ->Arg(kScan)
    ->Arg(kCheckedScan)
    ->Arg(kFiles)
    ->UseRealTime();
BENCHMARK(InstallInTurns)->UseRealTime();
BENCHMARK(RawCheckpointScan)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ExportScan)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(HashOfState)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(SnapshotWrite)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(RawBulkLoad)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(SnapshotInstall)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace trimaran::engine

BENCHMARK_MAIN();

// Does one kind of work of the engine so many times, and nothing else: for
// instructions.sh, which counts what it takes.
//
//   engine_work <kind> <times>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/raw_cursor.h"
#include "bench/state_fixture.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/file/posix_file_system.h"
#include "engine/format/keys.h"
#include "engine/format/row_value.h"
#include "engine/log/segment_log.h"
#include "engine/snapshot/snapshot_loader.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_writer.h"

namespace trimaran::bench {
namespace {

using engine::kDefaultFamily;

constexpr GroupId kGroup{1};
// Few, since all of it is done at a fiftieth of the usual speed.
constexpr size_t kRows = 50000;

template <typename T>
T Must(absl::StatusOr<T> result) {
  TRIMARAN_CHECK(result.ok()) << result.status();
  return *std::move(result);
}
void Must(const absl::Status& status) { TRIMARAN_CHECK(status.ok()) << status; }

std::string TableKey(uint64_t number) {
  return engine::KeyOf(
      engine::RowKey{kGroup, kDefaultFamily, KeyOfNumber(number)});
}

// All that instructions.sh counts happens in here, in the thread that calls.
__attribute__((noinline)) void Counted(const std::function<void()>& work) {
  work();
}

// ---- Rows ----

void Get(size_t times) {
  StateFixture ours(kRows);
  SeededRandom random(1);
  std::vector<std::string> keys;
  for (size_t i = 0; i < times; ++i) {
    keys.push_back(KeyOfNumber(random.Uniform(kRows)));
  }
  std::string value;
  const auto get = [&](const std::string& key) {
    TRIMARAN_CHECK(Must(ours.machine().Get(kDefaultFamily, key, value)));
  };
  // The first time brings the pages into memory.
  for (const std::string& key : keys) get(key);
  Counted([&] {
    for (const std::string& key : keys) get(key);
  });
}

void RawGet(size_t times) {
  StateFixture ours(kRows);
  RawFixture raw(EncodedRows(ours.machine()));
  const RawCursor cursor(raw, nullptr);
  SeededRandom random(1);
  std::vector<std::string> keys;
  for (size_t i = 0; i < times; ++i) {
    keys.push_back(TableKey(random.Uniform(kRows)));
  }
  std::string value;
  for (const std::string& key : keys) cursor.Get(key, value);
  Counted([&] {
    for (const std::string& key : keys) cursor.Get(key, value);
  });
}

// Does so many rows in passes over all of them, the first of which does not
// count.
void CountPasses(size_t times, const std::function<void()>& pass) {
  pass();
  Counted([&] {
    for (size_t done = 0; done < times; done += kRows) pass();
  });
}

void ReadAll(StateFixture& ours) {
  const auto view = Must(ours.machine().NewView());
  const auto rows = Must(view->NewIterator(kDefaultFamily, {}));
  size_t bytes = 0;
  for (rows->SeekToFirst(); rows->valid(); rows->Next()) {
    bytes += rows->key().size() + rows->value().size();
  }
  TRIMARAN_CHECK_EQ(bytes, kRows * (16 + kValueBytes));
}

void Scan(size_t times) {
  StateFixture ours(kRows);
  CountPasses(times, [&] { ReadAll(ours); });
}

void RawScan(size_t times) {
  StateFixture ours(kRows);
  RawFixture raw(EncodedRows(ours.machine()));
  const RawCursor cursor(raw, nullptr);
  CountPasses(times,
              [&] { TRIMARAN_CHECK_GT(cursor.Scan(), kRows * kValueBytes); });
}

// ---- Applying ----

std::vector<uint64_t> RandomNumbers(size_t count, Random& random) {
  std::vector<uint64_t> numbers;
  for (size_t i = 0; i < count; ++i) numbers.push_back(random.Uniform(kRows));
  return numbers;
}

void Apply(size_t batch, size_t times) {
  StateFixture ours(kRows);
  ReadAll(ours);
  SeededRandom random(1);
  std::vector<engine::CommittedEntry> entries;
  for (size_t i = 0; i < times / batch; ++i) {
    entries.push_back(ours.PutEntry(RandomNumbers(batch, random)));
  }
  Counted([&] {
    for (const engine::CommittedEntry& entry : entries) {
      Must(ours.machine().Apply({&entry, 1}).status());
    }
  });
}

void RawInsert(size_t batch, size_t times) {
  StateFixture ours(kRows);
  RawFixture raw(EncodedRows(ours.machine()));
  const RawCursor cursor(raw, nullptr);
  TRIMARAN_CHECK_GT(cursor.Scan(), kRows * kValueBytes);
  SeededRandom random(1);
  std::vector<std::vector<EncodedRow>> batches;
  for (size_t i = 0; i < times / batch; ++i) {
    std::vector<EncodedRow>& rows = batches.emplace_back();
    for (const uint64_t number : RandomNumbers(batch, random)) {
      std::string value;
      engine::EncodeRowValue({LogIndex(100 + i), std::string(kValueBytes, 'v')},
                             value);
      rows.emplace_back(TableKey(number), std::move(value));
    }
  }
  Counted([&] {
    for (const std::vector<EncodedRow>& rows : batches) cursor.Insert(rows);
  });
}

// ---- The log ----

// A log in a directory of its own, open.
class Log {
 public:
  Log() {
    options_.files = &files_;
    options_.clock = &clock_;
    options_.store = StoreId(1);
    options_.directory = home_.path() + "/log";
    options_.floor_path = home_.path() + "/FLOOR";
    // All that is appended fits: what segments cost is spread over too many
    // entries to be counted here.
    options_.segment_bytes = uint64_t{64} << 20;
    engine::LogReset start;
    start.generation = 1;
    Must(engine::SegmentLog::Create(options_, start));
    Open();
  }

  void Open() {
    log_.reset();
    log_ = std::move(Must(engine::SegmentLog::Open(options_)).log);
  }

  // `times` entries of 100 bytes, in durable batches.
  void Append(size_t batch, size_t times) {
    const Payload payload(std::string(100, 'p'));
    std::vector<LogEntry> entries(batch);
    for (size_t i = 0; i < times / batch; ++i) {
      for (LogEntry& entry : entries) {
        entry = {next_, Term(1), EntryType::kNormal, payload};
        next_ = next_ + 1;
      }
      engine::LogBatch all;
      all.entries = entries;
      all.must_sync = true;
      Must(log_->Append(all));
    }
  }

 private:
  TemporaryHome home_;
  engine::PosixFileSystem files_;
  MonotonicClock clock_;
  engine::SegmentLogOptions options_;
  std::unique_ptr<engine::SegmentLog> log_;
  LogIndex next_{1};
};

void Append(size_t batch, size_t times) {
  Log log;
  Counted([&] { log.Append(batch, times); });
}

void Replay(size_t times) {
  Log log;
  log.Append(64, times);
  Counted([&] { log.Open(); });
}

// ---- Snapshots ----

void WriteSnapshot(StateFixture& ours, const std::string& path) {
  engine::PosixFileSystem files;
  const auto writer = Must(engine::SnapshotWriter::Start(
      files, path, {engine::SnapshotId(1), ClusterId{1, 1}, kGroup},
      Must(ours.machine().NewExport()), {}));
  while (!Must(writer->Step()).done) {
  }
}

void Snapshot(size_t times) {
  StateFixture ours(kRows);
  const TemporaryHome home;
  size_t number = 0;
  CountPasses(times, [&] {
    WriteSnapshot(ours, home.path() + "/" + std::to_string(++number));
  });
}

void RawCheckpointScan(size_t times) {
  StateFixture ours(kRows);
  RawFixture raw(EncodedRows(ours.machine()));
  size_t number = 0;
  CountPasses(times, [&] {
    const std::string name = "bench_" + std::to_string(++number);
    Must(raw.connection().checkpoints().TakeNamed(name));
    const std::string config = wt::CheckpointCursorConfigString(name);
    const RawCursor cursor(raw, config.c_str());
    TRIMARAN_CHECK_GT(cursor.Scan(), kRows * kValueBytes);
  });
}

void Install(size_t times) {
  StateFixture ours(kRows);
  const TemporaryHome home;
  const std::string path = home.path() + "/out";
  WriteSnapshot(ours, path);
  engine::PosixFileSystem files;
  const auto reader = Must(engine::SnapshotReader::Open(files, path));
  CountPasses(times, [&] {
    const auto import = Must(ours.machine().NewImport());
    engine::SnapshotLoader loader(*reader, *import);
    while (Must(loader.Step())) {
    }
  });
}

void RawBulkLoad(size_t times) {
  StateFixture ours(kRows);
  const std::vector<EncodedRow> rows = EncodedRows(ours.machine());
  RawFixture raw(rows);
  size_t number = 0;
  CountPasses(times,
              [&] { raw.BulkLoad("bulk_" + std::to_string(++number), rows); });
}

// ---- The program ----

using Work = std::function<void(size_t times)>;

std::map<std::string_view, Work> Kinds() {
  const auto batches = [](void (*work)(size_t, size_t), size_t batch) -> Work {
    return [work, batch](size_t times) { work(batch, times); };
  };
  return {{"get", Get},
          {"raw_get", RawGet},
          {"scan", Scan},
          {"raw_scan", RawScan},
          {"apply_1", batches(Apply, 1)},
          {"raw_insert_1", batches(RawInsert, 1)},
          {"apply_64", batches(Apply, 64)},
          {"raw_insert_64", batches(RawInsert, 64)},
          {"append_1", batches(Append, 1)},
          {"append_64", batches(Append, 64)},
          {"replay", Replay},
          {"snapshot", Snapshot},
          {"raw_checkpoint_scan", RawCheckpointScan},
          {"install", Install},
          {"raw_bulk_load", RawBulkLoad}};
}

int Main(int argc, char** argv) {
  const std::map<std::string_view, Work> kinds = Kinds();
  const auto kind = kinds.find(argc == 3 ? argv[1] : "");
  if (kind == kinds.end()) {
    std::cerr << "usage: engine_work <kind> <times>; kinds:";
    for (const auto& [name, work] : kinds) std::cerr << ' ' << name;
    std::cerr << '\n';
    return EXIT_FAILURE;
  }
  kind->second(std::stoul(argv[2]));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace trimaran::bench

int main(int argc, char** argv) { return trimaran::bench::Main(argc, argv); }

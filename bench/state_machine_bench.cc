#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/paired.h"
#include "bench/raw_cursor.h"
#include "bench/state_fixture.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/format/keys.h"
#include "engine/format/row_value.h"

// What the state machine costs on top of WiredTiger. README.md says what each
// number means.

namespace trimaran::bench {
namespace {

using engine::kDefaultFamily;

constexpr GroupId kGroup{1};
constexpr size_t kRows = 200000;

// Made once, since it takes a second.
struct Both {
  Both() : ours(kRows), raw(EncodedRows(ours.machine())) {}
  StateFixture ours;
  RawFixture raw;
};

// Returns how many bytes the rows have.
size_t ScanOurs(const engine::WtStateMachine& machine) {
  const auto view = machine.NewView();
  TRIMARAN_CHECK(view.ok());
  const auto rows = (*view)->NewIterator(kDefaultFamily, {});
  TRIMARAN_CHECK(rows.ok());
  size_t bytes = 0;
  for ((*rows)->SeekToFirst(); (*rows)->valid(); (*rows)->Next()) {
    bytes += (*rows)->key().size() + (*rows)->value().size();
  }
  return bytes;
}

// ---- Apply ----

void Apply(benchmark::State& state) {
  const auto batch = static_cast<size_t>(state.range(0));
  const size_t batches = std::max<size_t>(1, 2048 / batch);
  Both both;
  SeededRandom random(1);
  std::vector<engine::CommittedEntry> entries;
  std::vector<std::vector<EncodedRow>> raw_batches;
  const auto prepare = [&] {
    entries.clear();
    raw_batches.clear();
    for (size_t i = 0; i < batches; ++i) {
      std::vector<uint64_t> numbers;
      for (size_t j = 0; j < batch; ++j) {
        numbers.push_back(random.Uniform(kRows));
      }
      entries.push_back(both.ours.PutEntry(numbers));
      raw_batches.emplace_back();
      for (const uint64_t number : numbers) {
        std::string value;
        engine::EncodeRowValue(
            {entries.back().entry.index, std::string(kValueBytes, 'v')}, value);
        raw_batches.back().emplace_back(
            engine::KeyOf(
                engine::RowKey{kGroup, kDefaultFamily, KeyOfNumber(number)}),
            std::move(value));
      }
    }
  };
  const RawCursor cursor(both.raw, nullptr);
  // Brings all pages into memory.
  TRIMARAN_CHECK_EQ(ScanOurs(both.ours.machine()), kRows * (16 + kValueBytes));
  TRIMARAN_CHECK_GT(cursor.Scan(), kRows * kValueBytes);
  const auto ours = [&] {
    for (const engine::CommittedEntry& entry : entries) {
      const auto results = both.ours.machine().Apply({&entry, 1});
      TRIMARAN_CHECK(results.ok()) << results.status();
      benchmark::DoNotOptimize(results->size());
    }
  };
  const auto raw = [&] {
    for (const std::vector<EncodedRow>& rows : raw_batches) cursor.Insert(rows);
  };
  prepare();
  RunPaired(state, batches * batch, ours, raw, prepare);
}
BENCHMARK(Apply)->ArgName("rows")->Arg(1)->Arg(8)->Arg(64)->Arg(512);

// ---- Get ----

constexpr size_t kReads = 20000;

// Runs `read` on so many threads, with a number of its own for each.
template <typename Read>
void OnThreads(int threads, const Read& read) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([&, i] { read(i); });
  read(0);
  for (std::thread& other : others) other.join();
}

void Get(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  Both both;
  std::vector<std::string> keys;
  std::vector<std::string> raw_keys;
  SeededRandom random(2);
  for (size_t i = 0; i < kReads; ++i) {
    keys.push_back(KeyOfNumber(random.Uniform(kRows)));
    raw_keys.push_back(
        engine::KeyOf(engine::RowKey{kGroup, kDefaultFamily, keys.back()}));
  }
  std::vector<std::unique_ptr<RawCursor>> cursors;
  for (int i = 0; i < threads; ++i) {
    cursors.push_back(std::make_unique<RawCursor>(both.raw, nullptr));
  }
  const auto ours = [&] {
    OnThreads(threads, [&](int) {
      std::string value;
      for (const std::string& key : keys) {
        const auto found = both.ours.machine().Get(kDefaultFamily, key, value);
        TRIMARAN_CHECK(found.ok() && *found);
        benchmark::DoNotOptimize(value.data());
      }
    });
  };
  const auto raw = [&] {
    OnThreads(threads, [&](int thread) {
      const RawCursor& cursor = *cursors[static_cast<size_t>(thread)];
      std::string value;
      for (const std::string& key : raw_keys) {
        cursor.Get(key, value);
        benchmark::DoNotOptimize(value.data());
      }
    });
  };
  RunPaired(state, kReads, ours, raw, [] {});
}
BENCHMARK(Get)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

// ---- Scan ----

void Scan(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  Both both;
  std::vector<std::unique_ptr<RawCursor>> cursors;
  for (int i = 0; i < threads; ++i) {
    cursors.push_back(std::make_unique<RawCursor>(both.raw, nullptr));
  }
  const auto ours = [&] {
    OnThreads(threads, [&](int) {
      TRIMARAN_CHECK_EQ(ScanOurs(both.ours.machine()),
                        kRows * (16 + kValueBytes));
    });
  };
  const auto raw = [&] {
    OnThreads(threads, [&](int thread) {
      TRIMARAN_CHECK_GT(cursors[static_cast<size_t>(thread)]->Scan(),
                        kRows * kValueBytes);
    });
  };
  RunPaired(state, kRows, ours, raw, [] {});
}
BENCHMARK(Scan)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

// ---- Export and import ----

void Export(benchmark::State& state) {
  Both both;
  wt::CheckpointLane& lane = both.raw.connection().checkpoints();
  TRIMARAN_CHECK(lane.TakeNamed("bench").ok());
  const auto source = both.ours.machine().NewExport();
  TRIMARAN_CHECK(source.ok());
  const RawCursor cursor(both.raw, "checkpoint=bench");
  const auto ours = [&] {
    TRIMARAN_CHECK((*source)->SkipTo("").ok());
    engine::StateRecord record;
    size_t bytes = 0;
    while (*(*source)->Next(record)) {
      bytes += record.key.size() + record.value.size();
    }
    TRIMARAN_CHECK_GT(bytes, kRows * kValueBytes);
  };
  const auto raw = [&] {
    TRIMARAN_CHECK_GT(cursor.Scan(), kRows * kValueBytes);
  };
  RunPaired(state, kRows, ours, raw, [] {});
}
BENCHMARK(Export);

// Both with the checkpoint that makes the rows durable.
void Import(benchmark::State& state) {
  Both both;
  const std::vector<EncodedRow> rows = EncodedRows(both.ours.machine());
  const engine::LogPosition position = both.ours.machine().applied().applied;
  std::unique_ptr<engine::StateImport> import;
  size_t tables = 0;
  const auto ours = [&] {
    import = *both.ours.machine().NewImport();
    for (const auto& [key, value] : rows) {
      TRIMARAN_CHECK(import->Add({key, value}).ok());
    }
    const absl::Status finished = import->Finish(position);
    TRIMARAN_CHECK(finished.ok()) << finished;
  };
  const auto raw = [&] {
    both.raw.BulkLoad("bulk_" + std::to_string(++tables), rows);
  };
  RunPaired(state, rows.size(), ours, raw, [] {});
}
BENCHMARK(Import)->Iterations(15);

}  // namespace
}  // namespace trimaran::bench

BENCHMARK_MAIN();

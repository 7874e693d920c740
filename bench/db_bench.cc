// What an application gets: reads through the public interface beside cursors
// of WiredTiger's own, and how long a group is without a leader. README.md says
// what each number means.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/local_group.h"
#include "bench/paired.h"
#include "bench/raw_cursor.h"
#include "bench/state_fixture.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/format/keys.h"
#include "engine/format/row_value.h"
#include "trimaran/db.h"

namespace trimaran::bench {
namespace {

constexpr size_t kRows = 200000;
constexpr size_t kReads = 20000;

// The same rows, in a database of one replica and in a table of WiredTiger's.
class Both {
 public:
  Both() : raw(EncodedRows()) {
    Open();
    const std::string value(kValueBytes, 'v');
    for (size_t row = 0; row < kRows;) {
      WriteBatch batch;
      for (int i = 0; i < 1000 && row < kRows; ++i, ++row) {
        batch.Put(KeyOfNumber(row), value);
      }
      TRIMARAN_CHECK(db->Write(batch).ok());
    }
    // Then both have pages as they were read, and not as they were written.
    TRIMARAN_CHECK(db->Close().ok());
    Open();
  }

  RawFixture raw;
  std::unique_ptr<DB> db;

 private:
  void Open() {
    auto opened = DB::Open(Options(), home_.path() + "/db");
    TRIMARAN_CHECK(opened.ok()) << opened.status().ToString();
    db = *std::move(opened);
  }
  // As the database has them in its table, so that both read as many bytes.
  static std::vector<EncodedRow> EncodedRows() {
    std::map<std::string, std::string> rows;
    const std::string value(kValueBytes, 'v');
    for (uint64_t row = 0; row < kRows; ++row) {
      std::string encoded;
      engine::EncodeRowValue({LogIndex(row / 1000 + 1), value}, encoded);
      rows[engine::KeyOf(engine::RowKey{GroupId(1), engine::kDefaultFamily,
                                        KeyOfNumber(row)})] = encoded;
    }
    return {rows.begin(), rows.end()};
  }

  TemporaryHome home_;
};

Both& TheBoth() {
  static Both both;
  return both;
}

// ---- Reads of one replica ----

void Get(benchmark::State& state, ReadLevel level) {
  Both& both = TheBoth();
  std::vector<std::string> keys;
  std::vector<std::string> raw_keys;
  SeededRandom random(2);
  for (size_t i = 0; i < kReads; ++i) {
    keys.push_back(KeyOfNumber(random.Uniform(kRows)));
    raw_keys.push_back(engine::KeyOf(
        engine::RowKey{GroupId(1), engine::kDefaultFamily, keys.back()}));
  }
  const RawCursor cursor(both.raw, nullptr);
  ReadOptions read;
  read.level = level;
  const auto ours = [&] {
    for (const std::string& key : keys) {
      const auto value = both.db->Get(key, read);
      TRIMARAN_CHECK(value.ok() && value->has_value());
      benchmark::DoNotOptimize((*value)->data());
    }
  };
  const auto theirs = [&] {
    for (const std::string& key : raw_keys) {
      std::string value;
      cursor.Get(key, value);
      benchmark::DoNotOptimize(value.data());
    }
  };
  RunPaired(state, kReads, ours, theirs, [] {});
}
void GetLocal(benchmark::State& state) { Get(state, ReadLevel::kLocal); }
void GetLinearizable(benchmark::State& state) {
  Get(state, ReadLevel::kLinearizable);
}
BENCHMARK(GetLocal);
BENCHMARK(GetLinearizable);

// What somebody does with a row: nothing, or reads all of it.
size_t SizeOf(std::string_view key, std::string_view value) {
  return key.size() + value.size();
}
size_t SumOf(std::string_view key, std::string_view value) {
  size_t sum = 0;
  for (const std::string_view bytes : {key, value}) {
    for (const char byte : bytes) sum += static_cast<unsigned char>(byte);
  }
  return sum;
}

template <typename Use>
void Scan(benchmark::State& state, const Use& use) {
  Both& both = TheBoth();
  const RawCursor cursor(both.raw, nullptr);
  const auto ours = [&] {
    const auto rows = both.db->Scan(KeyRange::All());
    TRIMARAN_CHECK(rows.ok());
    size_t result = 0;
    for (; (*rows)->Valid(); (*rows)->Next()) {
      result += use((*rows)->key(), (*rows)->value());
    }
    TRIMARAN_CHECK((*rows)->status().ok());
    TRIMARAN_CHECK_GE(result, kRows * kValueBytes);
  };
  const auto theirs = [&] {
    TRIMARAN_CHECK_GE(cursor.Scan(use), kRows * kValueBytes);
  };
  RunPaired(state, kRows, ours, theirs, [] {});
}
void ScanSizes(benchmark::State& state) { Scan(state, SizeOf); }
void ScanBytes(benchmark::State& state) { Scan(state, SumOf); }
BENCHMARK(ScanSizes);
BENCHMARK(ScanBytes);

// ---- Losing the leader ----

// From the loss of the leader until a write at another one is acknowledged.
double LoseLeader(LocalGroup& group) {
  const uint64_t leader = group.FindLeader();
  group.network()->Isolate(leader);
  const auto start = std::chrono::steady_clock::now();
  const auto put = group.replica(leader % 3 + 1).Put("after", "it");
  const std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  TRIMARAN_CHECK(put.ok()) << put.status().ToString();
  group.network()->Rejoin(leader);
  const auto back =
      group.replica(leader).Get("after", ReadOptions::AtLeast(put->index));
  TRIMARAN_CHECK(back.ok()) << back.status().ToString();
  return time.count();
}

// Three replicas, with the options that users start from.
void FailOver(benchmark::State& state) {
  const TemporaryHome home;
  LocalGroup group(home.path(), 3);
  std::vector<double> times;
  for (auto iteration : state) {
    (void)iteration;
    times.push_back(LoseLeader(group));
  }
  state.counters["median_ms"] = Median(times);
  state.counters["max_ms"] = *std::max_element(times.begin(), times.end());
}
BENCHMARK(FailOver)->Iterations(20)->UseRealTime();

}  // namespace
}  // namespace trimaran::bench

BENCHMARK_MAIN();

#include "tools/trimaran/bench_work.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

// Of all rows together.
constexpr uint64_t kDataBytesMax = uint64_t{256} << 20;
constexpr uint64_t kRowsMax = 100'000;
constexpr uint64_t kBatchRows = 100;
constexpr uint64_t kBatchBytes = uint64_t{8} << 20;
constexpr uint64_t kScanRows = 100;
constexpr size_t kManyWorkers = 64;
constexpr size_t kManyReaders = 8;

// A worker looks at the progress bar after so many operations: a look costs as
// much as a read.
constexpr uint64_t kShowInterval = 16;

struct Worker {
  LatencyHistogram latency;
  absl::Status status;
};

// Until the time is over or somebody has an error. The first worker tells how
// far all of them are.
void Work(const BenchCase& one, size_t number, MonotonicTime end,
          const Clock& clock, std::atomic<bool>& stop, Worker& worker,
          const std::function<bool(uint64_t done)>& show) {
  MonotonicTime now = clock.Now();
  for (uint64_t count = 0; now < end && !stop.load(std::memory_order_relaxed);
       ++count) {
    worker.status = one.run(number, count);
    const MonotonicTime after = clock.Now();
    if (!worker.status.ok()) break;
    worker.latency.Record(
        static_cast<uint64_t>(absl::ToInt64Nanoseconds(after - now)));
    now = after;
    if (show != nullptr && count % kShowInterval == 0 && !show(count)) {
      worker.status = absl::CancelledError("interrupted");
      break;
    }
  }
  // For the others; who is done in time stops nobody who is not.
  if (!worker.status.ok()) stop.store(true);
}

std::string KeyOf(uint64_t row) { return absl::StrFormat("key%09d", row); }

uint64_t RowsOf(const BenchOptions& options) {
  return std::clamp<uint64_t>(
      kDataBytesMax / std::max<size_t>(options.value_bytes, 1), kBatchRows,
      kRowsMax);
}

uint64_t BatchRowsOf(const BenchOptions& options) {
  return std::clamp<uint64_t>(
      kBatchBytes / std::max<size_t>(options.value_bytes, 1), 1, kBatchRows);
}

// Spreads the operations of all workers over the rows.
uint64_t RowOf(size_t worker, uint64_t count, uint64_t rows) {
  SeededRandom random((worker << 40) + count);
  return random.Uniform(rows);
}

}  // namespace

absl::StatusOr<BenchResult> Measure(const BenchCase& one,
                                    const BenchOptions& options,
                                    const Clock& clock, ProgressBar& progress) {
  std::vector<Worker> workers(one.workers);
  std::atomic<bool> stop = false;
  const MonotonicTime begin = clock.Now();
  const MonotonicTime end = begin + options.time;
  const auto show = [&](uint64_t done) {
    return progress.Show(
        {.step = one.name,
         .done = static_cast<uint64_t>(
             absl::ToInt64Milliseconds(clock.Now() - begin)),
         .total =
             static_cast<uint64_t>(absl::ToInt64Milliseconds(options.time)),
         .bytes = done * one.workers * one.rows * options.value_bytes});
  };
  {
    std::vector<std::jthread> threads;
    for (size_t number = 1; number < one.workers; ++number) {
      threads.emplace_back([&, number] {
        Work(one, number, end, clock, stop, workers[number], nullptr);
      });
    }
    Work(one, 0, end, clock, stop, workers[0], show);
  }
  BenchResult result;
  result.name = one.name;
  result.workers = one.workers;
  result.rows = one.rows;
  result.elapsed = clock.Now() - begin;
  for (const Worker& worker : workers) {
    TRIMARAN_RETURN_IF_ERROR(worker.status);
    result.latency.Merge(worker.latency);
  }
  return result;
}

absl::StatusOr<BenchResult> MeasureDisk(engine::FileSystem& files,
                                        const std::string& path,
                                        const BenchOptions& options,
                                        const Clock& clock,
                                        ProgressBar& progress) {
  constexpr uint64_t file_bytes = uint64_t{16} << 20;
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<engine::File> file,
                            files.Open(path, engine::OpenMode::kCreate));
  TRIMARAN_RETURN_IF_ERROR(file->Write(0, std::string(file_bytes, '\0')));
  TRIMARAN_RETURN_IF_ERROR(file->Sync());
  const std::string value(options.value_bytes, 'v');
  const uint64_t places = file_bytes / std::max<size_t>(value.size(), 1);
  BenchCase one;
  one.name = "bare write and sync";
  one.run = [&](size_t, uint64_t count) {
    const absl::Status written =
        file->Write(count % places * value.size(), value);
    return written.ok() ? file->Sync() : written;
  };
  return Measure(one, options, clock, progress);
}

std::vector<BenchCase> WriteCases(DB& db, const BenchOptions& options) {
  const uint64_t rows = RowsOf(options);
  const auto value =
      std::make_shared<const std::string>(options.value_bytes, 'v');
  const auto put = [&db, rows, value](size_t worker, uint64_t count) {
    return db.Put(KeyOf(RowOf(worker, count, rows)), *value).status();
  };
  // A batch has its limits (write_batch.h).
  const uint64_t batch_rows = BatchRowsOf(options);
  const auto batch = [&db, rows, value, batch_rows](size_t worker,
                                                    uint64_t count) {
    WriteBatch writes;
    for (uint64_t i = 0; i < batch_rows; ++i) {
      writes.Put(KeyOf(RowOf(worker, count * batch_rows + i, rows)), *value);
    }
    return db.Write(writes).status();
  };
  return {
      {"put, 1 writer", 1, 1, put},
      {absl::StrCat("put, ", kManyWorkers, " writers"), kManyWorkers, 1, put},
      {absl::StrCat("batch of ", batch_rows, ", 1 writer"), 1, batch_rows,
       batch},
  };
}

absl::Status FillRows(DB& db, const BenchOptions& options,
                      ProgressBar& progress) {
  const uint64_t rows = RowsOf(options);
  const std::string value(options.value_bytes, 'v');
  for (uint64_t row = 0; row < rows;) {
    if (!progress.Show({.step = "filling",
                        .done = row,
                        .total = rows,
                        .bytes = row * value.size()})) {
      return absl::CancelledError("interrupted");
    }
    WriteBatch writes;
    const uint64_t end = std::min(rows, row + BatchRowsOf(options));
    for (; row < end; ++row) writes.Put(KeyOf(row), value);
    TRIMARAN_RETURN_IF_ERROR(db.Write(writes).status());
  }
  return absl::OkStatus();
}

std::vector<BenchCase> ReadCases(DB& db, const BenchOptions& options) {
  const uint64_t rows = RowsOf(options);
  const auto get = [&db, rows](size_t worker, uint64_t count) {
    return db.Get(KeyOf(RowOf(worker, count, rows))).status();
  };
  const auto scan = [&db, rows](size_t worker, uint64_t count) {
    ScanOptions scan_options;
    scan_options.limit = kScanRows;
    const auto found =
        db.Scan({.begin = KeyOf(RowOf(worker, count, rows))}, scan_options);
    if (!found.ok()) return found.status();
    while ((*found)->Valid()) (*found)->Next();
    return (*found)->status();
  };
  return {
      {"get, 1 reader", 1, 1, get},
      {absl::StrCat("get, ", kManyReaders, " readers"), kManyReaders, 1, get},
      {absl::StrCat("scan of ", kScanRows, ", 1 reader"), 1, kScanRows, scan},
  };
}

}  // namespace trimaran::tool

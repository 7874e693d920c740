#include "tools/trimaran/bench_work.h"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

// Of all rows together.
constexpr uint64_t kDataBytesMax = uint64_t{256} << 20;
constexpr uint64_t kBatchRows = 100;
constexpr uint64_t kFillRows = 1000;
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

// Until the time is over, but once at least, or until somebody has an error.
// The first worker tells how far all of them are.
void Work(const BenchCase& one, size_t number, MonotonicTime end,
          const Clock& clock, std::atomic<bool>& stop, Worker& worker,
          const std::function<bool(uint64_t done)>& show) {
  MonotonicTime now = clock.Now();
  for (uint64_t count = 0;
       (count == 0 || now < end) && !stop.load(std::memory_order_relaxed);
       ++count) {
    worker.status = one.run(number, count);
    const MonotonicTime after = clock.Now();
    if (!worker.status.ok()) break;
    worker.latency.Record(
        static_cast<uint64_t>(absl::ToInt64Nanoseconds(after - now)),
        one.at_once);
    now = after;
    if (show != nullptr && count % kShowInterval == 0 && !show(count)) {
      worker.status = absl::CancelledError("interrupted");
      break;
    }
  }
  // For the others; who is done in time stops nobody who is not.
  if (!worker.status.ok()) stop.store(true);
}

std::string KeyOf(const std::string& prefix, uint64_t row) {
  return absl::StrFormat("%skey%09d", prefix, row);
}

uint64_t RowsOf(const BenchPlace& place, const BenchOptions& options) {
  return std::clamp<uint64_t>(
      kDataBytesMax / std::max<size_t>(options.value_bytes, 1), kBatchRows,
      place.rows_max);
}

// So many at once, or as many as fit a batch.
uint64_t BatchRowsOf(uint64_t rows, const BenchOptions& options) {
  return std::clamp<uint64_t>(
      kBatchBytes / std::max<size_t>(options.value_bytes, 1), 1, rows);
}

// Spreads the operations of all workers over the rows.
uint64_t RowOf(size_t worker, uint64_t count, uint64_t rows) {
  SeededRandom random((worker << 40) + count);
  return random.Uniform(rows);
}

// What workers do to rows, operation by operation.
class Operations {
 public:
  using Run = std::function<absl::Status(size_t worker, uint64_t count)>;

  Operations(const BenchPlace& place, const BenchOptions& options)
      : place_(place),
        rows_(RowsOf(place, options)),
        value_(options.value_bytes, 'v') {}

  Run Put() const {
    return [*this](size_t worker, uint64_t count) {
      return place_.port(worker).Put(KeyAt(worker, count), value_).status();
    };
  }
  Run PutMany(uint64_t many) const {
    return [*this, many](size_t worker, uint64_t count) {
      std::vector<RowPort::KeyValue> rows;
      for (uint64_t i = 0; i < many; ++i) {
        rows.emplace_back(KeyAt(worker, count * many + i), value_);
      }
      return place_.port(worker).PutAll(rows);
    };
  }
  Run Get() const {
    return [*this](size_t worker, uint64_t count) {
      return place_.port(worker).Get(KeyAt(worker, count)).status();
    };
  }
  Run GetMany(uint64_t many) const {
    return [*this, many](size_t worker, uint64_t count) {
      std::vector<std::string> keys;
      for (uint64_t i = 0; i < many; ++i) {
        keys.push_back(KeyAt(worker, count * many + i));
      }
      return place_.port(worker).GetAll(keys);
    };
  }
  Run Scan() const {
    return [*this](size_t worker, uint64_t count) {
      const KeyRange range = {.begin = KeyAt(worker, count),
                              .end = KeyRange::Prefix(place_.prefix).end};
      return place_.port(worker).Scan(range, kScanRows,
                                      [](const PortRow&) { return true; });
    };
  }

 private:
  std::string KeyAt(size_t worker, uint64_t count) const {
    return KeyOf(place_.prefix, RowOf(worker, count, rows_));
  }

  const BenchPlace place_;
  const uint64_t rows_;
  const std::string value_;
};

// "put, 50 x 16": connections, and commands that each has under way.
BenchCase RemoteCase(std::string_view name, const Connections& connections,
                     Operations::Run one, Operations::Run many) {
  BenchCase result;
  result.workers = connections.count;
  result.at_once = connections.pipeline;
  const bool piped = connections.pipeline > 1;
  result.name = absl::StrCat(
      ToAbsl(name), ", ", connections.count,
      piped ? absl::StrCat(" x ", connections.pipeline) : " connections");
  result.run = piped ? std::move(many) : std::move(one);
  return result;
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
    return progress.Show({.step = one.name,
                          .done = static_cast<uint64_t>(
                              absl::ToInt64Milliseconds(clock.Now() - begin)),
                          .total = static_cast<uint64_t>(
                              absl::ToInt64Milliseconds(options.time)),
                          .bytes = done * one.workers * one.at_once * one.rows *
                                   options.value_bytes});
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

std::vector<BenchCase> WriteCases(const BenchPlace& place,
                                  const BenchOptions& options) {
  const Operations operations(place, options);
  // A batch has its limits (write_batch.h).
  const uint64_t batch_rows = BatchRowsOf(kBatchRows, options);
  return {
      {"put, 1 writer", 1, 1, operations.Put()},
      {absl::StrCat("put, ", kManyWorkers, " writers"), kManyWorkers, 1,
       operations.Put()},
      {absl::StrCat("batch of ", batch_rows, ", 1 writer"), 1, batch_rows,
       operations.PutMany(batch_rows)},
  };
}

std::vector<BenchCase> ReadCases(const BenchPlace& place,
                                 const BenchOptions& options) {
  const Operations operations(place, options);
  return {
      {"get, 1 reader", 1, 1, operations.Get()},
      {absl::StrCat("get, ", kManyReaders, " readers"), kManyReaders, 1,
       operations.Get()},
      {absl::StrCat("scan of ", kScanRows, ", 1 reader"), 1, kScanRows,
       operations.Scan()},
  };
}

std::vector<BenchCase> RemoteWriteCases(const BenchPlace& place,
                                        const BenchOptions& options,
                                        const Connections& connections) {
  const Operations operations(place, options);
  return {
      {"put, 1 connection", 1, 1, operations.Put()},
      RemoteCase("put", connections, operations.Put(),
                 operations.PutMany(connections.pipeline)),
  };
}

std::vector<BenchCase> RemoteReadCases(const BenchPlace& place,
                                       const BenchOptions& options,
                                       const Connections& connections) {
  const Operations operations(place, options);
  return {
      {"get, 1 connection", 1, 1, operations.Get()},
      RemoteCase("get", connections, operations.Get(),
                 operations.GetMany(connections.pipeline)),
      {absl::StrCat("scan of ", kScanRows, ", 1 connection"), 1, kScanRows,
       operations.Scan()},
  };
}

absl::Status FillRows(const BenchPlace& place, const BenchOptions& options,
                      ProgressBar& progress) {
  const uint64_t rows = RowsOf(place, options);
  const std::string value(options.value_bytes, 'v');
  for (uint64_t row = 0; row < rows;) {
    if (!progress.Show({.step = "filling",
                        .done = row,
                        .total = rows,
                        .bytes = row * value.size()})) {
      return absl::CancelledError("interrupted");
    }
    std::vector<RowPort::KeyValue> batch;
    const uint64_t end = std::min(rows, row + BatchRowsOf(kFillRows, options));
    for (; row < end; ++row) {
      batch.emplace_back(KeyOf(place.prefix, row), value);
    }
    TRIMARAN_RETURN_IF_ERROR(place.port(0).PutAll(batch));
  }
  return absl::OkStatus();
}

absl::Status RemoveRows(const BenchPlace& place) {
  constexpr uint64_t rows_at_once = 1000;
  const KeyRange range = KeyRange::Prefix(place.prefix);
  std::vector<std::string> keys;
  do {
    keys.clear();
    TRIMARAN_RETURN_IF_ERROR(
        place.port(0).Scan(range, rows_at_once, [&keys](const PortRow& row) {
          keys.emplace_back(row.key);
          return true;
        }));
    TRIMARAN_RETURN_IF_ERROR(place.port(0).DeleteAll(keys));
  } while (!keys.empty());
  return absl::OkStatus();
}

}  // namespace trimaran::tool

#ifndef TRIMARAN_TOOLS_TRIMARAN_BENCH_WORK_H_
#define TRIMARAN_TOOLS_TRIMARAN_BENCH_WORK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/file/file_system.h"
#include "tools/trimaran/latency_histogram.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/row_port.h"

// What `trimaran bench` measures.

namespace trimaran::tool {

struct BenchOptions {
  absl::Duration time = absl::Seconds(3);
  size_t value_bytes = 100;
};

// One kind of operation, which so many threads do as often as they can.
struct BenchCase {
  std::string name;
  size_t workers = 1;
  // Rows that one operation writes or reads.
  uint64_t rows = 1;
  // Does operation number `count` of a worker. Any worker at a time.
  std::function<absl::Status(size_t worker, uint64_t count)> run = {};
  // So many at once, each of which takes until the last of them is done.
  uint64_t at_once = 1;
};

// Where the rows are. All workers work on the same rows, of which there are no
// more than fit a few hundred megabytes.
struct BenchPlace {
  // That of a worker. Outlives the cases.
  std::function<RowPort&(size_t worker)> port;
  // Of all keys.
  std::string prefix = {};
  // However small they are.
  uint64_t rows_max = 100'000;
};

struct BenchResult {
  std::string name;
  size_t workers = 1;
  uint64_t rows = 1;
  absl::Duration elapsed;
  LatencyHistogram latency;
};

// The first error of an operation; Cancelled by the progress bar.
//
// Thread: one; it starts the others.
absl::StatusOr<BenchResult> Measure(const BenchCase& one,
                                    const BenchOptions& options,
                                    const Clock& clock, ProgressBar& progress);

// What any database has to do at least for a write that is to survive: a write
// of that size over blocks that are there, and a sync. In a new file at `path`.
absl::StatusOr<BenchResult> MeasureDisk(engine::FileSystem& files,
                                        const std::string& path,
                                        const BenchOptions& options,
                                        const Clock& clock,
                                        ProgressBar& progress);

// Of a store of this process: puts and batches; gets and scans.
std::vector<BenchCase> WriteCases(const BenchPlace& place,
                                  const BenchOptions& options);
std::vector<BenchCase> ReadCases(const BenchPlace& place,
                                 const BenchOptions& options);

// How a replica that runs elsewhere is asked.
struct Connections {
  size_t count = 50;
  // Commands that each sends before it waits for their answers.
  uint64_t pipeline = 1;
};

// Of such a replica: puts; gets and scans. Worker N has a connection of its
// own, place.port(N).
std::vector<BenchCase> RemoteWriteCases(const BenchPlace& place,
                                        const BenchOptions& options,
                                        const Connections& connections);
std::vector<BenchCase> RemoteReadCases(const BenchPlace& place,
                                       const BenchOptions& options,
                                       const Connections& connections);

// Writes the rows that are not there yet, so that all reads find what they
// look for. Cancelled by the progress bar.
absl::Status FillRows(const BenchPlace& place, const BenchOptions& options,
                      ProgressBar& progress);

// Removes all rows with the prefix of the place.
absl::Status RemoveRows(const BenchPlace& place);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_BENCH_WORK_H_

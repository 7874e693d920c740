#ifndef TRIMARAN_TOOLS_TRIMARAN_BENCH_REPORT_H_
#define TRIMARAN_TOOLS_TRIMARAN_BENCH_REPORT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "tools/trimaran/bench_work.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// In words, how long a put takes beside a bare write and a sync, without which
// there is no put.
//
// Thread: any.
std::string CompareWithDisk(uint64_t put_nanos, uint64_t bare_nanos);

// Measures, and shows results and how far the work has come.
//
// Thread: owner.
class BenchReport {
 public:
  // Both outlive this. Of the options: json, histogram.
  BenchReport(const Arguments& arguments, Environment& environment);

  // Measures all of them, and shows each when it is done: the results.
  absl::StatusOr<std::vector<BenchResult>> Run(
      const std::vector<BenchCase>& cases, const BenchOptions& options);
  void Print(const BenchResult& result);

  const Clock& clock() const { return clock_; }
  ProgressBar& progress() { return progress_; }
  Printer& printer() { return *printer_; }

 private:
  const Arguments& arguments_;
  Environment& environment_;
  const MonotonicClock clock_;
  ProgressBar progress_;
  std::unique_ptr<Printer> printer_;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_BENCH_REPORT_H_

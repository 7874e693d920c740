#include "tools/trimaran/bench_report.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

// "1.23 ms": three digits.
std::string TimeText(uint64_t nanos) {
  const auto value = static_cast<double>(nanos);
  if (nanos < 1000) return absl::StrCat(nanos, " ns");
  if (nanos < 1'000'000) return absl::StrFormat("%.3g us", value / 1e3);
  if (nanos < 1'000'000'000) return absl::StrFormat("%.3g ms", value / 1e6);
  return absl::StrFormat("%.3g s", value / 1e9);
}

void PrintHistogram(const LatencyHistogram& latency, Printer& printer) {
  constexpr uint64_t width = 50;
  uint64_t most = 1;
  for (const auto& octave : latency.Octaves()) {
    most = std::max(most, octave.count);
  }
  for (const auto& octave : latency.Octaves()) {
    printer.Remark(absl::StrFormat(
        "  from %8s  %10d  %s", TimeText(octave.from_nanos), octave.count,
        std::string(octave.count * width / most, '#')));
  }
}

void PrintResult(const BenchResult& result, const Arguments& arguments,
                 Printer& printer) {
  const LatencyHistogram& latency = result.latency;
  const auto per_second = static_cast<uint64_t>(
      static_cast<double>(latency.count()) /
      std::max(absl::ToDoubleSeconds(result.elapsed), 1e-9));
  Record record("bench");
  record
      .Add({.name = "name",
            .value = result.name,
            .show = Show::kBare,
            .width = 26})
      .Number("workers", result.workers, Show::kNever)
      .Number("rows_per_operation", result.rows, Show::kNever)
      .Number("operations", latency.count(), Show::kNever)
      .Add({.name = "per_second",
            .value = per_second,
            .show = Show::kNamed,
            .width = 20});
  std::vector<uint64_t> bounds;
  std::vector<uint64_t> counts;
  for (const auto& octave : latency.Octaves()) {
    bounds.push_back(octave.from_nanos);
    counts.push_back(octave.count);
  }
  const auto time = [&](std::string_view name, std::string_view in_nanos,
                        uint64_t nanos) {
    record.Number(in_nanos, nanos, Show::kNever)
        .Add({.name = name, .value = TimeText(nanos), .width = 13});
  };
  time("p50", "p50_nanos", latency.AtPermille(500));
  time("p90", "p90_nanos", latency.AtPermille(900));
  time("p99", "p99_nanos", latency.AtPermille(990));
  time("p999", "p999_nanos", latency.AtPermille(999));
  time("max", "max_nanos", latency.max());
  record.Number("mean_nanos", latency.mean(), Show::kNever)
      .Add({.name = "from_nanos", .value = bounds, .show = Show::kNever})
      .Add({.name = "counts", .value = counts, .show = Show::kNever});
  printer.Line(record);
  if (arguments.Has("histogram")) PrintHistogram(latency, printer);
}

}  // namespace

std::string CompareWithDisk(uint64_t put_nanos, uint64_t bare_nanos) {
  if (put_nanos < bare_nanos) {
    return "The disk was busy while the bare write and sync were measured: "
           "they took longer\n  than a put, which cannot do without, so that "
           "the two cannot be compared.";
  }
  return absl::StrFormat(
      "One put takes %.2f times what the disk needs for a write and a sync.",
      static_cast<double>(put_nanos) /
          static_cast<double>(std::max<uint64_t>(bare_nanos, 1)));
}

BenchReport::BenchReport(const Arguments& arguments, Environment& environment)
    : arguments_(arguments),
      environment_(environment),
      progress_(environment, clock_) {
  PrinterOptions options;
  if (arguments.Has("json")) options.format = PrinterOptions::Format::kJson;
  printer_ = MakePrinter(environment.out, options);
}

absl::StatusOr<std::vector<BenchResult>> BenchReport::Run(
    const std::vector<BenchCase>& cases, const BenchOptions& options) {
  std::vector<BenchResult> results;
  for (const BenchCase& one : cases) {
    TRIMARAN_ASSIGN_OR_RETURN(BenchResult result,
                              Measure(one, options, clock_, progress_));
    Print(result);
    results.push_back(std::move(result));
  }
  return results;
}

void BenchReport::Print(const BenchResult& result) {
  progress_.Clear();
  PrintResult(result, arguments_, *printer_);
  environment_.out.Flush();
}

}  // namespace trimaran::tool

#include "tools/trimaran/bench_command.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "engine/file/work_directory.h"
#include "tools/trimaran/bench_work.h"
#include "tools/trimaran/new_store.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "trimaran/db.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"milliseconds", "N",
               "for each kind of operation, up to 60000: 3000"},
    OptionSpec{"value-bytes", "N", "of each row, 1 to 1048576: 100"},
    OptionSpec{"histogram", "", "how many took how long, as bars"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

// Data, what a checkpoint writes beside them, and the log.
constexpr uint64_t kRoomBytes = uint64_t{1} << 30;

absl::StatusOr<uint64_t> NumberFrom(const Arguments& arguments,
                                    std::string_view option, uint64_t usual,
                                    uint64_t most) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto given, arguments.Number(option));
  const uint64_t number = given.value_or(usual);
  if (number >= 1 && number <= most) return number;
  return absl::InvalidArgumentError(
      absl::StrCat("--", ToAbsl(option), ": from 1 to ", most));
}

absl::StatusOr<BenchOptions> ParseBenchOptions(const Arguments& arguments) {
  BenchOptions options;
  TRIMARAN_ASSIGN_OR_RETURN(
      const uint64_t milliseconds,
      NumberFrom(arguments, "milliseconds", 3000, 60'000));
  options.time = absl::Milliseconds(milliseconds);
  TRIMARAN_ASSIGN_OR_RETURN(
      options.value_bytes,
      NumberFrom(arguments, "value-bytes", 100, uint64_t{1} << 20));
  return options;
}

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
            .width = 24})
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

absl::Status Bench(const Arguments& arguments, Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const BenchOptions options,
                            ParseBenchOptions(arguments));
  const std::string path = WithoutSlashes(arguments.operands().front());
  TRIMARAN_RETURN_IF_ERROR(CheckRoom(environment.files, path, kRoomBytes));
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto scratch, engine::WorkDirectory::Make(environment.files, path));
  PrinterOptions printer_options;
  if (arguments.Has("json")) {
    printer_options.format = PrinterOptions::Format::kJson;
  }
  const auto printer = MakePrinter(environment.out, printer_options);
  const MonotonicClock clock;
  ProgressBar progress(environment, clock);
  const auto print = [&](const BenchResult& result) {
    progress.Clear();
    PrintResult(result, arguments, *printer);
    environment.out.Flush();
  };
  TRIMARAN_ASSIGN_OR_RETURN(
      const BenchResult disk,
      MeasureDisk(environment.files, scratch->Inside("bare"), options, clock,
                  progress));
  print(disk);
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<DB> db,
                            DB::Open(Options(), scratch->Inside("store")));
  uint64_t put = 0;
  for (const BenchCase& one : WriteCases(*db, options)) {
    TRIMARAN_ASSIGN_OR_RETURN(const BenchResult result,
                              Measure(one, options, clock, progress));
    if (put == 0) put = result.latency.AtPermille(500);
    print(result);
  }
  TRIMARAN_RETURN_IF_ERROR(FillRows(*db, options, progress));
  for (const BenchCase& one : ReadCases(*db, options)) {
    TRIMARAN_ASSIGN_OR_RETURN(const BenchResult result,
                              Measure(one, options, clock, progress));
    print(result);
  }
  printer->Remark(absl::StrFormat(
      "One put takes %.2f times what the disk needs for a write and a sync.",
      static_cast<double>(put) / static_cast<double>(std::max<uint64_t>(
                                     disk.latency.AtPermille(500), 1))));
  return db->Close();
}

ExitCode RunBench(const Arguments& arguments, Environment& environment) {
  const absl::Status status = Bench(arguments, environment);
  return status.ok() ? ExitCode::kOk : Report(status, environment);
}

constexpr std::string_view kDetails =
    R"(Measures what a disk and this machine can do, in <directory>, which must
not exist or be empty, and which is removed afterwards: at first what the disk
needs for a bare write and a sync, which no durable write can do without, then
puts, batches, gets and scans of a store of one replica. Needs a gigabyte of
room. Times are those of single operations, as whoever asks for them sees them.
)";

}  // namespace

Subcommand BenchCommand() {
  return {.name = "bench",
          .summary = "Measures what a disk makes of a store.",
          .operands = "<directory>",
          .details = kDetails,
          .options = kSpecs,
          .run = RunBench};
}

}  // namespace trimaran::tool

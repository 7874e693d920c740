#include "tools/trimaran/bench_command.h"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/src/entropy.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/file/work_directory.h"
#include "tools/trimaran/bench_report.h"
#include "tools/trimaran/bench_work.h"
#include "tools/trimaran/db_port.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/new_store.h"
#include "tools/trimaran/resp_port.h"
#include "trimaran/db.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"milliseconds", "N",
               "for each kind of operation, up to 60000: 3000"},
    OptionSpec{"value-bytes", "N", "of each row, 1 to 1048576: 100"},
    OptionSpec{"histogram", "", "how many took how long, as bars"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
    kRedisAtOption,
    kPasswordOption,
    OptionSpec{"connections", "N", "with --at, up to 1000: 50"},
    OptionSpec{"pipeline", "N",
               "with --at, commands that each sends at once, up to 1000: 1"},
};

// Data, what a checkpoint writes beside them, and the log.
constexpr uint64_t kRoomBytes = uint64_t{1} << 30;

// They are to be removed again.
constexpr uint64_t kRemoteRowsMax = 10'000;

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

// ---- A disk ----

absl::Status BenchDisk(const Arguments& arguments, const BenchOptions& options,
                       Environment& environment) {
  const std::string path(engine::WithoutSlashes(arguments.operands().front()));
  TRIMARAN_RETURN_IF_ERROR(CheckDestination(path));
  TRIMARAN_RETURN_IF_ERROR(CheckRoom(environment.files, path, kRoomBytes));
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto scratch, engine::WorkDirectory::Make(environment.files, path));
  BenchReport report(arguments, environment);
  TRIMARAN_ASSIGN_OR_RETURN(
      const BenchResult disk,
      MeasureDisk(environment.files, scratch->Inside("bare"), options,
                  report.clock(), report.progress()));
  report.Print(disk);
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<DB> db,
                            DB::Open(Options(), scratch->Inside("store")));
  DbPort port(*db);
  const BenchPlace place = {
      .port = [&port](size_t) -> RowPort& { return port; }};
  TRIMARAN_ASSIGN_OR_RETURN(const auto writes,
                            report.Run(WriteCases(place, options), options));
  TRIMARAN_RETURN_IF_ERROR(FillRows(place, options, report.progress()));
  TRIMARAN_RETURN_IF_ERROR(
      report.Run(ReadCases(place, options), options).status());
  report.printer().Remark(CompareWithDisk(
      writes.front().latency.AtPermille(500), disk.latency.AtPermille(500)));
  return db->Close();
}

// ---- A replica that runs ----

absl::StatusOr<Connections> ParseConnections(const Arguments& arguments,
                                             const BenchOptions& options) {
  // Of one connection, both as they are sent and as they are received.
  constexpr uint64_t bytes_at_once_max = uint64_t{16} << 20;
  Connections connections;
  TRIMARAN_ASSIGN_OR_RETURN(connections.count,
                            NumberFrom(arguments, "connections", 50, 1000));
  TRIMARAN_ASSIGN_OR_RETURN(connections.pipeline,
                            NumberFrom(arguments, "pipeline", 1, 1000));
  if (connections.pipeline > 1 &&
      connections.pipeline * options.value_bytes > bytes_at_once_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("--pipeline: so many rows have more than ",
                     bytes_at_once_max, " bytes"));
  }
  return connections;
}

absl::Status MeasureReplica(const BenchPlace& place,
                            const Connections& connections,
                            const BenchOptions& options, BenchReport& report) {
  TRIMARAN_RETURN_IF_ERROR(
      report.Run(RemoteWriteCases(place, options, connections), options)
          .status());
  TRIMARAN_RETURN_IF_ERROR(FillRows(place, options, report.progress()));
  return report.Run(RemoteReadCases(place, options, connections), options)
      .status();
}

// On a connection of its own: the others may be broken.
absl::Status RemoveRemoteRows(const RespPlace& where, BenchPlace place,
                              const std::atomic<bool>& never,
                              Environment& environment) {
  const auto port = RespPort::Open(where.server, where.options, never);
  absl::Status status = port.status();
  if (port.ok()) {
    place.port = [&port](size_t) -> RowPort& { return **port; };
    status = RemoveRows(place);
  }
  if (!status.ok()) {
    environment.err.Write(absl::StrCat("trimaran: rows \"", place.prefix,
                                       "...\" are left there\n"));
  }
  return status;
}

// Elsewhere rows could be written, and not removed.
absl::Status CheckThatItIsTrimaran(const RespPlace& where,
                                   Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto port,
      RespPort::Open(where.server, where.options, environment.interrupted));
  return port->Status().status();
}

absl::Status BenchReplica(const Arguments& arguments,
                          const BenchOptions& options,
                          Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const Connections connections,
                            ParseConnections(arguments, options));
  TRIMARAN_ASSIGN_OR_RETURN(const RespPlace where,
                            ParseRespPlace(arguments, environment));
  TRIMARAN_RETURN_IF_ERROR(CheckThatItIsTrimaran(where, environment));
  // An interruption waits for the operations that are under way: a write that
  // nobody waits for might be done after its row was removed.
  const std::atomic<bool> never = false;
  std::vector<std::unique_ptr<RespPort>> ports;
  for (size_t i = 0; i < connections.count; ++i) {
    TRIMARAN_ASSIGN_OR_RETURN(
        auto port, RespPort::Open(where.server, where.options, never));
    ports.push_back(std::move(port));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t name, DrawEntropy());
  // Nobody else has such keys.
  const BenchPlace place = {
      .port = [&ports](size_t worker) -> RowPort& { return *ports[worker]; },
      .prefix = absl::StrFormat("trimaran-bench:%016x:", name),
      .rows_max = kRemoteRowsMax};
  absl::Status status;
  {
    BenchReport report(arguments, environment);
    status = MeasureReplica(place, connections, options, report);
  }
  const absl::Status removed =
      RemoveRemoteRows(where, place, never, environment);
  return status.ok() ? removed : status;
}

absl::Status Bench(const Arguments& arguments, Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const BenchOptions options,
                            ParseBenchOptions(arguments));
  const bool at = arguments.Has("at");
  if (at != arguments.operands().empty()) {
    return absl::InvalidArgumentError(
        "one is needed: a directory that is not there yet, or --at and where a "
        "replica is running");
  }
  if (at) return BenchReplica(arguments, options, environment);
  for (const char* const option :
       {"connections", "pipeline", "password-file"}) {
    if (arguments.Has(option)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", option, " goes with --at"));
    }
  }
  return BenchDisk(arguments, options, environment);
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

With --at, measures a replica that `trimaran serve` hosts, over the protocol of
Redis: puts, gets and scans through one connection and through many. Its rows
have keys that nobody else has, and are removed afterwards, also after Ctrl-C.
A command of a pipeline takes until all of that pipeline are answered.
)";

}  // namespace

Subcommand BenchCommand() {
  return {
      .name = "bench",
      .summary = "Measures what a disk makes of a store, or a running replica.",
      .operands = "[directory]",
      .details = kDetails,
      .options = kSpecs,
      .run = RunBench};
}

}  // namespace trimaran::tool

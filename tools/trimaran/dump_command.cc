#include "tools/trimaran/dump_command.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"
#include "engine/home/store_identity.h"
#include "engine/log/floor.h"
#include "engine/maintenance/read_only_log.h"
#include "engine/snapshot/snapshot_paths.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/dump_options.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/log_dump.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/row_sources.h"
#include "tools/trimaran/state_dump.h"

namespace trimaran::tool {
namespace {

using engine::JoinPath;

// One run of the subcommand. What cannot be dumped is reported, and the rest is
// dumped all the same.
class Dump {
 public:
  Dump(const DumpOptions& options, Environment& environment)
      : options_(options),
        environment_(environment),
        printer_(MakePrinter(environment.out, options.printer)) {}

  ExitCode Run(std::string_view path);

 private:
  void DumpStore(const std::string& home);
  void DumpIdentity(const std::string& home);
  void DumpFloor(const std::string& home);
  void DumpLog(const std::string& home);
  void DumpState(const std::string& home);
  void DumpSnapshots(const std::string& home);
  void DumpSnapshot(const std::string& directory);
  void DumpChunk(const std::string& path);
  void DumpManifest(const engine::SnapshotManifest& manifest);
  void DumpRows(RowSource& rows);

  bool wants(DumpPart part) const { return options_.wants(part); }
  bool wants_state() const {
    return wants(DumpPart::kApply) || wants(DumpPart::kMembers) ||
           wants(DumpPart::kFamilies) || wants(DumpPart::kSessions) ||
           wants(DumpPart::kData);
  }
  // The first error decides about the exit code.
  void Note(const absl::Status& error);
  bool stopped() const {
    return printer_->closed() ||
           environment_.interrupted.load(std::memory_order_relaxed);
  }

  const DumpOptions& options_;
  Environment& environment_;
  const std::unique_ptr<Printer> printer_;
  ExitCode code_ = ExitCode::kOk;
  // Of the store or the snapshot; 0 while it is not known.
  GroupId group_;
  uint64_t generation_ = 0;
};

void Dump::Note(const absl::Status& error) {
  if (error.ok()) return;
  const ExitCode code = Report(error, environment_);
  if (code_ == ExitCode::kOk) code_ = code;
}

ExitCode Dump::Run(std::string_view path) {
  const auto inspected = InspectPath(environment_.files, path);
  if (!inspected.ok()) return Report(inspected.status(), environment_);
  switch (inspected->kind) {
    case PathKind::kStore:
      DumpStore(inspected->path);
      break;
    case PathKind::kSnapshot:
      DumpSnapshot(inspected->path);
      break;
    case PathKind::kChunk:
      DumpChunk(inspected->path);
      break;
  }
  if (environment_.interrupted.load()) return ExitCode::kInterrupted;
  return code_;
}

void Dump::DumpStore(const std::string& home) {
  DumpIdentity(home);
  // Without an identity nothing else can be told from another store's files.
  if (group_ == GroupId()) return;
  if (wants(DumpPart::kFloor) && !stopped()) DumpFloor(home);
  if (!stopped()) DumpLog(home);
  if (wants_state() && !stopped()) DumpState(home);
  if (wants(DumpPart::kSnapshots) && !stopped()) DumpSnapshots(home);
}

void Dump::DumpIdentity(const std::string& home) {
  const auto identity = engine::ReadIdentity(environment_.files, home);
  if (!identity.ok()) return Note(identity.status());
  group_ = identity->group;
  if (!wants(DumpPart::kIdentity)) return;
  printer_->Heading("Identity");
  printer_->Block(DescribeIdentity(*identity));
}

void Dump::DumpFloor(const std::string& home) {
  const auto floor = engine::FloorFile::Open(environment_.files,
                                             JoinPath(home, engine::kFloorFile),
                                             engine::OpenMode::kRead);
  if (!floor.ok()) return Note(floor.status());
  printer_->Heading("Floor");
  printer_->Block(DescribeFloor(floor->state()));
  if (floor->one_slot_damaged()) {
    printer_->Remark("one of its two slots is damaged");
  }
}

// Is read in any case, since it says which generation the state is of.
void Dump::DumpLog(const std::string& home) {
  const std::string directory = JoinPath(home, engine::kLogDirectory);
  const bool wants_log = wants(DumpPart::kRaft) || wants(DumpPart::kLog);
  if (!wants_log && !wants_state()) return;
  const auto log =
      engine::ReadOnlyLog::Open(environment_.files, directory, nullptr);
  if (!log.ok()) {
    Note(log.status());
    if (wants(DumpPart::kLog)) {
      DumpIntactRecords(directory, group_, options_, environment_, *printer_);
    }
    return;
  }
  generation_ = (*log)->state().generation;
  if (wants(DumpPart::kRaft)) {
    printer_->Heading("Raft state (RaftLocalState)");
    printer_->Block(DescribeRaftState(group_, (*log)->state()));
  }
  if (wants(DumpPart::kLog)) {
    Note(DumpEntries(**log, group_, options_, environment_, *printer_));
  }
}

void Dump::DumpState(const std::string& home) {
  const auto state_home = FindStateHome(environment_.files, home);
  if (!state_home.ok()) return Note(state_home.status());
  engine::StateInspectorOptions inspector_options;
  inspector_options.home = state_home->path;
  const auto inspector = engine::StateInspector::Open(inspector_options);
  if (!inspector.ok()) return Note(inspector.status());
  const auto tables = (*inspector)->ListTables();
  if (!tables.ok()) return Note(tables.status());
  if (generation_ == 0 && !tables->generations.empty()) {
    generation_ = tables->generations.back();
  }
  const auto rows = MakeTableSource(**inspector, generation_);
  DumpRows(*rows);
}

void Dump::DumpRows(RowSource& rows) {
  StateDump state(options_, group_, rows, environment_.interrupted, *printer_);
  Note(state.Run());
}

void Dump::DumpManifest(const engine::SnapshotManifest& manifest) {
  printer_->Heading("Snapshot");
  printer_->Block(DescribeManifest(manifest));
  for (const engine::FamilySummary& family : manifest.state.families) {
    printer_->Line(DescribeSummary(family));
  }
}

void Dump::DumpSnapshots(const std::string& home) {
  const std::string root = JoinPath(home, engine::kSnapshotDirectory);
  const auto names = environment_.files.List(root);
  if (absl::IsNotFound(names.status())) return;
  if (!names.ok()) return Note(names.status());
  for (const std::string& name : *names) {
    const auto reader =
        engine::SnapshotReader::Open(environment_.files, JoinPath(root, name));
    if (reader.ok()) {
      printer_->Heading(absl::StrCat("Snapshot ", name));
      printer_->Block(DescribeManifest((*reader)->manifest()));
    } else if (absl::IsNotFound(reader.status())) {
      printer_->Heading(absl::StrCat("Snapshot ", name, ", not finished"));
    } else {
      Note(reader.status());
    }
  }
}

void Dump::DumpSnapshot(const std::string& directory) {
  const auto reader =
      engine::SnapshotReader::Open(environment_.files, directory);
  if (absl::IsNotFound(reader.status())) {
    const auto manifest = engine::ReadManifest(environment_.files, directory,
                                               engine::kPartialManifestFile);
    if (!manifest.ok()) return Note(manifest.status());
    DumpManifest(*manifest);
    printer_->Remark("not finished: chunks are missing");
    return;
  }
  if (!reader.ok()) return Note(reader.status());
  group_ = (*reader)->manifest().group;
  if (wants(DumpPart::kSnapshots)) DumpManifest((*reader)->manifest());
  if (!wants_state()) return;
  const auto rows = MakeSnapshotSource(**reader);
  DumpRows(*rows);
}

// Shows every record, since a chunk alone does not say what belongs together.
void Dump::DumpChunk(const std::string& path) {
  const auto bytes =
      engine::ReadFile(environment_.files, path, engine::kChunkBytesMax);
  if (!bytes.ok()) return Note(bytes.status());
  const auto chunk = engine::DescribeChunk(*bytes);
  if (!chunk.ok()) return Note(chunk.status());
  Record record("chunk");
  record.Text("snapshot", HexNumber(chunk->place.snapshot.value()))
      .Number("number", chunk->place.number)
      .Records(chunk->info.rows)
      .Number("bytes", chunk->info.bytes)
      .Text("crc32c",
            absl::StrCat(absl::Hex(chunk->info.crc32c, absl::kZeroPad8)));
  printer_->Heading("Chunk");
  printer_->Block(record);
  const auto rows = MakeChunkSource(*bytes, *chunk);
  if (!rows.ok()) return Note(rows.status());
  Note((*rows)->SeekTo(""));
  uint64_t left = options_.limit;
  engine::StateRecord row;
  while (left-- > 0 && !stopped()) {
    const absl::StatusOr<bool> more = (*rows)->Next(row);
    if (!more.ok()) return Note(more.status());
    if (!*more) return;
    printer_->Line(DescribeStateRecord(row, options_.row_parts));
  }
}

ExitCode RunDump(const Arguments& arguments, Environment& environment) {
  const absl::StatusOr<DumpOptions> options = ParseDumpOptions(arguments);
  if (!options.ok()) return Report(options.status(), environment);
  return Dump(*options, environment).Run(arguments.operands().front());
}

constexpr std::string_view kDetails =
    R"(<path> is the data directory of a store that no process has open,
a backup, a snapshot, or one chunk of a snapshot. Nothing is written to it.

KEY and NAME may hold \xNN for any byte, \\ and \", as they are printed.
)";

}  // namespace

Subcommand DumpCommand() {
  return {.name = "dump",
          .summary = "Shows what a store, a backup or a snapshot holds.",
          .operands = "<path>",
          .details = kDetails,
          .options = DumpOptionSpecs(),
          .run = RunDump};
}

}  // namespace trimaran::tool

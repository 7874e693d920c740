#include "tools/trimaran/store_status.h"

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/home/home_paths.h"
#include "engine/maintenance/stored_parts.h"
#include "engine/maintenance/verifier.h"
#include "engine/snapshot/snapshot_paths.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/escape.h"
#include "tools/trimaran/store_look.h"

namespace trimaran::tool {
namespace {

namespace fs = std::filesystem;

// What cannot be looked at counts as nothing.
DiskUse UseOf(const fs::path& root) {
  DiskUse use;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(root, ignored)) {
    struct stat found = {};
    if (::lstat(entry.path().c_str(), &found) != 0) continue;
    constexpr uint64_t block_bytes = 512;
    use.bytes +=
        S_ISREG(found.st_mode) ? static_cast<uint64_t>(found.st_size) : 0;
    use.allocated += static_cast<uint64_t>(found.st_blocks) * block_bytes;
  }
  return use;
}

absl::StatusOr<StoreContents> ReadContents(const engine::StoredParts& parts) {
  StoreContents contents;
  contents.log = parts.log->state();
  contents.log.owed = parts.Judge().owed;
  const GroupId group = parts.identity.group;
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::string applied,
      RecordAt(parts, engine::KeyOf(engine::ApplyStateKey{group})));
  TRIMARAN_ASSIGN_OR_RETURN(contents.applied,
                            engine::DecodeApplyState(applied));
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::string region,
      RecordAt(parts, engine::KeyOf(engine::RegionStateKey{group})));
  TRIMARAN_ASSIGN_OR_RETURN(contents.region, engine::DecodeRegion(region));
  TRIMARAN_ASSIGN_OR_RETURN(contents.committed,
                            engine::FindCommitted(parts, ChangeConf));
  return contents;
}

std::string StateOf(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == engine::kManifestFile) return "whole";
  }
  for (const std::string& name : names) {
    if (name == engine::kPartialManifestFile) return "being received";
  }
  return "unfinished";
}

std::vector<SnapshotDirectory> ListSnapshots(engine::FileSystem& files,
                                             const std::string& store) {
  const std::string root = engine::JoinPath(store, engine::kSnapshotDirectory);
  std::vector<SnapshotDirectory> snapshots;
  const auto names = files.List(root);
  if (!names.ok()) return snapshots;
  for (const std::string& name : *names) {
    const std::string path = engine::JoinPath(root, name);
    const auto inside = files.List(path);
    snapshots.push_back(
        {name, inside.ok() ? StateOf(*inside) : "no snapshot", UseOf(path)});
  }
  return snapshots;
}

// What a verification that reads no rows has found, in terms of the next open.
void NoteFindings(const engine::VerifyReport& report, StoreStatus& status) {
  for (const engine::CheckResult& check : report.checks) {
    for (const engine::Finding& finding : check.findings()) {
      std::string text =
          absl::StrCat(check.name(), ": ", finding.where, " ", finding.what);
      const bool damage = finding.severity == engine::Severity::kDamage;
      (damage ? status.damage : status.opening).push_back(std::move(text));
    }
  }
}

void NoteReplay(StoreStatus& status) {
  const StoreContents& contents = *status.contents;
  const LogIndex applied = contents.applied.state.applied.id.index;
  const LogIndex last = contents.log.last.id.index;
  if (contents.committed > applied) {
    status.opening.push_back(absl::StrCat(
        "applies ", contents.committed - applied, " entries again, ",
        applied.value() + 1, " to ", contents.committed.value()));
  }
  if (last > contents.committed) {
    status.opening.push_back(
        absl::StrCat("keeps ", last - contents.committed, " entries, ",
                     contents.committed.value() + 1, " to ", last.value(),
                     ", about which the group has to decide"));
  }
}

void PrintContents(const StoreContents& contents, Printer& printer) {
  const engine::LogState& log = contents.log;
  printer.Heading("Log");
  Record entries("log");
  entries.Number("term", log.hard_state.term.value())
      .Number("vote", log.hard_state.vote.value())
      .Number("commit_written", log.hard_state.commit.value())
      .Number("committed", contents.committed.value())
      .Number("first_index", log.boundary.id.index.value() + 1)
      .Number("last_index", log.last.id.index.value())
      .Number("last_term", log.last.id.term.value());
  if (log.owed.has_value()) {
    entries.Number("has_lost_entries_up_to", log.owed->index.value());
  }
  printer.Block(entries);
  printer.Heading("State at the last checkpoint");
  const engine::AppliedState& applied = contents.applied.state;
  Record state("state");
  state.Number("applied_index", applied.applied.id.index.value())
      .Number("applied_term", applied.applied.id.term.value())
      .Text("chain", HexNumber(applied.applied.chain.value))
      .Number("truncated_index", applied.truncated.index.value())
      .Number("truncated_term", applied.truncated.term.value())
      .Number("generation", log.generation);
  printer.Block(state);
  printer.Heading("Members");
  printer.Block(DescribeRegion(contents.region));
  for (const auto& [replica, member] : contents.region.region.members) {
    printer.Line(DescribeMember(replica, member));
  }
}

void PrintDisk(const StoreStatus& status, Printer& printer) {
  printer.Heading("On disk");
  const auto line = [&](std::string_view what, const DiskUse& use) {
    Record record("disk");
    record
        .Add({.name = "what",
              .value = std::string(what),
              .show = Show::kBare,
              .width = 12})
        .Number("bytes", use.bytes, Show::kNever)
        .Number("allocated_bytes", use.allocated, Show::kNever)
        .Text("size", BytesText(use.allocated), Show::kBare);
    printer.Line(record);
  };
  line("log", status.log_use);
  line("state", status.state_use);
  line("everything", status.total_use);
  for (const SnapshotDirectory& snapshot : status.snapshots) {
    Record record("snapshot");
    record.Bytes("name", snapshot.name, Show::kBare)
        .Text("state", snapshot.state, Show::kBare)
        .Number("bytes", snapshot.use.bytes);
    printer.Line(record);
  }
}

}  // namespace

absl::StatusOr<StoreStatus> ReadStoreStatus(std::string_view path,
                                            ProgressBar& progress,
                                            Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto look, LookAtStore(path, environment));
  StoreStatus status;
  status.path = look->path();
  engine::VerifyOptions options;
  options.depth = engine::VerifyDepth::kQuick;
  options.progress = progress.watcher();
  TRIMARAN_ASSIGN_OR_RETURN(const engine::Verification verification,
                            engine::VerifyStoredStore(look->stored, options));
  NoteFindings(verification.report, status);
  status.log_use = UseOf(engine::JoinPath(status.path, engine::kLogDirectory));
  status.state_use =
      UseOf(engine::JoinPath(status.path, engine::kStateDirectory));
  status.total_use = UseOf(status.path);
  status.snapshots = ListSnapshots(environment.files, status.path);
  const auto identity = engine::ReadIdentity(environment.files, status.path);
  if (identity.ok()) status.identity = *identity;
  const auto parts = engine::OpenStoredParts(look->stored);
  // Why not, the verification has said.
  if (!parts.ok()) return status;
  const auto contents = ReadContents(*parts);
  if (!contents.ok()) return status;
  status.contents = *contents;
  NoteReplay(status);
  return status;
}

void PrintStoreStatus(const StoreStatus& status, Printer& printer) {
  printer.Heading("Store");
  Record store("store");
  store.Bytes("directory", status.path)
      .Number("format_version", engine::kHomeFormatVersion)
      .Flag("damaged", !status.damage.empty());
  printer.Block(store);
  if (status.identity.has_value()) {
    printer.Block(DescribeIdentity(*status.identity));
  }
  if (status.contents.has_value()) PrintContents(*status.contents, printer);
  PrintDisk(status, printer);
  printer.Heading("The next open");
  for (const std::string& what : status.opening) {
    printer.Line(Record("opening").Text("what", Escape(what), Show::kBare));
  }
  for (const std::string& what : status.damage) {
    printer.Line(Record("damage").Text("what", Escape(what), Show::kBare));
  }
  if (!status.damage.empty()) {
    printer.Remark("may be refused for what is damaged");
  } else if (status.opening.empty()) {
    printer.Remark("has nothing to do: the store was closed");
  }
}

}  // namespace trimaran::tool

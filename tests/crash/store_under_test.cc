#include "tests/crash/store_under_test.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/founding.h"
#include "engine/maintenance/state_hash.h"
#include "engine/snapshot/backup.h"
#include "engine/snapshot/installer.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_receiver.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/snapshot/snapshot_writer.h"
#include "tests/crash/scenario.h"

namespace trimaran::crash {
namespace {

using engine::JoinPath;

engine::SnapshotWriterOptions WriterOptions() {
  engine::SnapshotWriterOptions options;
  options.chunk_bytes_target = 20000;
  options.free_bytes_min = 0;
  return options;
}

engine::SnapshotIdentity IdentityOf(uint64_t number) {
  const engine::StoreIdentity identity = HistoryStore().identity;
  return {engine::SnapshotId(number), identity.cluster, identity.group};
}

engine::SnapshotReceiverOptions ReceiverOptions() {
  engine::SnapshotReceiverOptions options;
  options.cluster = HistoryStore().identity.cluster;
  options.group = HistoryStore().identity.group;
  return options;
}

std::string IncomingPath(const std::string& root,
                         const engine::SnapshotManifest& manifest) {
  return JoinPath(root,
                  engine::IncomingName(manifest.position.id, manifest.id));
}

// How many rows a family has, all of which can be read, one by one too.
absl::StatusOr<uint64_t> CountRows(engine::StateMachine& machine,
                                   engine::ReadView& view,
                                   engine::FamilyId family) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto rows, view.NewIterator(family, {}));
  uint64_t count = 0;
  std::string value;
  for (rows->SeekToFirst(); rows->valid(); rows->Next()) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool found,
                              machine.Get(family, rows->key(), value));
    if (!found || value != rows->value()) {
      return Violation(
          absl::StrCat("Get and the iterator differ at ", ToAbsl(rows->key())));
    }
    ++count;
  }
  TRIMARAN_RETURN_IF_ERROR(rows->status());
  return count;
}

}  // namespace

StoreUnderTest::StoreUnderTest(disk::SimDisk& disk,
                               const EngineHistory& history)
    : history_(history), root_(disk.root()), mount_(disk), files_(disk) {}

std::string StoreUnderTest::PathOf(std::string_view name) const {
  return JoinPath(root_, name);
}

engine::EngineOptions StoreUnderTest::Options(std::string_view name) {
  engine::EngineOptions options;
  options.directory = PathOf(name);
  options.cache_bytes = uint64_t{4} << 20;
  options.log_segment_bytes = 32 << 10;
  options.files = &files_;
  options.clock = &clock_;
  options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
  return options;
}

absl::Status StoreUnderTest::Found() {
  return engine::FoundGroup(Options(kStoreDirectory), HistoryStore());
}

absl::Status StoreUnderTest::Open() {
  TRIMARAN_ASSIGN_OR_RETURN(engine_,
                            engine::Engine::Open(Options(kStoreDirectory)));
  return absl::OkStatus();
}

absl::Status StoreUnderTest::Close() {
  const absl::Status closed = engine_->Close();
  engine_.reset();
  return closed;
}

// ---- Doing things ----

absl::Status StoreUnderTest::AppendTo(LogIndex index) {
  clock_.Advance(absl::Milliseconds(300));
  std::vector<LogEntry> entries;
  for (LogIndex next = last() + 1; next <= index; ++next) {
    entries.push_back(history_.entry(next));
  }
  if (entries.empty()) return absl::OkStatus();
  HardState hard_state = engine_->log().state().hard_state;
  hard_state.term = std::max(hard_state.term, entries.back().term);
  hard_state.commit = std::max(hard_state.commit, index);
  const engine::LogBatch batch{entries, hard_state, true};
  const absl::Status status = engine_->log().Append(batch);
  // An error that is not for good has done nothing.
  if (status.ok() || !engine_->log().failure().ok()) return status;
  return engine_->log().Append(batch);
}

absl::Status StoreUnderTest::ApplyTo(LogIndex index) {
  std::vector<engine::CommittedEntry> batch;
  for (LogIndex next = engine_->machine().applied().applied.id.index + 1;
       next <= index; ++next) {
    batch.push_back(history_.committed(next));
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> stored,
                              engine_->log().Entries(next, next + 1, {}));
    if (!(stored.front() == batch.back().entry)) {
      return Violation(absl::StrCat("entry ", next.value(), " is another one"));
    }
  }
  if (batch.empty()) return absl::OkStatus();
  return engine_->Apply(batch).status();
}

absl::Status StoreUnderTest::Recycle() {
  while (true) {
    absl::StatusOr<bool> more = engine_->RecycleLog();
    if (!more.ok() && engine_->failure().ok()) more = engine_->RecycleLog();
    TRIMARAN_RETURN_IF_ERROR(more.status());
    if (!*more) return absl::OkStatus();
  }
}

absl::Status StoreUnderTest::WriteSnapshot() {
  TRIMARAN_ASSIGN_OR_RETURN(auto state, engine_->machine().NewExport());
  const EntryId position = state->position().id;
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto writer,
      engine::SnapshotWriter::Start(
          files_, engine_->snapshots().PathOf(engine::OutgoingName(position)),
          IdentityOf(position.index.value()), std::move(state),
          WriterOptions()));
  while (!writer->progress().done) {
    TRIMARAN_RETURN_IF_ERROR(writer->Step().status());
  }
  return absl::OkStatus();
}

absl::Status StoreUnderTest::WriteBackup() {
  TRIMARAN_ASSIGN_OR_RETURN(auto state, engine_->machine().NewExport());
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto writer, engine::BackupWriter::Start(
                             files_, PathOf(kBackupDirectory), IdentityOf(7777),
                             std::move(state), {.writer = WriterOptions()}));
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const auto progress, writer->Step());
    if (progress.done) return absl::OkStatus();
  }
}

absl::Status StoreUnderTest::Receive(const SentSnapshot& snapshot) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto receiver,
      engine::SnapshotReceiver::Begin(files_, engine_->snapshots().root(),
                                      snapshot.manifest, ReceiverOptions()));
  TRIMARAN_RETURN_IF_ERROR(VerifyPresent(*receiver));
  for (size_t i = 0; i < snapshot.chunks.size(); ++i) {
    TRIMARAN_RETURN_IF_ERROR(
        receiver->AddChunk(static_cast<uint32_t>(i), snapshot.chunks[i]));
  }
  return receiver->Finish();
}

absl::StatusOr<std::unique_ptr<engine::Installer>> StoreUnderTest::StartInstall(
    const SentSnapshot& snapshot) {
  return engine::Installer::Start(
      files_, IncomingPath(engine_->snapshots().root(), snapshot.manifest),
      {&engine_->machine(), &engine_->log(), snapshot.manifest.cluster,
       snapshot.manifest.group});
}

absl::Status StoreUnderTest::Install(const SentSnapshot& snapshot) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto installer, StartInstall(snapshot));
  while (installer->stage() != engine::InstallStage::kCleaned) {
    TRIMARAN_RETURN_IF_ERROR(installer->Step().status());
  }
  return absl::OkStatus();
}

absl::Status StoreUnderTest::RestoreBackup(LogIndex index) {
  engine::NewStore store = HistoryStore();
  store.identity.cluster.low += 1;
  const engine::EngineOptions options = Options("restored");
  TRIMARAN_RETURN_IF_ERROR(
      engine::FoundFromBackup(options, store, PathOf(kBackupDirectory))
          .status());
  TRIMARAN_ASSIGN_OR_RETURN(const auto restored, engine::Engine::Open(options));
  if (restored->machine().applied().applied !=
      history_.applied(index).applied) {
    return Violation("the restored store is at another index");
  }
  // What says who is a member is new; every family's rows are not.
  TRIMARAN_ASSIGN_OR_RETURN(const auto state, restored->machine().NewExport());
  TRIMARAN_ASSIGN_OR_RETURN(const engine::StateDigest digest,
                            engine::HashState(store.identity.group, *state));
  const auto& expected = history_.digest(index).summary.families;
  const auto& actual = digest.summary.families;
  if (actual.size() != expected.size() ||
      !std::equal(actual.begin() + 1, actual.end(), expected.begin() + 1)) {
    return Violation("the restored store has other rows");
  }
  return restored->Close();
}

// ---- Looking ----

absl::Status StoreUnderTest::CheckAgainstHistory() {
  TRIMARAN_RETURN_IF_ERROR(CheckLog());
  TRIMARAN_RETURN_IF_ERROR(CheckRows());
  TRIMARAN_RETURN_IF_ERROR(CheckDigest(*engine_));
  // Applying the rest leads to where it had led before.
  TRIMARAN_RETURN_IF_ERROR(ApplyTo(last()));
  TRIMARAN_RETURN_IF_ERROR(CheckRows());
  return CheckDigest(*engine_);
}

absl::Status StoreUnderTest::CheckLog() {
  const engine::LogState log = engine_->log().state();
  if (log.last.id.index > history_.last() ||
      log.last != history_.applied(log.last.id.index).applied) {
    return Violation(absl::StrCat("the log ends at another entry ",
                                  log.last.id.index.value()));
  }
  for (LogIndex next = engine_->log().truncated() + 1; next <= last(); ++next) {
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> stored,
                              engine_->log().Entries(next, next + 1, {}));
    if (stored.front() == history_.entry(next)) continue;
    return Violation(absl::StrCat("entry ", next.value(), " is another one"));
  }
  return absl::OkStatus();
}

absl::Status StoreUnderTest::CheckRows() {
  engine::StateMachine& machine = engine_->machine();
  const LogIndex applied = machine.applied().applied.id.index;
  TRIMARAN_ASSIGN_OR_RETURN(const auto view, machine.NewView());
  for (const auto& expected : history_.digest(applied).summary.families) {
    // Of none: what the state machine keeps for itself.
    if (expected.family == engine::FamilyId()) continue;
    TRIMARAN_ASSIGN_OR_RETURN(const uint64_t rows,
                              CountRows(machine, *view, expected.family));
    if (rows == expected.rows) continue;
    return Violation(absl::StrCat("family ", expected.name, " has ", rows,
                                  " rows, not ", expected.rows, ", at ",
                                  applied.value()));
  }
  return absl::OkStatus();
}

absl::Status StoreUnderTest::CheckDigest(engine::Engine& engine) const {
  const engine::AppliedState applied = engine.machine().applied();
  const LogIndex index = applied.applied.id.index;
  engine::AppliedState expected = history_.applied(index);
  // What came with a snapshot begins there.
  if (expected.truncated.index < applied.truncated.index) {
    expected.truncated = history_.applied(applied.truncated.index).applied.id;
  }
  if (applied != expected) {
    return Violation(absl::StrCat("another history at ", index.value()));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const auto state, engine.machine().NewExport());
  TRIMARAN_ASSIGN_OR_RETURN(
      const engine::StateDigest digest,
      engine::HashState(HistoryStore().identity.group, *state));
  if (digest == history_.digest(index)) return absl::OkStatus();
  return Violation(absl::StrCat("another state at ", index.value()));
}

absl::Status StoreUnderTest::GoOn() {
  const LogIndex target = last() + 5;
  TRIMARAN_RETURN_IF_ERROR(AppendTo(target));
  TRIMARAN_RETURN_IF_ERROR(ApplyTo(target));
  TRIMARAN_RETURN_IF_ERROR(engine_->Checkpoint().status());
  TRIMARAN_RETURN_IF_ERROR(Recycle());
  TRIMARAN_RETURN_IF_ERROR(Close());
  TRIMARAN_RETURN_IF_ERROR(Open());
  if (engine_->machine().applied().applied.id.index != target) {
    return Violation("what was closed in order is not all there");
  }
  return CheckDigest(*engine_);
}

}  // namespace trimaran::crash

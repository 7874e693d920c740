#include "tests/crash/engine_scenario.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "engine/snapshot/installer.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_receiver.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/snapshot/snapshot_writer.h"

namespace trimaran::crash {
namespace {

// A step is this long, so that the floor is written every few of them.
constexpr absl::Duration kStepTime = absl::Milliseconds(300);

engine::SnapshotReceiverOptions ReceiverOptions() {
  const engine::StoreIdentity identity = HistoryStore().identity;
  engine::SnapshotReceiverOptions options;
  options.cluster = identity.cluster;
  options.group = identity.group;
  return options;
}

std::string Fingerprint(const engine::LogState& log) {
  return absl::StrCat(
      "last ", log.last.id.index.value(), "/", log.last.id.term.value(),
      " chain ", log.last.chain.value, " term ", log.hard_state.term.value(),
      " vote ", log.hard_state.vote.value(), " generation ", log.generation);
}

// An engine that has failed says so to everything, and writes nothing.
absl::Status CheckFailedForGood(disk::SimDisk& disk, engine::Engine& engine) {
  const absl::Status failure = engine.failure();
  const uint64_t operations = disk.operation_count();
  const absl::Status answers[] = {engine.Apply({}).status(),
                                  engine.Checkpoint().status(),
                                  engine.RecycleLog().status()};
  for (const absl::Status& answer : answers) {
    if (answer != failure) {
      return Violation(absl::StrCat("failed with ", failure.ToString(),
                                    ", then said ", answer.ToString()));
    }
  }
  return disk.operation_count() == operations
             ? absl::OkStatus()
             : Violation("wrote after it had failed");
}

// An error of the log may have done nothing.
bool IsOfLog(EngineStepKind kind) {
  return kind == EngineStepKind::kAppend || kind == EngineStepKind::kRecycle;
}

bool MustFailForGood(EngineStepKind kind) {
  return kind == EngineStepKind::kApply ||
         kind == EngineStepKind::kCheckpoint ||
         kind == EngineStepKind::kCollectGarbage;
}

}  // namespace

// ---- The data directory ----

EngineUnderTest::EngineUnderTest(disk::SimDisk& disk,
                                 const EngineScript& script)
    : script_(script),
      mount_(disk),
      files_(disk),
      home_(disk.root() + "/home") {}

engine::EngineOptions EngineUnderTest::Options() {
  engine::EngineOptions options;
  options.directory = home_;
  options.cache_bytes = uint64_t{4} << 20;
  options.log_segment_bytes = 16 << 10;
  options.reserve_bytes = 8 << 10;
  options.files = &files_;
  options.clock = &clock_;
  options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
  return options;
}

absl::Status EngineUnderTest::Found() {
  return engine::FoundGroup(Options(), HistoryStore());
}

absl::Status EngineUnderTest::Open() {
  TRIMARAN_ASSIGN_OR_RETURN(engine_, engine::Engine::Open(Options()));
  return absl::OkStatus();
}

absl::Status EngineUnderTest::Close() {
  const absl::Status closed = engine_->Close();
  engine_.reset();
  return closed;
}

absl::Status EngineUnderTest::Do(const EngineStep& step) {
  clock_.Advance(kStepTime);
  switch (step.kind) {
    case EngineStepKind::kFound:
      TRIMARAN_RETURN_IF_ERROR(Found());
      return Open();
    case EngineStepKind::kAppend:
      return engine_->log().Append({step.entries, step.hard_state, true});
    case EngineStepKind::kApply:
      return ApplyTo(step.index);
    case EngineStepKind::kCheckpoint:
      return engine_->Checkpoint().status();
    case EngineStepKind::kRecycle:
      return engine_->RecycleLog().status();
    case EngineStepKind::kCollectGarbage:
      return engine_->machine().CollectGarbage(10).status();
    case EngineStepKind::kWriteSnapshot:
      return WriteSnapshot(step.index);
    case EngineStepKind::kReceive:
      return Receive(script_.snapshot(step.index));
    case EngineStepKind::kInstall:
      return Install(script_.snapshot(step.index));
    case EngineStepKind::kCleanSnapshots:
      return CleanSnapshots();
    case EngineStepKind::kReopen:
      TRIMARAN_RETURN_IF_ERROR(Close());
      return Open();
  }
  return absl::OkStatus();
}

absl::Status EngineUnderTest::ApplyTo(LogIndex index) {
  std::vector<engine::CommittedEntry> batch;
  for (LogIndex next = engine_->machine().applied().applied.id.index + 1;
       next <= index; ++next) {
    batch.push_back(script_.history().committed(next));
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> stored,
                              engine_->log().Entries(next, next + 1, {}));
    if (!(stored.front() == batch.back().entry)) {
      return Violation(
          absl::StrCat("entry ", next.value(), " is not what was agreed on"));
    }
  }
  if (batch.empty()) return absl::OkStatus();
  return engine_->Apply(batch).status();
}

absl::StatusOr<engine::StateDigest> EngineUnderTest::Digest() {
  TRIMARAN_ASSIGN_OR_RETURN(const auto state, engine_->machine().NewExport());
  return engine::HashState(HistoryStore().identity.group, *state);
}

// ---- Snapshots ----

absl::Status EngineUnderTest::WriteSnapshot(LogIndex index) {
  const EntryId id = script_.history().applied(index).applied.id;
  const std::string directory =
      engine_->snapshots().PathOf(engine::OutgoingName(id));
  TRIMARAN_RETURN_IF_ERROR(engine::RemoveSnapshot(files_, directory));
  TRIMARAN_ASSIGN_OR_RETURN(auto state, engine_->machine().NewExport());
  const engine::StoreIdentity identity = engine_->identity();
  engine::SnapshotWriterOptions options;
  options.chunk_bytes_target = 20000;
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto writer,
      engine::SnapshotWriter::Start(files_, directory,
                                    {engine::SnapshotId(1000 + index.value()),
                                     identity.cluster, identity.group},
                                    std::move(state), options));
  while (!writer->progress().done) {
    TRIMARAN_RETURN_IF_ERROR(writer->Step().status());
  }
  return absl::OkStatus();
}

absl::Status EngineUnderTest::Receive(const SentSnapshot& snapshot) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto receiver,
      engine::SnapshotReceiver::Begin(files_, engine_->snapshots().root(),
                                      snapshot.manifest, ReceiverOptions()));
  TRIMARAN_RETURN_IF_ERROR(VerifyPresent(*receiver));
  // From the end, since order must not matter.
  for (size_t i = snapshot.chunks.size(); i-- > 0;) {
    TRIMARAN_RETURN_IF_ERROR(
        receiver->AddChunk(static_cast<uint32_t>(i), snapshot.chunks[i]));
  }
  return receiver->Finish();
}

absl::Status EngineUnderTest::Install(const SentSnapshot& snapshot) {
  const engine::SnapshotManifest& manifest = snapshot.manifest;
  const std::string directory = engine_->snapshots().PathOf(
      engine::IncomingName(manifest.position.id, manifest.id));
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto installer,
      engine::Installer::Start(files_, directory,
                               {&engine_->machine(), &engine_->log(),
                                manifest.cluster, manifest.group}));
  while (installer->stage() != engine::InstallStage::kCleaned) {
    TRIMARAN_RETURN_IF_ERROR(installer->Step().status());
  }
  return absl::OkStatus();
}

absl::Status EngineUnderTest::CleanSnapshots() {
  engine::GarbageFacts facts;
  facts.applied = engine_->machine().applied().applied.id.index;
  facts.truncated = engine_->machine().applied().truncated.index;
  facts.now = clock_.Now();
  return engine_->snapshots().CollectGarbage(facts, {}).status();
}

absl::Status EngineUnderTest::CheckSnapshots(
    const PromisedSnapshots& promised) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto found,
                            engine_->snapshots().List(clock_.Now()));
  std::set<LogIndex> outgoing;
  std::set<LogIndex> received;
  for (const engine::StoredSnapshot& snapshot : found) {
    const LogIndex index = snapshot.position.index;
    const std::string path = engine_->snapshots().PathOf(snapshot.name);
    if (snapshot.kind == engine::StoredKind::kPartial) {
      TRIMARAN_ASSIGN_OR_RETURN(
          const auto receiver,
          engine::SnapshotReceiver::Resume(files_, path, ReceiverOptions()));
      TRIMARAN_RETURN_IF_ERROR(VerifyPresent(*receiver));
      continue;
    }
    TRIMARAN_ASSIGN_OR_RETURN(const auto reader,
                              engine::SnapshotReader::Open(files_, path));
    TRIMARAN_RETURN_IF_ERROR(reader->VerifyAll());
    if (reader->manifest().state != script_.history().digest(index).summary) {
      return Violation(absl::StrCat(snapshot.name, " is of another state"));
    }
    (snapshot.kind == engine::StoredKind::kOutgoing ? outgoing : received)
        .insert(index);
  }
  if (promised.outgoing.has_value() && !outgoing.contains(*promised.outgoing)) {
    return Violation("a snapshot that was written is gone");
  }
  if (promised.received.has_value() && !received.contains(*promised.received)) {
    return Violation("a snapshot that was received is gone");
  }
  return absl::OkStatus();
}

// ---- The scenario ----

absl::Status EngineScenario::Run(disk::SimDisk& disk) {
  EngineUnderTest home(disk, script_);
  for (uint64_t number = 1; number <= script_.size(); ++number) {
    BeginStep(disk, number);
    const EngineStep& step = script_.step(number);
    absl::Status status = home.Do(step);
    if (!status.ok() && IsOfLog(step.kind) && home.engine().failure().ok()) {
      // Then it can be repeated.
      TRIMARAN_RETURN_IF_ERROR(
          script_.Find(home.engine().log(), number - 1, number).status());
      status = home.Do(step);
    }
    if (!status.ok()) {
      if (!home.is_open() || IsViolation(status)) return status;
      if (!home.engine().failure().ok()) {
        TRIMARAN_RETURN_IF_ERROR(CheckFailedForGood(disk, home.engine()));
      } else if (MustFailForGood(step.kind)) {
        return Violation(absl::StrCat("goes on after ", status.ToString()));
      }
      return status;
    }
    EndStep(disk, number);
    const EngineModel& model = script_.after(number);
    TRIMARAN_RETURN_IF_ERROR(
        script_.Find(home.engine().log(), number, number + 1).status());
    if (home.engine().machine().applied() !=
        script_.AppliedAt(model.applied, model.log.base.id)) {
      return Violation(absl::StrCat("another state after step ", number));
    }
  }
  return home.Close();
}

absl::Status EngineScenario::Open(EngineUnderTest& home,
                                  const Progress& progress) const {
  if (progress.done == 0) {
    // Whoever was not told that there is a directory makes one.
    const absl::Status founded = home.Found();
    if (!founded.ok() && !absl::IsAlreadyExists(founded)) {
      return Violation(absl::StrCat("cannot be made: ", founded.ToString()));
    }
  }
  const absl::Status opened = home.Open();
  if (opened.ok()) return opened;
  return Violation(absl::StrCat("does not open: ", opened.ToString()));
}

absl::StatusOr<uint64_t> EngineScenario::FindAndCheck(
    EngineUnderTest& home, const Progress& progress) const {
  const uint64_t done = std::max<uint64_t>(1, progress.done);
  const uint64_t begun = std::max(done, progress.begun);
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t found,
                            script_.Find(home.engine().log(), done, begun + 1));
  const EngineScript::Bounds bounds = script_.AppliedBounds(found, done, begun);
  const LogIndex applied = home.engine().machine().applied().applied.id.index;
  if (applied < bounds.least || applied > bounds.most) {
    return Violation(absl::StrCat("applied ", applied.value(), ", not ",
                                  bounds.least.value(), " to ",
                                  bounds.most.value()));
  }
  const EntryId base = script_.after(found).log.base.id;
  TRIMARAN_RETURN_IF_ERROR(CheckDigest(home, base));
  // Applying the rest again leads to where it had led before.
  const LogIndex commit = home.engine().log().state().hard_state.commit;
  TRIMARAN_RETURN_IF_ERROR(home.ApplyTo(commit));
  TRIMARAN_RETURN_IF_ERROR(CheckDigest(home, base));
  return found;
}

absl::Status EngineScenario::CheckDigest(EngineUnderTest& home,
                                         EntryId base) const {
  const engine::AppliedState applied = home.engine().machine().applied();
  const LogIndex index = applied.applied.id.index;
  if (applied != script_.AppliedAt(index, base)) {
    return Violation(absl::StrCat("another history at ", index.value()));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const engine::StateDigest digest, home.Digest());
  if (digest == script_.history().digest(index)) return absl::OkStatus();
  return Violation(absl::StrCat("another state at ", index.value()));
}

absl::StatusOr<std::string> EngineScenario::Verify(disk::SimDisk& disk,
                                                   const Progress& progress) {
  EngineUnderTest home(disk, script_);
  TRIMARAN_RETURN_IF_ERROR(Open(home, progress));
  MarkOpened(disk);
  TRIMARAN_RETURN_IF_ERROR(FindAndCheck(home, progress).status());
  TRIMARAN_RETURN_IF_ERROR(home.CheckSnapshots(
      script_.SnapshotsPromised(progress.done, progress.begun)));
  const std::string fingerprint = Fingerprint(home.engine().log().state());
  TRIMARAN_RETURN_IF_ERROR(home.Close());
  return fingerprint;
}

absl::Status EngineScenario::Resume(disk::SimDisk& disk,
                                    const Progress& progress) {
  EngineUnderTest home(disk, script_);
  TRIMARAN_RETURN_IF_ERROR(Open(home, progress));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t found, FindAndCheck(home, progress));
  const EngineModel& model = script_.after(found);
  EngineStep step;
  for (uint64_t i = 1; i <= 5; ++i) {
    step.entries.push_back(script_.history().entry(model.agreed + i));
  }
  const LogIndex last = model.agreed + 5;
  // A vote stays for as long as its term does.
  step.hard_state = model.log.hard_state;
  step.hard_state.commit = last;
  if (step.entries.back().term > step.hard_state.term) {
    step.hard_state.term = step.entries.back().term;
    step.hard_state.vote = kNoReplica;
  }
  TRIMARAN_RETURN_IF_ERROR(home.Do(step));
  TRIMARAN_RETURN_IF_ERROR(home.ApplyTo(last));
  TRIMARAN_RETURN_IF_ERROR(home.engine().Checkpoint().status());
  TRIMARAN_RETURN_IF_ERROR(home.engine().RecycleLog().status());
  TRIMARAN_RETURN_IF_ERROR(home.Close());
  TRIMARAN_RETURN_IF_ERROR(home.Open());
  if (home.engine().machine().applied().applied.id.index != last) {
    return Violation("what was closed in order is not all there");
  }
  return CheckDigest(home, model.log.base.id);
}

}  // namespace trimaran::crash

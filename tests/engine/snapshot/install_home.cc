#include "tests/engine/snapshot/install_home.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/engine_model/model_stream.h"

namespace trimaran::engine {
namespace {

ModelStateDisk::Options FreshState() {
  ModelStateDisk::Options options;
  options.group = kTestGroup;
  options.state.region.conf.voters = {ReplicaId(1), ReplicaId(2), ReplicaId(3)};
  return options;
}

}  // namespace

LogEntry PutEntry(LogIndex index, Term term) {
  const std::string key = absl::StrCat("key", index.value());
  const std::string value = absl::StrCat("value of term ", term.value());
  EntryEncoder encoder;
  const WriteCommand write{{}, {PutOp{kDefaultFamily, key, value}}, {}};
  TRIMARAN_CHECK(encoder.Add({std::nullopt, write}).ok());
  return {index, term, EntryType::kNormal, Payload(encoder.Take())};
}

std::vector<LogEntry> PutEntries(LogIndex first, LogIndex end, Term term) {
  std::vector<LogEntry> entries;
  for (LogIndex index = first; index < end; ++index) {
    entries.push_back(PutEntry(index, term));
  }
  return entries;
}

absl::Status ApplyAll(StateMachine& machine,
                      const std::vector<LogEntry>& entries) {
  std::vector<CommittedEntry> committed;
  for (const LogEntry& entry : entries) {
    committed.push_back({entry, std::nullopt});
  }
  return machine.Apply(committed).status();
}

ModelState OldState() {
  ModelStateDisk disk(FreshState());
  ModelStateMachine machine(disk, 1);
  TRIMARAN_CHECK(
      ApplyAll(machine, PutEntries(LogIndex(1), kCommon + 1, Term(1))).ok());
  return machine.state();
}

ModelState NewState() {
  ModelStateDisk::Options options = FreshState();
  options.state = OldState();
  ModelStateDisk disk(std::move(options));
  ModelStateMachine machine(disk, 1);
  TRIMARAN_CHECK(
      ApplyAll(machine,
               PutEntries(kCommon + 1, kSnapshotAt.index + 1, kSnapshotAt.term))
          .ok());
  ModelState state = machine.state();
  state.progress.truncated = state.progress.applied.id;
  return state;
}

RecordMap RecordsOf(const ModelState& state) {
  return EncodeState(kTestGroup, state);
}

// ---- InstallHome ----

InstallHome::InstallHome() : disk_("/store") {
  ModelStateDisk::Options options = FreshState();
  options.state = OldState();
  states_ = std::make_unique<ModelStateDisk>(std::move(options));
  EXPECT_TRUE(
      SegmentLog::Create(log_options(), {LogPosition(), HardState(), 1}).ok());
  EXPECT_TRUE(Open().ok());

  LogBatch batch;
  std::vector<LogEntry> entries =
      PutEntries(LogIndex(1), kTailEnd + 1, Term(1));
  batch.entries = entries;
  batch.hard_state = HardState{Term(1), ReplicaId(1), kCommon};
  batch.must_sync = true;
  EXPECT_TRUE(log_->Append(batch).ok());

  TestState sent;
  const ModelState state = NewState();
  sent.position = state.progress.applied;
  sent.conf = state.region.conf;
  sent.records = RecordsOf(state);
  EXPECT_TRUE(files_.CreateDirectory("/store/snap").ok());
  SnapshotWriterOptions small;
  small.chunk_bytes_target = 300;
  EXPECT_TRUE(WriteSnapshot(files_, kReceivedPath, sent, small).ok());
  EXPECT_TRUE(files_.SyncDirectory("/store").ok());
}

InstallHome::InstallHome(disk::DiskImage image,
                         std::unique_ptr<ModelStateDisk> states)
    : disk_("/store", std::move(image)), states_(std::move(states)) {}

SegmentLogOptions InstallHome::log_options() {
  SegmentLogOptions options;
  options.files = &files_;
  options.clock = &clock_;
  options.store = StoreId(7);
  options.directory = "/store/log";
  options.floor_path = "/store/FLOOR";
  options.segment_bytes = 16384;
  return options;
}

absl::Status InstallHome::Open() {
  TRIMARAN_ASSIGN_OR_RETURN(SegmentLog::Opened opened,
                            SegmentLog::Open(log_options()));
  log_ = std::move(opened.log);
  machine_ =
      std::make_unique<ModelStateMachine>(*states_, log_->state().generation);
  return absl::OkStatus();
}

InstallTarget InstallHome::target() {
  return {machine_.get(), log_.get(), kTestCluster, kTestGroup};
}

absl::StatusOr<std::unique_ptr<Installer>> InstallHome::StartInstall() {
  return Installer::Start(files_, kReceivedPath, target());
}

absl::Status InstallHome::StepTo(Installer& installer, InstallStage stage) {
  while (installer.stage() != stage) {
    TRIMARAN_RETURN_IF_ERROR(installer.Step().status());
  }
  return absl::OkStatus();
}

std::unique_ptr<ModelStateDisk> InstallHome::TakeStates() {
  machine_.reset();
  states_->Crash(ModelStateDisk::UnderWay::kLost);
  return std::move(states_);
}

}  // namespace trimaran::engine

#include "tools/trimaran/backup_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "api/src/entropy.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/file/put_in_place.h"
#include "engine/file/work_directory.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/maintenance/replay_check.h"
#include "engine/snapshot/backup.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/new_store.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/store_look.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"without-log", "",
               "the last checkpoint alone, where the log is damaged; what only "
               "the\nlog holds is not saved"},
    OptionSpec{"json", "", "one JSON object, for programs"},
};

struct Saved {
  engine::StoreIdentity identity;
  engine::StateDigest state;
  engine::SnapshotProgress written;
  // Entries that were applied for the backup, and those behind them that are
  // not known to be committed.
  uint64_t applied_here = 0;
  uint64_t undecided = 0;
};

// Has the system forget the content of a file that is durable, so that reading
// it reads the disk. Where it does not, what is read is what was written.
void DropFromMemory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  const absl::Cleanup close = [descriptor] { ::close(descriptor); };
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
}

// One run of the subcommand.
class BackupRun {
 public:
  BackupRun(std::string target, bool without_log, Environment& environment)
      : target_(std::move(target)),
        without_log_(without_log),
        environment_(environment),
        progress_(environment, clock_) {}

  absl::StatusOr<Saved> Run(std::string_view path);

 private:
  absl::Status CheckTarget();
  // The store is whole, and owes nothing.
  absl::Status Verify();
  // Opens what is saved, and finds the last entry that is certainly committed,
  // which the backup will hold.
  absl::Status FindEnd();
  // Where the log goes on behind the last checkpoint: applies it, in a state
  // machine beside the target.
  absl::Status Rebuild();
  absl::Status Write();
  absl::Status ReadBack(const std::string& directory);

  const std::string target_;
  const bool without_log_;
  Environment& environment_;
  const MonotonicClock clock_;
  ProgressBar progress_;

  std::unique_ptr<StoreLook> look_;
  engine::StoredParts parts_;
  uint64_t generation_ = 0;
  LogIndex end_;
  std::unique_ptr<engine::WorkDirectory> scratch_;
  std::unique_ptr<engine::WtStateMachine> rebuilt_;
  Saved saved_;
};

absl::Status BackupRun::CheckTarget() {
  TRIMARAN_RETURN_IF_ERROR(CheckDestination(target_));
  TRIMARAN_RETURN_IF_ERROR(
      engine::CheckFree(environment_.files, target_, "a backup"));
  return CheckOutside(target_, look_->path());
}

absl::Status BackupRun::Verify() {
  TRIMARAN_ASSIGN_OR_RETURN(const engine::Verification verification,
                            VerifyAll(*look_, progress_));
  const std::string damage =
      without_log_ ? StateDamage(verification) : DataDamage(verification);
  if (!damage.empty()) {
    return CorruptionError(absl::StrCat(
        look_->path(), " is damaged, and no backup is made of it: ", damage,
        "; `trimaran verify` says more, `trimaran recover` saves what is "
        "left of a group",
        without_log_ ? "" : ", and --without-log the last checkpoint"));
  }
  saved_.state = *verification.digest;
  generation_ = verification.generation;
  return absl::OkStatus();
}

absl::Status BackupRun::FindEnd() {
  end_ = saved_.state.position.id.index;
  if (without_log_) {
    TRIMARAN_ASSIGN_OR_RETURN(
        parts_, engine::OpenStoredState(look_->stored, generation_));
  } else {
    TRIMARAN_ASSIGN_OR_RETURN(parts_, engine::OpenStoredParts(look_->stored));
    TRIMARAN_ASSIGN_OR_RETURN(end_, engine::FindCommitted(parts_, ChangeConf));
    saved_.undecided = parts_.log->state().last.id.index - end_;
  }
  saved_.identity = parts_.identity;
  saved_.applied_here = end_ - saved_.state.position.id.index;
  return absl::OkStatus();
}

absl::Status BackupRun::Rebuild() {
  engine::FileSystem& files = environment_.files;
  TRIMARAN_ASSIGN_OR_RETURN(
      scratch_,
      engine::WorkDirectory::Make(files, absl::StrCat(target_, ".scratch")));
  engine::WtStateMachineOptions options;
  options.home = scratch_->Inside("state");
  options.group = parts_.identity.group;
  options.store = parts_.identity.store;
  options.clock = &clock_;
  options.files = &files;
  TRIMARAN_RETURN_IF_ERROR(files.CreateDirectory(options.home));
  TRIMARAN_ASSIGN_OR_RETURN(rebuilt_, engine::WtStateMachine::Create(
                                          options, engine::InitialState{}));
  engine::ReplayPlan plan;
  plan.group = parts_.identity.group;
  plan.log = parts_.log.get();
  plan.last = end_;
  plan.change_conf = ChangeConf;
  plan.watcher = progress_.watcher();
  TRIMARAN_ASSIGN_OR_RETURN(const auto from, parts_.Export());
  TRIMARAN_ASSIGN_OR_RETURN(saved_.state,
                            engine::RebuildState(*from, plan, *rebuilt_));
  TRIMARAN_ASSIGN_OR_RETURN(const auto chain, parts_.log->ChainAt(end_));
  if (chain == saved_.state.position.chain) return absl::OkStatus();
  return CorruptionError("the rebuilt state has another chain than the log");
}

absl::Status BackupRun::Write() {
  std::unique_ptr<engine::StateExport> state;
  if (rebuilt_ != nullptr) {
    TRIMARAN_ASSIGN_OR_RETURN(state, rebuilt_->NewExport());
  } else {
    TRIMARAN_ASSIGN_OR_RETURN(state, parts_.Export());
  }
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, DrawEntropy());
  engine::BackupOptions options;
  options.check = [this](const std::string& directory) {
    return ReadBack(directory);
  };
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto writer,
      engine::BackupWriter::Start(environment_.files, target_,
                                  {.id = engine::SnapshotId(id),
                                   .cluster = parts_.identity.cluster,
                                   .group = parts_.identity.group},
                                  std::move(state), options));
  while (!saved_.written.done) {
    TRIMARAN_RETURN_IF_ERROR(
        Tell(progress_.watcher(), {.step = "writing",
                                   .done = saved_.written.rows,
                                   .total = saved_.state.summary.rows,
                                   .bytes = saved_.written.bytes}));
    TRIMARAN_ASSIGN_OR_RETURN(saved_.written, writer->Step());
  }
  return absl::OkStatus();
}

absl::Status BackupRun::ReadBack(const std::string& directory) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            environment_.files.List(directory));
  for (const std::string& name : names) {
    DropFromMemory(engine::JoinPath(directory, name));
  }
  engine::VerifyOptions options;
  options.depth = engine::VerifyDepth::kDeep;
  options.progress = [&](WorkProgress now) {
    // Chunks at first, and then rows.
    const std::string step = absl::StrCat("reading back: ", ToAbsl(now.step));
    now.step = step;
    return progress_.Show(now);
  };
  TRIMARAN_ASSIGN_OR_RETURN(
      const engine::Verification verification,
      engine::VerifySnapshot(environment_.files, directory, options));
  if (!verification.report.damaged() && verification.digest == saved_.state) {
    return absl::OkStatus();
  }
  return CorruptionError(
      "what was read back is not what the store holds: the disk, the memory or "
      "this program is not to be trusted");
}

absl::StatusOr<Saved> BackupRun::Run(std::string_view path) {
  TRIMARAN_ASSIGN_OR_RETURN(look_, LookAtStore(path, environment_));
  TRIMARAN_RETURN_IF_ERROR(CheckTarget());
  TRIMARAN_RETURN_IF_ERROR(Verify());
  TRIMARAN_RETURN_IF_ERROR(FindEnd());
  TRIMARAN_RETURN_IF_ERROR(CheckRoom(
      environment_.files, target_,
      saved_.state.summary.bytes * (saved_.applied_here > 0 ? 2 : 1)));
  if (saved_.applied_here > 0) TRIMARAN_RETURN_IF_ERROR(Rebuild());
  TRIMARAN_RETURN_IF_ERROR(Write());
  return saved_;
}

void Print(const Saved& saved, const std::string& target,
           const Arguments& arguments, Environment& environment) {
  Record record("backup");
  record.Bytes("directory", target)
      .Text("cluster", saved.identity.cluster.ToString())
      .Number("replica", saved.identity.replica.value());
  AddDigest(saved.state, record);
  record.Number("chunks", saved.written.chunks)
      .Number("bytes", saved.written.bytes)
      .Number("applied_from_log", saved.applied_here)
      .Number("undecided", saved.undecided);
  PrinterOptions options;
  if (arguments.Has("json")) options.format = PrinterOptions::Format::kJson;
  const auto printer = MakePrinter(environment.out, options);
  printer->Block(record);
  if (saved.undecided > 0) {
    printer->Remark(absl::StrCat(
        "The last ", saved.undecided,
        " entries of the log are not in it: this member does not know whether\n"
        "  they were committed. Another member may."));
  }
  if (arguments.Has("without-log")) {
    printer->Remark(absl::StrCat("What was written behind entry ",
                                 saved.state.position.id.index.value(),
                                 " is not in it."));
  }
}

ExitCode RunBackup(const Arguments& arguments, Environment& environment) {
  const std::string target(engine::WithoutSlashes(arguments.operands()[1]));
  const auto saved =
      BackupRun(target, arguments.Has("without-log"), environment)
          .Run(arguments.operands()[0]);
  if (!saved.ok()) {
    return Report(WithTarget(environment.files, target, saved.status()),
                  environment);
  }
  Print(*saved, target, arguments, environment);
  return ExitCode::kOk;
}

constexpr std::string_view kDetails =
    R"(Saves the store in <directory>, which no process has open and which is
not changed, with everything that it knows to be committed: also what its log
holds beyond the last checkpoint, which needs room for the data once more, in
"<destination>.scratch". The backup is at <destination>, which must not exist or
be empty, when it has been read back and found to be what the store holds; until
then everything is in "<destination>.partial". `trimaran restore` makes a new
data directory of it.

A store whose log is damaged is refused. --without-log saves what is whole of
it, the state of its last checkpoint: for a single store without a backup.
)";

}  // namespace

Subcommand BackupCommand() {
  return {.name = "backup",
          .summary = "Saves a store that no process has open.",
          .operands = "<directory> <destination>",
          .details = kDetails,
          .options = kSpecs,
          .run = RunBackup};
}

}  // namespace trimaran::tool

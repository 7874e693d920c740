#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/src/cluster_name.h"
#include "api/src/encode.h"
#include "api/src/entropy.h"
#include "api/src/log_adapter.h"
#include "api/src/opening.h"
#include "api/src/replica.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/file/posix_file_system.h"
#include "engine/home/home_lock.h"
#include "engine/maintenance/open_verification.h"
#include "engine/maintenance/verifier.h"
#include "engine/snapshot/backup.h"
#include "trimaran/admin.h"

// Of admin.h, what is about one store.

namespace trimaran {
namespace {

LogPlace ToPlace(EntryId id) { return {id.index.value(), id.term.value()}; }

engine::VerifyDepth ToDepth(VerifyDepth depth) {
  return depth == VerifyDepth::kQuick ? engine::VerifyDepth::kQuick
                                      : engine::VerifyDepth::kFull;
}

VerifyResult ToResult(const engine::Verification& verification) {
  VerifyResult result;
  result.damaged = verification.report.damaged();
  for (const engine::CheckResult& check : verification.report.checks) {
    result.examined += check.examined();
    for (const engine::Finding& finding : check.findings()) {
      result.findings.push_back(
          {.damage = finding.severity == engine::Severity::kDamage,
           .text = absl::StrCat(check.name(), ": ", finding.where, ": ",
                                finding.what)});
    }
  }
  return result;
}

// There is no backup then, and will be none.
absl::Status NotMade(absl::Status status) {
  return WithOutcome(std::move(status), WriteOutcome::kNotApplied);
}

// A backup that is being written, and what is to be said about it.
struct Backup {
  std::unique_ptr<engine::BackupWriter> writer;
  BackupInfo info;
};

absl::Status BeginBackup(Replica& replica, const std::string& directory,
                         Backup& backup) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, DrawEntropy());
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<engine::StateExport> state,
                            replica.store().machine().NewExport());
  backup.info.place = ToPlace(state->position().id);
  const engine::StoreIdentity& identity = replica.store().identity();
  engine::BackupOptions options;
  // As for the snapshots that are written beside the data.
  options.writer.free_bytes_min = replica.options().free_bytes_min / 4;
  TRIMARAN_ASSIGN_OR_RETURN(
      backup.writer, engine::BackupWriter::Start(replica.files(), directory,
                                                 {.id = engine::SnapshotId(id),
                                                  .cluster = identity.cluster,
                                                  .group = identity.group},
                                                 std::move(state), options));
  return absl::OkStatus();
}

// True if there is more to do.
absl::StatusOr<bool> StepBackup(Replica& replica, const std::string& directory,
                                Backup& backup) {
  if (backup.writer == nullptr) {
    absl::Status begun = BeginBackup(replica, directory, backup);
    if (!begun.ok()) return NotMade(std::move(begun));
    return true;
  }
  const auto progress = backup.writer->Step();
  if (progress.ok() && !progress->done) return true;
  // Gone before the store is, whoever else still holds `backup`.
  backup.writer.reset();
  if (absl::IsAlreadyExists(progress.status())) {
    return NotMade(progress.status());
  }
  TRIMARAN_RETURN_IF_ERROR(progress.status());
  backup.info.rows = progress->rows;
  backup.info.bytes = progress->bytes;
  return false;
}

absl::StatusOr<VerifyResult> VerifyOnce(Replica& replica, VerifyDepth depth,
                                        absl::Duration timeout) {
  const auto result = std::make_shared<VerifyResult>();
  const engine::Store& store = replica.store();
  // Belongs to the steps alone, and goes with the last of them.
  auto verification = std::make_unique<engine::OpenVerification>(
      engine::OpenStore{.group = store.identity().group,
                        .log = &store.log(),
                        .machine = &store.machine()},
      ToDepth(depth));
  TRIMARAN_RETURN_IF_ERROR(replica.RunMaintenance(
      timeout,
      [verification = std::move(verification),
       result](absl::FunctionRef<bool()> wanted) -> absl::StatusOr<bool> {
        TRIMARAN_ASSIGN_OR_RETURN(
            const bool more, verification->Step([wanted](const WorkProgress&) {
              return wanted();
            }));
        if (!more) *result = ToResult(verification->Take());
        return more;
      }));
  return *result;
}

// An installation replaces the log first, and the state after it.
bool IsInstalling(const engine::Store& store) {
  return store.log().state().generation > store.machine().generation();
}

// False if it does not end in time, or never will.
bool AwaitEndOfInstallation(Replica& replica, MonotonicTime deadline) {
  bool ended = false;
  (void)replica.WaitUntil(deadline, [&] {
    ended = !IsInstalling(replica.store());
    return ended || replica.closing() || !replica.node().status()->failure.ok();
  });
  return ended;
}

}  // namespace

absl::StatusOr<LogPlace> Admin::Checkpoint(absl::Duration timeout) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return replica_.Checkpoint(timeout);
}

absl::StatusOr<CommitInfo> Admin::CompactLog(uint64_t index,
                                             const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_ASSIGN_OR_RETURN(const AppliedWrite write,
                            replica_.CompactLog(LogIndex(index), options));
  return CommitInfo{.index = write.entry.index.value(),
                    .term = write.entry.term.value()};
}

absl::StatusOr<BackupInfo> Admin::CreateBackup(const std::string& directory,
                                               absl::Duration timeout) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  const auto backup = std::make_shared<Backup>();
  TRIMARAN_RETURN_IF_ERROR(replica_.RunMaintenance(
      timeout,
      [&replica = replica_, backup, directory](absl::FunctionRef<bool()>) {
        return StepBackup(replica, directory, *backup);
      }));
  return backup->info;
}

absl::StatusOr<VerifyResult> Admin::Verify(VerifyDepth depth,
                                           absl::Duration timeout) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  const MonotonicTime deadline = replica_.clock().Now() + timeout;
  const engine::LogStore& log = replica_.store().log();
  while (true) {
    const bool installing = IsInstalling(replica_.store());
    const uint64_t replacements = log.state().replacements;
    auto result = VerifyOnce(replica_, depth, timeout);
    if (!absl::IsAborted(result.status())) return result;
    // Here, and not on the lane, where the installation has its steps as well.
    if (!AwaitEndOfInstallation(replica_, deadline)) return result;
    // It was compacted again and again.
    if (!installing && log.state().replacements == replacements) return result;
    timeout = deadline - replica_.clock().Now();
  }
}

// ---- Without an open database ----

absl::StatusOr<VerifyResult> VerifyDirectory(const std::string& directory,
                                             VerifyDepth depth) {
  engine::PosixFileSystem files;
  TRIMARAN_ASSIGN_OR_RETURN(
      const engine::LockedHome home,
      engine::LockHome(files, directory, engine::HomeUse::kInspect));
  engine::StoredStore store;
  store.files = &files;
  store.directory = directory;
  engine::VerifyOptions options;
  options.depth = ToDepth(depth);
  TRIMARAN_ASSIGN_OR_RETURN(const engine::Verification verification,
                            engine::VerifyStoredStore(store, options));
  return ToResult(verification);
}

absl::Status RestoreFromBackup(const Options& options,
                               const std::string& backup,
                               const std::string& directory) {
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  if (options.join) {
    return absl::InvalidArgumentError(
        "options: join is set; who joins is sent the data by the group");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const engine::NewStore store, NewStoreOf(options));
  engine::PosixFileSystem files;
  const MonotonicClock clock;
  const std::unique_ptr<LogSink> sink = MakeLogSink(options);
  const engine::EngineOptions where = EngineOptionsOf(
      options, directory, {files, clock, Logger(sink.get(), "restore")});
  return engine::FoundFromBackup(where, store, backup).status();
}

}  // namespace trimaran

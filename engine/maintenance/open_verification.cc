#include "engine/maintenance/open_verification.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/maintenance/agreement.h"
#include "engine/maintenance/rows_check.h"
#include "engine/maintenance/verify_checks.h"

namespace trimaran::engine {
namespace {

// Whose log changes in each of so many looks at it has other troubles.
constexpr int kLooksMax = 4;
// Some milliseconds.
constexpr uint64_t kRowsOfStep = 8192;

}  // namespace

struct OpenVerification::Look {
  Verification result;
  // The state at one moment, and what the log says about it. No rows for
  // kQuick.
  std::unique_ptr<StateExport> rows;
  AppliedState applied;
  uint64_t generation = 0;
  absl::StatusOr<LogEvidence> evidence = LogEvidence();
  std::optional<RowsCheck> check;
};

OpenVerification::OpenVerification(const OpenStore& store, VerifyDepth depth)
    : store_(store), depth_(depth) {
  TRIMARAN_CHECK(store.log != nullptr && store.machine != nullptr)
      << "no store to verify";
}

OpenVerification::~OpenVerification() = default;

absl::StatusOr<bool> OpenVerification::Step(const WorkWatcher& watcher) {
  if (look_ != nullptr) return ReadRows(watcher);
  const absl::StatusOr<bool> more = Begin(watcher);
  if (!absl::IsAborted(more.status())) return more;
  look_.reset();
  if (++looks_ < kLooksMax) return true;
  return absl::AbortedError(
      absl::StrCat("the log was replaced or compacted during each of ",
                   kLooksMax, " looks at it"));
}

Verification OpenVerification::Take() { return std::move(look_->result); }

absl::StatusOr<bool> OpenVerification::Begin(const WorkWatcher& watcher) {
  look_ = std::make_unique<Look>();
  TRIMARAN_RETURN_IF_ERROR(LookAtLog(watcher));
  CheckResult& rows = look_->result.report.checks.emplace_back("state");
  if (look_->rows == nullptr) {
    rows.Skip("rows are not read in a quick verification");
    StateFacts facts;
    facts.applied = look_->applied;
    CompareWithLog(facts);
    return false;
  }
  StateSource source;
  source.kind = StateSource::Kind::kReplicated;
  source.group = store_.group;
  look_->check.emplace(source, depth_, WorkProgress{.step = rows.name()}, rows);
  return true;
}

// Aborted if the log was replaced or compacted while it was read, or is not
// that of the state that was taken: then what it says, an error as well, is of
// two logs, or of two states. What it forgets later it has said before.
absl::Status OpenVerification::LookAtLog(const WorkWatcher& watcher) {
  const absl::Status changed =
      absl::AbortedError("the log was replaced or compacted meanwhile");
  CheckResult& result = look_->result.report.checks.emplace_back("log");
  const uint64_t replacements = store_.log->state().replacements;
  const LogIndex truncated = store_.log->truncated();
  const absl::Status checked = CheckEntries(*store_.log, watcher, result);
  if (absl::IsCancelled(checked)) return checked;
  if (store_.log->state().replacements != replacements ||
      store_.log->truncated() != truncated) {
    return changed;
  }
  TRIMARAN_RETURN_IF_ERROR(checked);
  TRIMARAN_RETURN_IF_ERROR(TakeState());
  const LogState log = store_.log->state();
  // An installation replaces the log first, and the state after it.
  const bool is_one =
      log.replacements == replacements && log.generation <= look_->generation;
  const LogIndex now = store_.log->truncated();
  const bool still_knows =
      now == truncated || now <= look_->applied.truncated.index;
  return is_one && still_knows ? absl::OkStatus() : changed;
}

absl::Status OpenVerification::TakeState() {
  // Before the state, which may be replaced meanwhile.
  look_->generation = store_.machine->generation();
  if (depth_ == VerifyDepth::kQuick) {
    look_->applied = store_.machine->applied();
  } else {
    TRIMARAN_ASSIGN_OR_RETURN(look_->rows, store_.machine->NewExport());
    // As its rows say it: truncated where it is applied.
    look_->applied = {look_->rows->position(), look_->rows->position().id};
  }
  look_->evidence = GatherEvidence(*store_.log, look_->applied);
  return absl::OkStatus();
}

absl::StatusOr<bool> OpenVerification::ReadRows(const WorkWatcher& watcher) {
  const auto next = [this](StateRecord& row) { return look_->rows->Next(row); };
  TRIMARAN_ASSIGN_OR_RETURN(const bool more,
                            look_->check->Step(next, kRowsOfStep, watcher));
  if (!more) CompareWithLog(look_->check->Finish());
  return more;
}

void OpenVerification::CompareWithLog(const StateFacts& facts) {
  // The state is held no longer than it is read.
  look_->rows.reset();
  CheckResult& result = look_->result.report.checks.emplace_back("agreement");
  if (!facts.applied.has_value()) {
    return result.Skip("the state cannot be read");
  }
  CheckEvidence(look_->evidence, *facts.applied, look_->generation, result);
  if (!facts.summary.has_value()) return;
  look_->result.digest = StateDigest{facts.applied->applied, *facts.summary};
}

}  // namespace trimaran::engine

#include "engine/maintenance/replay_check.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"
#include "engine/home/store_identity.h"
#include "engine/kv/copy_state.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/maintenance/replicated_rows.h"
#include "engine/maintenance/verify_checks.h"

namespace trimaran::engine {
namespace {

// One that is as small as can be, and one like that of a busy replica.
constexpr std::array<size_t, 2> kBatchSizes = {7, 512};

absl::Status TakeOver(StateExport& from, const WorkWatcher& watcher,
                      StateMachine& scratch) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<StateImport> import,
                            scratch.NewImport());
  TRIMARAN_RETURN_IF_ERROR(CopyState(
      from, *import, {.step = "copying the state", .watcher = watcher}));
  return scratch.SwitchTo(import->generation());
}

absl::StatusOr<CommittedEntry> Commit(LogEntry entry, const ReplayPlan& plan,
                                      ConfState& conf) {
  CommittedEntry committed;
  if (entry.type == EntryType::kConfChange) {
    TRIMARAN_ASSIGN_OR_RETURN(conf, plan.change_conf(conf, entry));
    committed.conf = conf;
  }
  committed.entry = std::move(entry);
  return committed;
}

// What is not in the log, or no longer, is missing to whoever replays it.
absl::StatusOr<std::vector<LogEntry>> ReadEntries(const LogStore& log,
                                                  LogIndex first, LogIndex end,
                                                  const ReadLimits& limits) {
  absl::StatusOr<std::vector<LogEntry>> entries =
      log.Entries(first, end, limits);
  if (IsCompacted(entries.status()) || IsNotInLog(entries.status())) {
    return CorruptionError(
        absl::StrCat("the log does not lead on from the state: ",
                     entries.status().message()));
  }
  return entries;
}

absl::Status ApplyEntries(const ReplayPlan& plan, StateMachine& scratch) {
  ReadLimits limits;
  limits.count_max = plan.batch_entries;
  const LogIndex first = scratch.applied().applied.id.index;
  while (scratch.applied().applied.id.index < plan.last) {
    const LogIndex next = scratch.applied().applied.id.index + 1;
    TRIMARAN_RETURN_IF_ERROR(Tell(plan.watcher, {.step = "applying the log",
                                                 .done = next - 1 - first,
                                                 .total = plan.last - first}));
    TRIMARAN_ASSIGN_OR_RETURN(
        std::vector<LogEntry> entries,
        ReadEntries(*plan.log, next, plan.last + 1, limits));
    // Apply may take a part of a batch: what its last one led to is stored.
    ConfState conf = scratch.region().conf;
    std::vector<CommittedEntry> batch;
    for (LogEntry& entry : entries) {
      TRIMARAN_ASSIGN_OR_RETURN(batch.emplace_back(),
                                Commit(std::move(entry), plan, conf));
    }
    TRIMARAN_RETURN_IF_ERROR(scratch.Apply(batch).status());
  }
  return absl::OkStatus();
}

std::string ScratchHome(const StoredReplay& replay, size_t batch_entries) {
  return JoinPath(replay.scratch, absl::StrCat("batches-of-", batch_entries));
}

// An error says nothing about the store.
absl::Status PrepareScratch(const StoredReplay& replay) {
  for (const size_t batch_entries : kBatchSizes) {
    TRIMARAN_RETURN_IF_ERROR(replay.store.files->CreateDirectory(
        ScratchHome(replay, batch_entries)));
  }
  return absl::OkStatus();
}

absl::StatusOr<StateDigest> ReplayOnce(const StoredReplay& replay,
                                       const StoredParts& parts,
                                       const ReplayPlan& plan) {
  const MonotonicClock clock;
  WtStateMachineOptions options;
  options.home = ScratchHome(replay, plan.batch_entries);
  options.group = plan.group;
  options.store = parts.identity.store;
  options.clock = &clock;
  options.files = replay.store.files;
  options.wiredtiger_extensions = replay.store.wiredtiger_extensions;
  options.log = replay.store.log;
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<WtStateMachine> scratch,
                            WtStateMachine::Create(options, InitialState{}));
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<StoredExport> from,
                            parts.Export());
  return RebuildState(*from, plan, *scratch);
}

absl::Status ReplayTwice(const StoredReplay& replay, const StoredParts& parts,
                         const VerifyOptions& options, CheckResult& result) {
  ReplayPlan plan;
  plan.group = parts.identity.group;
  plan.log = parts.log.get();
  plan.change_conf = replay.change_conf;
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<StoredExport> state,
                            parts.Export());
  const LogState log = parts.log->state();
  const LogIndex first = state->position().id.index;
  plan.last =
      std::max(first, std::min(log.hard_state.commit, log.last.id.index));
  std::optional<StateDigest> before;
  for (const size_t batch_entries : kBatchSizes) {
    plan.batch_entries = batch_entries;
    TRIMARAN_RETURN_IF_ERROR(Tell(
        options.progress, {.step = result.name(), .done = result.examined()}));
    TRIMARAN_ASSIGN_OR_RETURN(const StateDigest digest,
                              ReplayOnce(replay, parts, plan));
    if (before.has_value()) CompareDigests(*before, digest, result);
    before = digest;
    result.CountExamined(plan.last.value() - first.value());
  }
  TRIMARAN_ASSIGN_OR_RETURN(const ChainValue chain,
                            parts.log->ChainAt(plan.last));
  if (chain != before->position.chain) {
    result.Damage("the rebuilt state", "has another chain than the log");
  }
  result.Summarize(absl::StrCat("entries ", first.value() + 1, " to ",
                                plan.last.value(), " in two ways, state hash ",
                                ToString(before->summary.hash)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StateDigest> RebuildState(StateExport& from,
                                         const ReplayPlan& plan,
                                         StateMachine& scratch) {
  TRIMARAN_CHECK(plan.log != nullptr) << "no log to replay";
  TRIMARAN_CHECK_GE(plan.batch_entries, 1u);
  if (from.position().id.index > plan.last) {
    return absl::FailedPreconditionError(
        absl::StrCat("a state of entry ", from.position().id.index.value(),
                     " cannot be brought to entry ", plan.last.value()));
  }
  TRIMARAN_RETURN_IF_ERROR(TakeOver(from, plan.watcher, scratch));
  TRIMARAN_RETURN_IF_ERROR(ApplyEntries(plan, scratch));
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<StateExport> rebuilt,
                            scratch.NewExport());
  return HashState(plan.group, *rebuilt);
}

void CompareDigests(const StateDigest& expected, const StateDigest& rebuilt,
                    CheckResult& result) {
  if (expected.position != rebuilt.position) {
    result.Damage(
        "the rebuilt state",
        absl::StrCat("is at entry ", rebuilt.position.id.index.value(),
                     " with chain ", absl::Hex(rebuilt.position.chain.value),
                     ", and not at entry ", expected.position.id.index.value(),
                     " with chain ", absl::Hex(expected.position.chain.value)));
  }
  const auto& ours = expected.summary.families;
  const auto& theirs = rebuilt.summary.families;
  for (const FamilySummary& family : ours) {
    const auto same = std::find_if(theirs.begin(), theirs.end(),
                                   [&](const FamilySummary& other) {
                                     return other.family == family.family;
                                   });
    if (same != theirs.end() && *same == family) continue;
    result.Damage(absl::StrCat("family ", family.family.value()),
                  same == theirs.end() ? "was not rebuilt"
                                       : "was rebuilt with other rows");
  }
  for (const FamilySummary& family : theirs) {
    const bool known =
        std::any_of(ours.begin(), ours.end(), [&](const FamilySummary& other) {
          return other.family == family.family;
        });
    if (known) continue;
    result.Damage(absl::StrCat("family ", family.family.value()),
                  "was rebuilt, and is not in the state");
  }
  if (expected.summary == rebuilt.summary) return;
  result.Damage("the rebuilt state",
                absl::StrCat("has hash ", ToString(rebuilt.summary.hash),
                             ", and not ", ToString(expected.summary.hash)));
}

absl::StatusOr<CheckResult> ReplayStoredStore(const StoredReplay& replay,
                                              const VerifyOptions& options) {
  TRIMARAN_CHECK(replay.store.files != nullptr) << "no files to replay";
  TRIMARAN_RETURN_IF_ERROR(PrepareScratch(replay));
  CheckResult result("replay");
  const absl::StatusOr<StoredParts> parts = OpenStoredParts(replay.store);
  const absl::Status status = parts.ok()
                                  ? ReplayTwice(replay, *parts, options, result)
                                  : parts.status();
  if (status.ok()) return result;
  if (!IsVerdict(status)) return status;
  result.Fail("the replay", status);
  return result;
}

}  // namespace trimaran::engine

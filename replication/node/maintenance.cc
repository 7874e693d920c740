#include "replication/node/maintenance.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"
#include "engine/snapshot/snapshot_store.h"

namespace trimaran {
namespace {

// The log's bytes are known to one part in so many of their limit.
constexpr uint64_t kGrainsPerLimit = 64;
// After what has failed, and can be tried again.
constexpr absl::Duration kPause = absl::Seconds(5);
// A log to which nothing was added meanwhile is quiet.
constexpr absl::Duration kNoteInterval = absl::Seconds(1);
// A compaction that nobody takes up is decided anew.
constexpr absl::Duration kCompactionPatience = absl::Seconds(10);
// One transaction of the sweep; writes wait for it.
constexpr size_t kSweepRowsMax = 1000;
constexpr absl::Duration kSweepInterval = absl::Seconds(1);

uint64_t GrainOf(const NodeOptions& options) {
  return std::max<uint64_t>(
      1, options.maintenance.log_bytes_limit / kGrainsPerLimit);
}

}  // namespace

absl::StatusOr<std::string> EncodeCompaction(const engine::LogStore& log,
                                             LogIndex index) {
  TRIMARAN_ASSIGN_OR_RETURN(const Term term, log.TermAt(index));
  return engine::EncodeCommand(
      {.stamp = {},
       .body = engine::CompactLogCommand{.index = index, .term = term}});
}

Maintenance::Maintenance(const NodeOptions& options,
                         const NodeEnvironment& environment, Errands& errands,
                         Host host)
    : options_(options),
      env_(environment),
      errands_(errands),
      host_(std::move(host)),
      applied_bytes_(GrainOf(options),
                     environment.store->machine().applied().applied.id.index) {}

// ---- What happens ----

void Maintenance::OnApplied(LogIndex last, uint64_t bytes) {
  applied_bytes_.Add(last, bytes);
}

void Maintenance::OnInstalled(LogIndex index) {
  applied_bytes_.Restart(index);
  bytes_at_checkpoint_ = applied_bytes_.total();
}

void Maintenance::Stop(const absl::Status& error) {
  stopped_ = true;
  std::vector<CheckpointCallback> waiting = std::exchange(waiting_now_, {});
  std::move(waiting_next_.begin(), waiting_next_.end(),
            std::back_inserter(waiting));
  waiting_next_.clear();
  for (CheckpointCallback& done : waiting) done(error);
}

engine::MaintenanceFacts Maintenance::Facts(const Situation& situation) const {
  const engine::StateMachine& machine = env_.store->machine();
  const LogIndex truncated = env_.store->log().truncated();
  engine::MaintenanceFacts facts;
  facts.first = truncated + 1;
  facts.applied = machine.applied().applied.id.index;
  facts.durable_applied = machine.durable().applied.id.index;
  facts.log_bytes = applied_bytes_.After(truncated);
  facts.bytes_since_checkpoint = applied_bytes_.total() - bytes_at_checkpoint_;
  facts.slowest_match = situation.slowest_match;
  facts.pinned = situation.pinned;
  facts.free_bytes = free_bytes_.value_or(std::numeric_limits<uint64_t>::max());
  facts.space = space_;
  return facts;
}

void Maintenance::Tick(const Situation& situation, MonotonicTime now) {
  if (stopped_) return;
  LookAtSpace(now);
  MaybeHandOver(situation, now);
  if (host_.installing()) return;
  const engine::MaintenanceFacts facts = Facts(situation);
  const engine::MaintenanceDecision decision =
      engine::DecideMaintenance(facts, options_.maintenance);
  NoteSpace(decision.space);
  applied_bytes_.ForgetBefore(facts.first - 1);
  if (decision.compact_to && situation.leads && !busy_.compaction) {
    ProposeCompaction(*decision.compact_to, now);
  }
  const bool wanted = decision.checkpoint || !waiting_next_.empty();
  if (wanted && !busy_.checkpoint && next_.checkpoint <= now) {
    BeginCheckpoint();
  }
  if (decision.recycle_to > recycled_to_ && !busy_.recycling &&
      next_.recycling <= now) {
    Recycle(decision.recycle_to);
  }
  NoteQuietLog(now);
  SweepRows(now);
}

// ---- Space ----

void Maintenance::LookAtSpace(MonotonicTime now) {
  if (busy_.space || now < next_.space) return;
  next_.space = now + options_.space_interval;
  busy_.space = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store] {
        return store->files().FreeBytes(store->snapshots().root());
      },
      [this](absl::StatusOr<uint64_t> free) {
        busy_.space = false;
        // What cannot be told is what was told last.
        if (free.ok()) free_bytes_ = *free;
      });
}

void Maintenance::NoteSpace(engine::SpaceState space) {
  if (space == space_) return;
  space_ = space;
  if (refuses_writes()) {
    env_.logger.Error("no more writes are taken: ", SpaceError().message());
  } else {
    env_.logger.Info("writes are taken again");
  }
}

absl::Status Maintenance::SpaceError() const {
  return WithOutcome(
      absl::ResourceExhaustedError(absl::StrCat(
          "the disk has ", free_bytes_.value_or(0), " bytes left, of which ",
          options_.maintenance.free_bytes_accept, " must be free")),
      WriteOutcome::kNotApplied);
}

void Maintenance::MaybeHandOver(const Situation& situation, MonotonicTime now) {
  if (!situation.leads || now < next_.hand_over) return;
  // A lane that the log shares with the decisions stalls them as well, but for
  // a write that cannot even begin. Whoever is needed for a majority keeps
  // leading then: his vote for another one could not be written down either.
  const bool own_lane = env_.lanes.log != env_.lanes.raft;
  const bool stalled = (own_lane || situation.others_go_on) &&
                       situation.log_busy_since + options_.write_stall() <= now;
  if (!stalled && !refuses_writes()) return;
  // Where all disks are full, it must not go round and round.
  next_.hand_over = now + options_.election_timeout() * (stalled ? 1 : 20);
  host_.hand_over(stalled ? "a write of the log does not come to its end"
                          : "the disk is nearly full");
}

// ---- The log ----

void Maintenance::ProposeCompaction(LogIndex index, MonotonicTime now) {
  absl::StatusOr<std::string> command =
      EncodeCompaction(env_.store->log(), index);
  // Compacted further meanwhile, or not in this log any more.
  if (!command.ok()) return;
  busy_.compaction = true;
  host_.propose(std::make_shared<PendingWrite>(
      *std::move(command), now + kCompactionPatience,
      [this](const absl::StatusOr<AppliedWrite>&) {
        // The policy looks again, whatever came of it.
        busy_.compaction = false;
      }));
}

void Maintenance::Recycle(LogIndex bound) {
  busy_.recycling = true;
  errands_.Run(
      *env_.lanes.log, [store = env_.store] { return store->RecycleLog(); },
      [this, bound](const absl::StatusOr<bool>& more) {
        OnRecycled(bound, more);
      });
}

void Maintenance::OnRecycled(LogIndex bound, const absl::StatusOr<bool>& more) {
  busy_.recycling = false;
  if (stopped_) return;
  if (!more.ok()) {
    NoteError("making room in the log", more.status());
    next_.recycling = env_.clock->Now() + kPause;
  } else if (!*more) {
    recycled_to_ = bound;
  } else if (!host_.installing()) {
    Recycle(bound);
  }
}

void Maintenance::NoteLog(EntryId last) {
  if (busy_.note) return;
  busy_.note = true;
  noted_last_ = last;
  errands_.Run(
      *env_.lanes.log, [store = env_.store] { return store->NoteLog(); },
      [this](const absl::Status& result) {
        busy_.note = false;
        if (stopped_ || result.ok()) return;
        NoteError("noting how far the log goes", result);
        noted_last_ = EntryId();
        next_.note = env_.clock->Now() + kPause;
      });
}

// What comes in a burst is noted as it comes only where a while has passed.
void Maintenance::NoteQuietLog(MonotonicTime now) {
  if (now < next_.note) return;
  next_.note = now + kNoteInterval;
  const EntryId last = env_.store->log().state().last.id;
  const bool quiet = last == std::exchange(seen_last_, last);
  if (quiet && last != noted_last_) NoteLog(last);
}

void Maintenance::NoteError(std::string_view what, const absl::Status& error) {
  const absl::Status failure = env_.store->failure();
  if (!failure.ok()) return host_.failed(failure);
  env_.logger.Warning(
      what, " has failed, and is tried again: ", ToStd(error.message()));
}

// ---- The state machine ----

void Maintenance::Checkpoint(CheckpointCallback done) {
  waiting_next_.push_back(std::move(done));
  // Else the next tick sees to it, or the end of the one under way.
  if (!busy_.checkpoint && !host_.installing()) BeginCheckpoint();
}

void Maintenance::BeginCheckpoint() {
  if (takes_nothing()) {
    for (CheckpointCallback& done : std::exchange(waiting_next_, {})) {
      done(SpaceError());
    }
    return;
  }
  busy_.checkpoint = true;
  bytes_at_checkpoint_ = applied_bytes_.total();
  waiting_now_ = std::exchange(waiting_next_, {});
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store] { return store->Checkpoint(); },
      [this](const absl::StatusOr<engine::AppliedState>& result) {
        OnCheckpoint(result);
      });
}

void Maintenance::OnCheckpoint(
    const absl::StatusOr<engine::AppliedState>& result) {
  busy_.checkpoint = false;
  for (CheckpointCallback& done : std::exchange(waiting_now_, {})) done(result);
  if (stopped_) return;
  if (result.ok()) {
    ++checkpoints_;
    NoteLog(env_.store->log().state().last.id);
    if (!waiting_next_.empty() && !host_.installing()) BeginCheckpoint();
    return;
  }
  NoteError("a checkpoint", result.status());
  next_.checkpoint = env_.clock->Now() + kPause;
}

void Maintenance::SweepRows(MonotonicTime now) {
  const LogIndex applied = env_.store->machine().applied().applied.id.index;
  // Only an entry makes garbage, and only one that came since the last look.
  if (busy_.sweep || now < next_.sweep || applied == swept_at_) return;
  busy_.sweep = true;
  errands_.Run(
      *env_.lanes.apply,
      [store = env_.store] {
        return store->machine().CollectGarbage(kSweepRowsMax);
      },
      [this, applied](const absl::StatusOr<bool>& more) {
        busy_.sweep = false;
        if (stopped_) return;
        if (!more.ok()) return host_.failed(more.status());
        // The next piece comes with the next tick.
        if (*more) return;
        swept_at_ = applied;
        next_.sweep = env_.clock->Now() + kSweepInterval;
      });
}

}  // namespace trimaran

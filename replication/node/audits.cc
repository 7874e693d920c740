#include "replication/node/audits.h"

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"

namespace trimaran {
namespace {

// Some milliseconds of a lane that others need as well.
constexpr uint64_t kRowsPerStep = 10000;
constexpr uint64_t kBytesPerStep = uint64_t{4} << 20;
// Whoever is further behind has to catch up first.
constexpr uint64_t kBehindMax = 10000;
// So long applying waits for a lane on which something else may be under way.
constexpr absl::Duration kHeldMax = absl::Seconds(5);

std::string EncodeAudit(ReplicaId asker, uint64_t request) {
  auto encoded = engine::EncodeCommand(
      {.stamp = {},
       .body = engine::AuditCommand{.asker = asker, .request = request}});
  TRIMARAN_CHECK(encoded.ok());
  return *std::move(encoded);
}

MsgStateDigest Refusal(LogIndex index, absl::string_view why) {
  return {.request = 0,
          .place = {index, Term()},
          .chain = 0,
          .rows = 0,
          .hash = {},
          .error = std::string(ToStd(why))};
}

}  // namespace

Audits::Audits(const NodeEnvironment& environment, Errands& errands,
               Applier& applier, uint64_t first_request, Host host)
    : env_(environment),
      errands_(errands),
      applier_(applier),
      host_(std::move(host)),
      last_request_(first_request) {}

// ---- Asking ----

void Audits::Ask(MonotonicTime deadline, AuditCallback done) {
  const uint64_t request = ++last_request_;
  Asked& asked = asked_[request];
  asked.deadline = deadline;
  asked.done = std::move(done);
  host_.propose(std::make_shared<PendingWrite>(
      EncodeAudit(env_.store->identity().replica, request), deadline,
      [this, request](const absl::StatusOr<AppliedWrite>& write) {
        OnPlaced(request, write);
      }));
}

void Audits::OnPlaced(uint64_t request,
                      const absl::StatusOr<AppliedWrite>& write) {
  const auto at = asked_.find(request);
  if (at == asked_.end()) return;
  if (!write.ok()) {
    AuditCallback done = std::move(at->second.done);
    asked_.erase(at);
    // It changes nothing, so that there is no outcome to tell.
    const bool late = absl::IsDeadlineExceeded(write.status()) ||
                      IsOutcomeUnknown(write.status());
    return done(late ? absl::DeadlineExceededError(
                           "the question got no place in the log in time")
                     : write.status());
  }
  at->second.place = write->entry;
  at->second.members = host_.members();
  MaybeFinish(request, /*in_time=*/true);
}

void Audits::OnDigest(ReplicaId from, const MsgStateDigest& digest) {
  const auto at = asked_.find(digest.request);
  if (at == asked_.end()) return;
  // Of a command that was tried again, another place may have been first.
  if (at->second.place && at->second.place->index != digest.place.index) {
    return;
  }
  if (!host_.members().Contains(from)) return;
  MsgStateDigest& known = at->second.heard[from];
  if (digest.place.index < known.place.index) return;
  known = digest;
  MaybeFinish(digest.request, /*in_time=*/true);
}

void Audits::MaybeFinish(uint64_t request, bool in_time) {
  const auto at = asked_.find(request);
  TRIMARAN_CHECK(at != asked_.end());
  Asked& asked = at->second;
  if (!asked.place) return;
  AuditReport report{.place = *asked.place, .members = {}};
  bool all = true;
  for (const auto* ids : {&asked.members.voters, &asked.members.voters_outgoing,
                          &asked.members.learners}) {
    for (const ReplicaId id : *ids) {
      const auto heard = asked.heard.find(id);
      const bool right = heard != asked.heard.end() &&
                         heard->second.place.index == report.place.index;
      report.members[id] = right ? std::optional(heard->second) : std::nullopt;
      all = all && right;
    }
  }
  if (!all && in_time) return;
  AuditCallback done = std::move(asked.done);
  asked_.erase(at);
  done(std::move(report));
}

// ---- Answering ----

void Audits::OnApplied(LogIndex index, LogIndex commit,
                       const std::vector<engine::AuditCommand>& audits) {
  if (audits.empty() || stopped_) return;
  if (work_ != nullptr) {
    return Answer(audits, Refusal(index, "another audit is under way here"));
  }
  if (index + kBehindMax < commit) {
    return Answer(audits, Refusal(index, "this replica has to catch up first"));
  }
  work_ = std::make_unique<Work>(
      Work{.index = index, .audits = audits, .held_since = env_.clock->Now()});
  applier_.Pause();
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store] { return store->machine().NewExport(); },
      [this](absl::StatusOr<std::unique_ptr<engine::StateExport>> state) {
        OnFrozen(std::move(state));
      });
}

void Audits::OnFrozen(
    absl::StatusOr<std::unique_ptr<engine::StateExport>> state) {
  Release();
  if (absl::Status failure = env_.store->failure(); !failure.ok()) {
    Refuse(failure);
    return host_.failed(std::move(failure));
  }
  if (!state.ok()) return Refuse(state.status());
  work_->state = *std::move(state);
  if (work_->state->position().id.index != work_->index) {
    // A snapshot came between, or the lane was busy for too long.
    return Refuse(
        absl::AbortedError("the state had gone on before it "
                           "could be frozen"));
  }
  work_->job = std::make_unique<engine::StateHashJob>(
      env_.store->identity().group, *work_->state);
  Continue();
}

void Audits::Release() {
  if (!work_->held_since) return;
  work_->held_since.reset();
  applier_.Resume();
}

void Audits::Continue() {
  if (stopped_) return Refuse(StoppingError());
  errands_.Run(
      *env_.lanes.maintenance,
      [job = work_->job.get()] {
        return job->Step(kRowsPerStep, kBytesPerStep);
      },
      [this](const absl::StatusOr<bool>& more) { OnHashed(more); });
}

void Audits::OnHashed(const absl::StatusOr<bool>& more) {
  if (!more.ok()) return Refuse(more.status());
  if (*more) return Continue();
  const engine::StateDigest digest = work_->job->digest();
  Finish({.request = 0,
          .place = digest.position.id,
          .chain = digest.position.chain.value,
          .rows = digest.summary.rows,
          .hash = engine::ToString(digest.summary.hash),
          .error = {}});
}

void Audits::Refuse(const absl::Status& why) {
  env_.logger.Warning("the state at ", work_->index,
                      " cannot be compared: ", ToStd(why.message()));
  Finish(Refusal(work_->index, why.message()));
}

void Audits::Finish(const MsgStateDigest& digest) {
  const std::unique_ptr<Work> work = std::move(work_);
  // The export belongs to that lane.
  errands_.Run(
      *env_.lanes.maintenance,
      [job = std::move(work->job), state = std::move(work->state)]() mutable {
        job.reset();
        state.reset();
        return true;
      },
      [](bool) {});
  if (!stopped_) Answer(work->audits, digest);
}

void Audits::Answer(const std::vector<engine::AuditCommand>& audits,
                    const MsgStateDigest& digest) {
  for (const engine::AuditCommand& audit : audits) {
    MsgStateDigest answer = digest;
    answer.request = audit.request;
    host_.send(audit.asker, std::move(answer));
  }
}

// ---- Time, and the end ----

void Audits::Tick(MonotonicTime now) {
  if (work_ != nullptr && work_->held_since &&
      now - *work_->held_since >= kHeldMax) {
    Release();
  }
  std::vector<uint64_t> late;
  for (const auto& [request, asked] : asked_) {
    if (asked.place && asked.deadline <= now) late.push_back(request);
  }
  for (const uint64_t request : late) MaybeFinish(request, /*in_time=*/false);
}

void Audits::Stop(const absl::Status& error) {
  stopped_ = true;
  // Those whose command has no place yet have been told already.
  for (auto& [request, asked] : std::exchange(asked_, {})) asked.done(error);
}

}  // namespace trimaran

#include "api/src/group_change.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/src/encode.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran {
namespace {

// A learner that has more to catch up with than this would hold up a majority
// that needs it.
constexpr uint64_t kBehindMax = 1000;

absl::Status Refused(absl::Status status) {
  return WithOutcome(std::move(status), WriteOutcome::kNotApplied);
}

// What the group was told of `id` stays, whatever has become of the rest.
absl::Status WithRecord(uint64_t id, const absl::Status& result) {
  if (OutcomeOf(result) != WriteOutcome::kNotApplied) return result;
  absl::Status told(
      result.code(),
      absl::StrCat(result.message(), "; what is known of replica ", id,
                   " has been recorded, and the call can be repeated"));
  // What tells errors apart.
  result.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    told.SetPayload(url, payload);
  });
  return WithOutcome(std::move(told), WriteOutcome::kUnknown);
}

absl::Status NoMember(uint64_t id) {
  return Refused(
      absl::NotFoundError(absl::StrCat("replica ", id, " is no member")));
}

// What is asked of the leader is refused by the others before it begins.
absl::Status CheckLeads(Replica& replica) {
  const auto status = replica.node().status();
  if (!status->failure.ok()) return Refused(status->failure);
  if (status->raft.role == raft::Role::kLeader) return absl::OkStatus();
  return NotLeaderError(status->raft.leader);
}

ConfState Members(Replica& replica) {
  return replica.store().machine().region().conf;
}

// Whether it says something of the member that is not known.
bool IsNews(Replica& replica, uint64_t id, const MemberInfo& info) {
  const auto members = replica.store().machine().region().members;
  const auto known = members.find(ReplicaId(id));
  const engine::MemberRecord record =
      known == members.end() ? engine::MemberRecord() : known->second;
  return (!info.name.empty() && info.name != record.name) ||
         (!info.address.empty() && info.address != record.address);
}

bool IsIn(const std::vector<ReplicaId>& ids, uint64_t id) {
  return std::find(ids.begin(), ids.end(), ReplicaId(id)) != ids.end();
}

// ---- Whether a change fits the members ----

absl::Status CheckIsStranger(const ConfState& members, uint64_t id) {
  if (!members.Contains(ReplicaId(id))) return absl::OkStatus();
  return Refused(absl::AlreadyExistsError(
      absl::StrCat("replica ", id, " is a member already")));
}

absl::Status CheckIsLearner(const ConfState& members, uint64_t id) {
  if (IsIn(members.learners, id)) return absl::OkStatus();
  return Refused(absl::FailedPreconditionError(
      absl::StrCat("replica ", id, " is no learner")));
}

absl::Status CheckMayBecomeVoter(const ConfState& members, uint64_t id) {
  if (!IsIn(members.voters, id)) return absl::OkStatus();
  return Refused(absl::AlreadyExistsError(
      absl::StrCat("replica ", id, " is a voter already")));
}

absl::Status CheckMayLeave(const ConfState& members, uint64_t id) {
  if (!members.Contains(ReplicaId(id))) return NoMember(id);
  if (!members.IsOnlyVoter(ReplicaId(id))) return absl::OkStatus();
  return Refused(absl::FailedPreconditionError(
      absl::StrCat("replica ", id, " is the only voter")));
}

absl::Status CheckCaughtUp(Replica& replica, uint64_t id) {
  const auto status = replica.node().status();
  for (const raft::PeerStatus& peer : status->raft.peers) {
    if (peer.id != ReplicaId(id)) continue;
    if (!peer.recently_active) {
      return absl::FailedPreconditionError(
          absl::StrCat("member ", id, " has not been heard of lately"));
    }
    if (peer.match + kBehindMax < status->raft.commit) {
      return absl::FailedPreconditionError(
          absl::StrCat("member ", id, " has caught up to ", peer.match.value(),
                       " of ", status->raft.commit.value(), " only"));
    }
    // Who has not said anything yet counts as heard of.
    if (peer.match != LogIndex()) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("nothing is known of member ", id, " yet"));
}

}  // namespace

// Held by at most one caller at a time, until its end.
class GroupChange::Turn {
 public:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken) {}
  ~Turn() {
    if (mine_) taken_.store(false, std::memory_order_release);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Whether it is the caller's now.
  bool Take() {
    mine_ = mine_ || !taken_.exchange(true, std::memory_order_acquire);
    return mine_;
  }

 private:
  std::atomic<bool>& taken_;
  bool mine_ = false;
};

GroupChange::GroupChange(Replica& replica, const WriteOptions& options)
    : replica_(replica),
      options_(options),
      deadline_(replica.DeadlineOf(options.timeout)) {}

WriteOptions GroupChange::Rest() const {
  WriteOptions rest = options_;
  rest.timeout = deadline_ - replica_.clock().Now();
  return rest;
}

absl::Status GroupChange::Change(std::vector<raft::ConfChangeStep> steps,
                                 MembersCheck check) {
  const raft::ConfChange change{.transition = raft::ConfChangeTransition::kAuto,
                                .steps = std::move(steps),
                                .context = {}};
  const auto conf = replica_.ChangeMembers(change, std::move(check), Rest());
  TRIMARAN_RETURN_IF_ERROR(conf.status());
  return conf->joint() ? AwaitEndOfJoint() : absl::OkStatus();
}

// Before it, a majority of the former members is needed as well.
absl::Status GroupChange::AwaitEndOfJoint() {
  absl::Status end;
  const bool ended = replica_.WaitUntil(deadline_, [&] {
    end =
        replica_.closing() ? ClosedError() : replica_.node().status()->failure;
    return !end.ok() || !Members(replica_).joint();
  });
  if (ended && end.ok()) return absl::OkStatus();
  return OutcomeUnknownError(
      "the change has been begun, and will end when a majority of the former "
      "members is there as well");
}

absl::Status GroupChange::SetMember(uint64_t id, const MemberInfo& info) {
  TRIMARAN_ASSIGN_OR_RETURN(
      std::string command,
      Encode({.stamp = {},
              .body = engine::SetMemberCommand{.replica = ReplicaId(id),
                                               .store_id = 0,
                                               .name = info.name,
                                               .address = info.address}}));
  return replica_.Write(std::move(command), Rest()).status();
}

absl::Status GroupChange::AwaitTurn(Turn& turn) {
  TRIMARAN_RETURN_IF_ERROR(replica_.CheckMayWait());
  const bool ended = replica_.WaitUntil(
      deadline_, [&] { return replica_.closing() || turn.Take(); });
  if (replica_.closing()) return ClosedError();
  if (ended) return absl::OkStatus();
  return Refused(
      absl::DeadlineExceededError("another member is being added, for now"));
}

absl::Status GroupChange::AddLearner(uint64_t id, const MemberInfo& info) {
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  // What is said of a newcomer, and that it is one, are two writes: of two
  // callers who add the same one, each could have made one of them.
  Turn turn(replica_.adding_member());
  TRIMARAN_RETURN_IF_ERROR(AwaitTurn(turn));
  const auto fits = [id](const ConfState& members) {
    return CheckIsStranger(members, id);
  };
  TRIMARAN_RETURN_IF_ERROR(fits(Members(replica_)));
  TRIMARAN_RETURN_IF_ERROR(SetMember(id, info));
  return WithRecord(
      id, Change({{raft::ConfChangeType::kAddLearner, ReplicaId(id)}}, fits));
}

absl::Status GroupChange::Promote(uint64_t id) {
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  const auto fits = [id](const ConfState& members) {
    return CheckIsLearner(members, id);
  };
  TRIMARAN_RETURN_IF_ERROR(fits(Members(replica_)));
  if (absl::Status behind = CheckCaughtUp(replica_, id); !behind.ok()) {
    return Refused(std::move(behind));
  }
  return Change({{raft::ConfChangeType::kAddVoter, ReplicaId(id)}}, fits);
}

absl::Status GroupChange::AwaitLearner(uint64_t id) {
  absl::Status behind;
  absl::Status end;
  const bool ended = replica_.WaitUntil(deadline_, [&] {
    end = replica_.closing() ? ClosedError() : CheckLeads(replica_);
    if (end.ok()) end = CheckIsLearner(Members(replica_), id);
    behind = CheckCaughtUp(replica_, id);
    return behind.ok() || !end.ok();
  });
  TRIMARAN_RETURN_IF_ERROR(end);
  if (ended) return absl::OkStatus();
  return Refused(absl::DeadlineExceededError(absl::StrCat(
      "replica ", id,
      " is a learner, and stays one for now: ", behind.message())));
}

absl::Status GroupChange::BringUp(uint64_t id, const MemberInfo& info,
                                  std::vector<raft::ConfChangeStep> steps,
                                  MembersCheck check) {
  TRIMARAN_RETURN_IF_ERROR(replica_.CheckMayWait());
  bool changed = true;
  if (!Members(replica_).Contains(ReplicaId(id))) {
    TRIMARAN_RETURN_IF_ERROR(AddLearner(id, info));
  } else if (IsNews(replica_, id, info)) {
    TRIMARAN_RETURN_IF_ERROR(SetMember(id, info));
  } else {
    changed = false;
  }
  absl::Status result = AwaitLearner(id);
  if (result.ok()) result = Change(std::move(steps), std::move(check));
  // Not all of it, but not nothing either.
  if (changed && OutcomeOf(result) == WriteOutcome::kNotApplied) {
    return WithOutcome(std::move(result), WriteOutcome::kUnknown);
  }
  return result;
}

absl::Status GroupChange::AddVoter(uint64_t id, const MemberInfo& info) {
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  TRIMARAN_RETURN_IF_ERROR(CheckMayBecomeVoter(Members(replica_), id));
  absl::Status result = BringUp(
      id, info, {{raft::ConfChangeType::kAddVoter, ReplicaId(id)}},
      [id](const ConfState& members) { return CheckIsLearner(members, id); });
  // Somebody else may have been quicker.
  const bool done = IsIn(Members(replica_).voters, id);
  return done && !Members(replica_).joint() ? absl::OkStatus() : result;
}

absl::Status GroupChange::Replace(uint64_t id, uint64_t successor,
                                  const MemberInfo& info) {
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  const ConfState members = Members(replica_);
  if (!members.Contains(ReplicaId(id))) return NoMember(id);
  if (id == successor) return CheckIsStranger(members, id);
  TRIMARAN_RETURN_IF_ERROR(CheckMayBecomeVoter(members, successor));
  return BringUp(successor, info,
                 {{raft::ConfChangeType::kAddVoter, ReplicaId(successor)},
                  {raft::ConfChangeType::kRemove, ReplicaId(id)}},
                 [id, successor](const ConfState& now) {
                   return now.Contains(ReplicaId(id))
                              ? CheckIsLearner(now, successor)
                              : NoMember(id);
                 });
}

absl::Status GroupChange::Remove(uint64_t id) {
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  const auto fits = [id](const ConfState& members) {
    return CheckMayLeave(members, id);
  };
  TRIMARAN_RETURN_IF_ERROR(fits(Members(replica_)));
  return Change({{raft::ConfChangeType::kRemove, ReplicaId(id)}}, fits);
}

absl::Status GroupChange::Update(uint64_t id, const MemberInfo& info) {
  // Somebody who has only just become a member is one here as well.
  ReadOptions fresh;
  fresh.timeout = Rest().timeout;
  if (absl::Status status = replica_.AwaitFresh(fresh); !status.ok()) {
    return Refused(std::move(status));
  }
  if (!Members(replica_).Contains(ReplicaId(id))) return NoMember(id);
  return SetMember(id, info);
}

}  // namespace trimaran

#include "replication/raft/membership.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "replication/raft/mutant.h"

namespace trimaran::raft {
namespace {

using Ids = std::vector<ReplicaId>;

bool Has(const Ids& ids, ReplicaId id) {
  return std::binary_search(ids.begin(), ids.end(), id);
}

void Insert(Ids& ids, ReplicaId id) {
  const auto place = std::lower_bound(ids.begin(), ids.end(), id);
  if (place == ids.end() || *place != id) ids.insert(place, id);
}

void Erase(Ids& ids, ReplicaId id) {
  const auto place = std::lower_bound(ids.begin(), ids.end(), id);
  if (place != ids.end() && *place == id) ids.erase(place);
}

void MakeVoter(ConfState& conf, ReplicaId id) {
  Erase(conf.learners, id);
  Erase(conf.learners_next, id);
  Insert(conf.voters, id);
}

void MakeLearner(ConfState& conf, ReplicaId id) {
  Erase(conf.voters, id);
  // Someone who still votes in the outgoing half cannot be a learner yet.
  if (Has(conf.voters_outgoing, id)) {
    Insert(conf.learners_next, id);
  } else {
    Insert(conf.learners, id);
  }
}

void Remove(ConfState& conf, ReplicaId id) {
  Erase(conf.voters, id);
  Erase(conf.learners, id);
  Erase(conf.learners_next, id);
}

absl::StatusOr<Membership> Checked(ConfState conf) {
  if (conf.voters.empty()) {
    return absl::InvalidArgumentError("the change would remove the last voter");
  }
  return Membership(std::move(conf));
}

void ApplySteps(const ConfChange& change, ConfState& conf) {
  for (const ConfChangeStep& step : change.steps) {
    if (step.replica == kNoReplica) continue;
    switch (step.type) {
      case ConfChangeType::kAddVoter:
        MakeVoter(conf, step.replica);
        break;
      case ConfChangeType::kAddLearner:
        MakeLearner(conf, step.replica);
        break;
      case ConfChangeType::kRemove:
        Remove(conf, step.replica);
        break;
    }
  }
}

}  // namespace

Membership::Membership(ConfState conf) : conf_(std::move(conf)) {
  const absl::Status valid = conf_.Validate();
  TRIMARAN_CHECK(valid.ok()) << valid.ToString();
  for (const Ids* ids :
       {&conf_.voters, &conf_.voters_outgoing, &conf_.learners}) {
    for (const ReplicaId id : *ids) Insert(members_, id);
  }
}

bool Membership::Contains(ReplicaId id) const { return Has(members_, id); }

bool Membership::IsVoter(ReplicaId id) const {
  return Has(conf_.voters, id) || Has(conf_.voters_outgoing, id);
}

uint64_t Membership::Reached(
    absl::FunctionRef<uint64_t(ReplicaId)> reached) const {
  if (MutantActive(Mutant::kLearnerCounted)) {
    return MajorityReached(members_, reached);
  }
  if (MutantActive(Mutant::kJointNeedsOneHalf)) {
    return MajorityReached(conf_.voters, reached);
  }
  return std::min(MajorityReached(conf_.voters, reached),
                  MajorityReached(conf_.voters_outgoing, reached));
}

VoteResult Membership::CountVotes(
    absl::FunctionRef<std::optional<bool>(ReplicaId)> vote) const {
  if (MutantActive(Mutant::kJointNeedsOneHalf)) {
    return MajorityVote(conf_.voters, vote);
  }
  return JointVote(MajorityVote(conf_.voters, vote),
                   MajorityVote(conf_.voters_outgoing, vote));
}

absl::StatusOr<Membership> Membership::After(const ConfChange& change) const {
  if (change.leaves_joint()) return AfterLeavingJoint();
  if (change.enters_joint()) return AfterEnteringJoint(change);
  return AfterSimple(change);
}

absl::StatusOr<Membership> Membership::AfterLeavingJoint() const {
  if (!joint()) {
    return absl::FailedPreconditionError(
        "there is no joint configuration to leave");
  }
  ConfState next = conf_;
  for (const ReplicaId id : next.learners_next) Insert(next.learners, id);
  next.learners_next.clear();
  next.voters_outgoing.clear();
  next.auto_leave = false;
  return Checked(std::move(next));
}

absl::StatusOr<Membership> Membership::AfterEnteringJoint(
    const ConfChange& change) const {
  if (joint()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the group is in a joint configuration already: ",
                     conf_.DebugString()));
  }
  if (conf_.voters.empty()) {
    return absl::FailedPreconditionError(
        "a group without voters cannot enter a joint configuration");
  }
  ConfState next = conf_;
  next.voters_outgoing = next.voters;
  next.auto_leave = change.auto_leave();
  ApplySteps(change, next);
  return Checked(std::move(next));
}

absl::StatusOr<Membership> Membership::AfterSimple(
    const ConfChange& change) const {
  if (joint()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the group is in a joint configuration; leave it first: ",
                     conf_.DebugString()));
  }
  // A single step changes at most one voter, so that the old and the new
  // majorities overlap (thesis §4.1).
  ConfState next = conf_;
  ApplySteps(change, next);
  return Checked(std::move(next));
}

}  // namespace trimaran::raft

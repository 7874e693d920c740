#ifndef TRIMARAN_TESTS_SUPPORT_SIM_LEADER_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_LEADER_CHECKER_H_

#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/ids.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// Checks S1: a term has one leader at most.
//
// Thread: owner.
class LeaderChecker {
 public:
  explicit LeaderChecker(Violations& violations) : violations_(violations) {}

  // `replica` leads `term`, or speaks as its leader.
  void OnLeader(ReplicaId replica, Term term) {
    // Terms are counted from a small number on, without large gaps.
    if (term.value() >= leaders_.size()) leaders_.resize(term.value() * 2 + 8);
    ReplicaId& leader = leaders_[term.value()];
    if (leader == kNoReplica) {
      leader = replica;
      ++elections_;
    }
    if (leader == replica) return;
    violations_.Report(
        Rule::kOneLeaderPerTerm,
        absl::StrCat("term ", term.value(), " is led by ", leader.value(),
                     " and by ", replica.value()));
  }

  // The leader of that term, if there was one.
  ReplicaId LeaderOf(Term term) const {
    return term.value() < leaders_.size() ? leaders_[term.value()] : kNoReplica;
  }
  int elections() const { return elections_; }

 private:
  Violations& violations_;
  std::vector<ReplicaId> leaders_;
  int elections_ = 0;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_LEADER_CHECKER_H_

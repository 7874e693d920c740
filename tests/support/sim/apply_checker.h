#ifndef TRIMARAN_TESTS_SUPPORT_SIM_APPLY_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_APPLY_CHECKER_H_

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/ids.h"
#include "tests/support/sim/mix.h"
#include "tests/support/sim/toy_machine.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// Checks S8: state machines that have applied the same position are the same,
// their configuration included.
//
// Thread: owner.
class ApplyChecker {
 public:
  explicit ApplyChecker(Violations& violations) : violations_(violations) {}

  // `replica`'s state machine has reached `state`, by an entry or a snapshot.
  void OnState(ReplicaId replica, const MachineState& state) {
    const uint64_t index = state.applied.index.value();
    if (index >= hashes_.size()) hashes_.resize(index * 2 + 64);
    uint64_t hash = HashOf(state);
    uint64_t& known = hashes_[index];
    if (known == 0) known = hash;
    if (known == hash) return;
    violations_.Report(
        Rule::kSameStateAtSameIndex,
        absl::StrCat("replica ", replica.value(), " differs from another at ",
                     index, "/", state.applied.term.value(), " (",
                     state.conf.DebugString(), ")"));
  }

 private:
  static uint64_t HashOf(const MachineState& state) {
    uint64_t hash = Mix(state.hash, state.applied.term.value());
    const ConfState& conf = state.conf;
    for (const auto* list : {&conf.voters, &conf.voters_outgoing,
                             &conf.learners, &conf.learners_next}) {
      hash = Mix(hash, list->size());
      for (const ReplicaId id : *list) hash = Mix(hash, id.value());
    }
    return Mix(hash, conf.auto_leave) | 1;
  }

  Violations& violations_;
  // By index; 0 where nobody has been yet.
  std::vector<uint64_t> hashes_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_APPLY_CHECKER_H_

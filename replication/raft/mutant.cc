#include "replication/raft/mutant.h"

#include <cstddef>
#include <string_view>

#include "engine/base/mutant.h"

namespace trimaran::raft {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {
    "none",
    "vote_cleared_in_same_term",
    "two_votes_in_one_term",
    "vote_before_persist",
    "candidacy_before_persist",
    "vote_compares_length_only",
    "old_term_votes_counted",
    "pre_vote_counted_as_vote",
    "rejection_counted_as_grant",
    "campaign_with_unapplied_conf_change",
    "commit_old_term_by_counting",
    "commit_not_capped_to_slice",
    "heartbeat_commit_not_capped",
    "ack_last_instead_of_covered",
    "ack_before_persist",
    "self_counted_before_persist",
    "apply_before_durable",
    "persist_aba",
    "truncate_on_matching_append",
    "late_reject_moves_match_back",
    "compacted_term_is_zero",
    "read_without_round",
    "read_round_reused",
    "read_before_own_term_commit",
    "lease_kept_during_transfer",
    "learner_counted",
    "joint_needs_one_half",
    "removed_leader_counts_itself",
    "conf_change_while_one_is_pending",
    "snapshot_conf_ignored",
    "snapshot_drops_matching_tail",
};

static_assert(sizeof(kNames) / sizeof(kNames[0]) ==
              static_cast<size_t>(Mutant::kSnapshotDropsMatchingTail) + 1);

}  // namespace

bool MutantActive(Mutant mutant) {
  static const auto active = static_cast<Mutant>(ActiveMutant(kNames));
  return mutant == active;
}

}  // namespace trimaran::raft

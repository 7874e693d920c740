#include "replication/node/mutant.h"

#include <cstddef>
#include <string_view>

#include "engine/base/mutant.h"

namespace trimaran {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {
    "none",
    "sent_before_durable",
    "durable_when_submitted",
    "amnesia_ignored",
    "replaced_proposal_answered",
    "expired_means_not_applied",
    "retry_under_new_sequence",
    "passed_on_means_one_attempt",
    "lost_session_is_a_refusal",
    "skipped_proposals_forgotten",
    "queue_bytes_kept",
    "stop_leaves_forwarded",
    "read_with_own_applied",
    "read_joins_an_earlier_round",
    "bounded_read_unbounded",
    "alone_despite_learners",
    "stop_leaves_readers",
    "commit_news_forgotten",
    "feed_forgets_what_it_dropped",
    "second_failure_ends_nothing",
};
static_assert(sizeof(kNames) / sizeof(kNames[0]) ==
              static_cast<size_t>(Mutant::kSecondFailureEndsNothing) + 1);

}  // namespace

bool MutantActive(Mutant mutant) {
  static const auto active = static_cast<Mutant>(ActiveMutant(kNames));
  return mutant == active;
}

}  // namespace trimaran

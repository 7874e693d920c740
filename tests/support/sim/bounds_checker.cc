#include "tests/support/sim/bounds_checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/log_types.h"

namespace trimaran::sim {

void BoundsChecker::Limit(ReplicaId replica, const char* what, uint64_t value,
                          uint64_t limit) {
  if (value <= limit) return;
  violations_.Report(Rule::kBoundedQueues,
                     absl::StrCat("replica ", replica.value(), ": ", what, " ",
                                  value, " > ", limit));
}

void BoundsChecker::OnStatus(const raft::RaftStatus& status) {
  const uint64_t volatile_entries = status.last.index - status.durable;
  if (status.window_entries > volatile_entries) {
    Limit(status.id, "durable entries in memory",
          status.window_entries - volatile_entries, config_.window_entries_max);
  }
  if (volatile_entries == 0) {
    Limit(status.id, "window bytes", status.window_bytes,
          config_.window_bytes_max);
  }
  // A proposal larger than the limit is let through alone.
  Limit(status.id, "uncommitted bytes", status.uncommitted_bytes,
        std::max(config_.uncommitted_bytes_max, proposal_bytes_max_));
  Limit(status.id, "pending reads", status.pending_reads,
        config_.pending_reads_max);
  for (const raft::PeerStatus& peer : status.peers) {
    Limit(status.id, "appends in flight", peer.inflight_messages,
          config_.inflight_messages_max);
    // The append that fills the window may stand out of it.
    Limit(status.id, "bytes in flight", peer.inflight_bytes,
          config_.inflight_bytes_max +
              std::max(config_.append_bytes_max, proposal_bytes_max_));
  }
}

void BoundsChecker::OnAppend(ReplicaId from, const raft::MsgApp& append) {
  if (append.entries.size() <= 1) return;
  Limit(from, "entries of an append", append.entries.size(),
        config_.append_entries_max);
  Limit(from, "bytes of an append", SizeBytes(append.entries),
        config_.append_bytes_max);
}

void BoundsChecker::OnApplying(ReplicaId replica, const Applying& applying) {
  // Only the page that was allowed last may stand out of the limits, and only
  // by being a single entry.
  if (applying.pages > 1) {
    Limit(replica, "bytes to apply before the last page",
          applying.bytes - applying.newest_bytes, config_.apply_bytes_max);
    Limit(replica, "entries to apply", applying.entries,
          config_.apply_entries_max);
  }
  if (applying.newest_entries > 1) {
    Limit(replica, "bytes to apply", applying.bytes, config_.apply_bytes_max);
    Limit(replica, "entries to apply", applying.entries,
          config_.apply_entries_max);
  }
}

}  // namespace trimaran::sim

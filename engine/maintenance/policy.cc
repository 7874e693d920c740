#include "engine/maintenance/policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace trimaran::engine {
namespace {

absl::Status NotPositive(const char* option) {
  return absl::InvalidArgumentError(
      absl::StrCat("maintenance: ", option, " must be at least 1"));
}

// The last entry that is compacted; `first` is the one behind it.
LogIndex Truncated(const MaintenanceFacts& facts) {
  return facts.first == LogIndex() ? LogIndex() : facts.first - 1;
}

}  // namespace

absl::Status ValidateMaintenanceOptions(const MaintenanceOptions& options) {
  if (options.log_entries_limit == 0) return NotPositive("log_entries_limit");
  if (options.log_bytes_limit == 0) return NotPositive("log_bytes_limit");
  if (options.checkpoint_entries_limit == 0) {
    return NotPositive("checkpoint_entries_limit");
  }
  if (options.checkpoint_bytes_limit == 0) {
    return NotPositive("checkpoint_bytes_limit");
  }
  if (options.free_bytes_accept < options.free_bytes_refuse) {
    return absl::InvalidArgumentError(absl::StrCat(
        "maintenance: free_bytes_accept is ", options.free_bytes_accept,
        ", below free_bytes_refuse, ", options.free_bytes_refuse));
  }
  if (options.free_bytes_refuse < options.free_bytes_stop) {
    return absl::InvalidArgumentError(absl::StrCat(
        "maintenance: free_bytes_refuse is ", options.free_bytes_refuse,
        ", below free_bytes_stop, ", options.free_bytes_stop));
  }
  return absl::OkStatus();
}

std::optional<LogIndex> DecideCompaction(const MaintenanceFacts& facts,
                                         const MaintenanceOptions& options) {
  if (facts.applied <= facts.first) return std::nullopt;
  if (facts.applied - facts.first < options.log_entries_limit &&
      facts.log_bytes < options.log_bytes_limit) {
    return std::nullopt;
  }
  // The last applied entry stays, so that the log is never empty and the term
  // of what follows it is known.
  LogIndex target = facts.applied - 1;
  if (facts.slowest_match.has_value() && *facts.slowest_match < target &&
      facts.applied - *facts.slowest_match <= options.log_entries_limit) {
    target = *facts.slowest_match;
  }
  // One replica that gets a snapshot must not stop the writes of all: it is
  // given another one when there is room again.
  const bool has_room = DecideSpace(facts, options) == SpaceState::kOk;
  if (facts.pinned.has_value() && has_room) {
    target = std::min(target, *facts.pinned);
  }
  if (target < facts.first) return std::nullopt;
  return target;
}

bool ShouldCheckpoint(const MaintenanceFacts& facts,
                      const MaintenanceOptions& options) {
  if (facts.applied <= facts.durable_applied) return false;
  const SpaceState space = DecideSpace(facts, options);
  if (space == SpaceState::kTakeNothing) return false;
  if (facts.applied - facts.durable_applied >=
          options.checkpoint_entries_limit ||
      facts.bytes_since_checkpoint >= options.checkpoint_bytes_limit) {
    return true;
  }
  // Nothing but a checkpoint lets the log give back what is compacted.
  const bool log_waits = Truncated(facts) > facts.durable_applied;
  return log_waits && space == SpaceState::kRefuseWrites;
}

SpaceState DecideSpace(const MaintenanceFacts& facts,
                       const MaintenanceOptions& options) {
  const uint64_t enough = facts.space == SpaceState::kOk
                              ? options.free_bytes_refuse
                              : options.free_bytes_accept;
  if (facts.free_bytes >= enough) return SpaceState::kOk;
  const uint64_t some = facts.space == SpaceState::kTakeNothing
                            ? 2 * options.free_bytes_stop
                            : options.free_bytes_stop;
  return facts.free_bytes < some ? SpaceState::kTakeNothing
                                 : SpaceState::kRefuseWrites;
}

MaintenanceDecision DecideMaintenance(const MaintenanceFacts& facts,
                                      const MaintenanceOptions& options) {
  MaintenanceDecision decision;
  decision.compact_to = DecideCompaction(facts, options);
  decision.checkpoint = ShouldCheckpoint(facts, options);
  decision.recycle_to = std::min(Truncated(facts), facts.durable_applied);
  decision.space = DecideSpace(facts, options);
  return decision;
}

}  // namespace trimaran::engine

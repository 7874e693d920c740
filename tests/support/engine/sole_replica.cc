#include "tests/support/engine/sole_replica.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "tests/support/engine/numbered_entries.h"

namespace trimaran::engine {
ConfState SoleConf() {
  ConfState conf;
  conf.voters = {ReplicaId(1)};
  return conf;
}

absl::StatusOr<std::vector<CommittedEntry>> ReadCommitted(const LogStore& log,
                                                          LogIndex first,
                                                          LogIndex end) {
  TRIMARAN_ASSIGN_OR_RETURN(std::vector<LogEntry> entries,
                            log.Entries(first, end, ReadLimits()));
  std::vector<CommittedEntry> committed;
  committed.reserve(entries.size());
  for (LogEntry& entry : entries) {
    const bool changes_members = entry.type == EntryType::kConfChange;
    committed.push_back({.entry = std::move(entry), .conf = std::nullopt});
    if (changes_members) committed.back().conf = SoleConf();
  }
  return committed;
}

absl::StatusOr<SoleReplica> SoleReplica::Start(Engine& engine) {
  TRIMARAN_ASSIGN_OR_RETURN(const StartState start, engine.start_state());
  HardState hard_state = start.hard_state;
  hard_state.term = hard_state.term + 1;
  hard_state.vote = ReplicaId(1);
  return SoleReplica(engine, hard_state);
}

absl::Status SoleReplica::AppendNumbered(uint64_t seed, uint64_t count) {
  TRIMARAN_CHECK_LE(count, kNumberedKept);
  std::vector<LogEntry> entries;
  EntryId id{last().index, term()};
  for (uint64_t i = 0; i < count; ++i) {
    ++id.index;
    EntryId compact{CompactedBy(seed, id.index), Term()};
    if (compact.index > LogIndex()) {
      TRIMARAN_ASSIGN_OR_RETURN(compact.term,
                                engine_.log().TermAt(compact.index));
    }
    entries.push_back(NumberedEntry(seed, id, compact.term));
  }
  return Append(std::move(entries));
}

absl::Status SoleReplica::Append(std::vector<LogEntry> entries) {
  if (!entries.empty()) hard_state_.commit = entries.back().index;
  return engine_.log().Append(
      {.entries = entries, .hard_state = hard_state_, .must_sync = true});
}

absl::Status SoleReplica::ApplyAll(uint64_t batch_max) {
  while (true) {
    const LogIndex applied = engine_.machine().applied().applied.id.index;
    const LogIndex end = last().index + 1;
    if (applied + 1 == end) return absl::OkStatus();
    TRIMARAN_ASSIGN_OR_RETURN(
        const std::vector<CommittedEntry> entries,
        ReadCommitted(engine_.log(), applied + 1,
                      std::min(end, applied + 1 + batch_max)));
    TRIMARAN_RETURN_IF_ERROR(engine_.Apply(entries).status());
  }
}

}  // namespace trimaran::engine

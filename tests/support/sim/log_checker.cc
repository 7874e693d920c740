#include "tests/support/sim/log_checker.h"

#include "absl/strings/str_cat.h"
#include "tests/support/sim/toy_machine.h"

namespace trimaran::sim {
namespace {

// Runs are far too short for either number to outgrow its half.
uint64_t KeyOf(EntryId id) {
  return id.term.value() << 32 | (id.index.value() & 0xffffffff);
}

}  // namespace

LogChecker::LogChecker(EntryId start, Violations& violations)
    : start_(start), violations_(violations) {}

void LogChecker::OnEntry(ReplicaId replica, Term prev_term,
                         const LogEntry& entry) {
  const Seen now{prev_term, ContentHash(entry)};
  const auto [found, inserted] = seen_.try_emplace(KeyOf(entry.id()), now);
  if (inserted) return;
  const Seen& before = found->second;
  if (before.content == now.content && before.prev_term == now.prev_term) {
    return;
  }
  violations_.Report(
      Rule::kLogMatching,
      absl::StrCat("replica ", replica.value(), " has another entry ",
                   entry.index.value(), "/", entry.term.value(),
                   " than was seen before (after term ", prev_term.value(),
                   " and ", before.prev_term.value(), ")"));
}

std::optional<Term> LogChecker::CommittedTermAt(LogIndex index) const {
  if (index == start_.index) return start_.term;
  if (index < start_.index || index > last()) return std::nullopt;
  return commits_[index - (start_.index + 1)].term;
}

void LogChecker::Committed(ReplicaId replica, EntryId id,
                           std::optional<Term> leader_term) {
  if (id.index < start_.index) return;
  if (const std::optional<Term> known = CommittedTermAt(id.index)) {
    if (*known == id.term) return;
    violations_.Report(
        Rule::kCommittedNeverChanges,
        absl::StrCat("replica ", replica.value(), " commits ", id.index.value(),
                     "/", id.term.value(), ", but term ", known->value(),
                     " is committed there"));
    return;
  }
  if (!leader_term || id.index != last() + 1) {
    violations_.Report(
        Rule::kCommittedNeverChanges,
        absl::StrCat("replica ", replica.value(), " takes ", id.index.value(),
                     "/", id.term.value(),
                     " for committed, which no leader has decided (up to ",
                     last().value(), ")"));
    return;
  }
  commits_.push_back({id.term, *leader_term});
}

void LogChecker::LeaderLacks(ReplicaId replica, Term term, LogIndex index) {
  violations_.Report(
      Rule::kLeaderCompleteness,
      absl::StrCat("replica ", replica.value(), " leads term ", term.value(),
                   " without the committed entry ", index.value(), "/",
                   CommittedTermAt(index)->value()));
}

}  // namespace trimaran::sim

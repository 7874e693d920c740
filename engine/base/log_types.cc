#include "engine/base/log_types.h"

#include "absl/strings/str_cat.h"

namespace trimaran {

uint64_t SizeBytes(const std::vector<LogEntry>& entries) {
  uint64_t total = 0;
  for (const LogEntry& entry : entries) total += entry.size_bytes();
  return total;
}

absl::Status LogSlice::Validate() const {
  return ValidateSlice(leader_term, prev, entries);
}

absl::Status ValidateSlice(Term leader_term, EntryId prev,
                           absl::Span<const LogEntry> entries) {
  if (prev.index > kMaxLogIndex - entries.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("index out of range: ", prev.index.value(), " + ",
                     entries.size(), " entries"));
  }
  if ((prev.index == LogIndex()) != (prev.term == Term())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "previous entry ", prev.index.value(), " of term ", prev.term.value()));
  }
  if (prev.term > leader_term) {
    return absl::InvalidArgumentError(
        absl::StrCat("previous entry of term ", prev.term.value(),
                     " from a leader of term ", leader_term.value()));
  }
  EntryId before = prev;
  for (const LogEntry& entry : entries) {
    if (entry.index != before.index + 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry ", entry.index.value(), " follows entry ",
                       before.index.value()));
    }
    if (entry.term < before.term || entry.term == Term() ||
        entry.term > leader_term) {
      return absl::InvalidArgumentError(absl::StrCat(
          "entry ", entry.index.value(), " of term ", entry.term.value(),
          " follows term ", before.term.value(), " from a leader of term ",
          leader_term.value()));
    }
    before = entry.id();
  }
  return absl::OkStatus();
}

}  // namespace trimaran

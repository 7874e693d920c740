#include "replication/raft/term_runs.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "replication/raft/mutant.h"

namespace trimaran::raft {

TermRuns::TermRuns(EntryId boundary, std::vector<TermRun> runs, LogIndex last)
    : boundary_(boundary), runs_(std::move(runs)), last_(last) {
  TRIMARAN_CHECK_EQ(runs_.empty(), last_ == boundary_.index);
}

std::optional<Term> TermRuns::At(LogIndex index) const {
  if (index == boundary_.index) return boundary_.term;
  if (index < boundary_.index || index > last_) {
    if (MutantActive(Mutant::kCompactedTermIsZero)) return Term();
    return std::nullopt;
  }
  // Nearly every question is about the newest run.
  if (index >= runs_.back().first) return runs_.back().term;
  const auto after = std::upper_bound(
      runs_.begin(), runs_.end(), index,
      [](LogIndex value, const TermRun& run) { return value < run.first; });
  return std::prev(after)->term;
}

EntryId TermRuns::LastNotAfterTerm(LogIndex index, Term term) const {
  LogIndex end = std::min(index, last_);
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (end >= run->first && run->term <= term) return {end, run->term};
    end = std::min(end, run->first - 1);
  }
  if (end == boundary_.index && boundary_.term <= term) return boundary_;
  // Below the boundary, or at it with too late a term: what is there is not
  // known any more.
  if (end == boundary_.index && end > LogIndex()) end = end - 1;
  return {end, Term()};
}

void TermRuns::Append(Term term) {
  ++last_;
  if (runs_.empty() || runs_.back().term != term) {
    TRIMARAN_CHECK(runs_.empty() || runs_.back().term < term)
        << "term " << term << " after " << runs_.back().term;
    runs_.push_back({last_, term});
  }
}

void TermRuns::TruncateFrom(LogIndex first) {
  TRIMARAN_CHECK_GT(first, boundary_.index);
  if (first > last_) return;
  while (!runs_.empty() && runs_.back().first >= first) runs_.pop_back();
  last_ = first - 1;
}

void TermRuns::CompactTo(LogIndex index) {
  const std::optional<Term> term = At(index);
  TRIMARAN_CHECK(term.has_value()) << "compacting to " << index;
  boundary_ = {index, *term};
  auto keep = runs_.begin();
  while (keep != runs_.end() && (std::next(keep) == runs_.end()
                                     ? last_
                                     : std::next(keep)->first - 1) <= index) {
    ++keep;
  }
  runs_.erase(runs_.begin(), keep);
  if (!runs_.empty()) {
    runs_.front().first = std::max(runs_.front().first, index + 1);
  }
}

void TermRuns::Reset(EntryId boundary) {
  boundary_ = boundary;
  last_ = boundary.index;
  runs_.clear();
}

}  // namespace trimaran::raft

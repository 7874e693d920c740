#include "engine/log/record_index.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran::engine {

void RecordIndex::Restart(const LogPosition& position) {
  boundary_ = position;
  last_ = position;
  records_.clear();
  runs_.clear();
  conf_changes_.clear();
}

void RecordIndex::TruncateAfter(LogIndex index) {
  while (!records_.empty() && records_.back().first > index) {
    records_.pop_back();
  }
  if (!records_.empty()) {
    RecordRef& tail = records_.back();
    tail.count = std::min(tail.count, index + 1 - tail.first);
  }
  while (!runs_.empty() && runs_.back().first > index) runs_.pop_back();
  while (!conf_changes_.empty() && conf_changes_.back() > index) {
    conf_changes_.pop_back();
  }
}

void RecordIndex::Replace(const RecordEntries& added) {
  TRIMARAN_CHECK_EQ(added.ref.first, added.before.id.index + 1);
  TRIMARAN_CHECK_EQ(added.ref.end(), added.after.id.index + 1);
  TRIMARAN_CHECK_GT(added.ref.count, 0u);
  if (added.before.id.index < boundary_.id.index) Restart(added.before);
  TRIMARAN_CHECK_LE(added.before.id.index, last_.id.index);
  TruncateAfter(added.before.id.index);
  TRIMARAN_CHECK(records_.empty() ||
                 records_.back().segment <= added.ref.segment);
  records_.push_back(added.ref);
  for (const TermRun& run : added.runs) {
    if (runs_.empty() || runs_.back().term != run.term) runs_.push_back(run);
  }
  conf_changes_.insert(conf_changes_.end(), added.conf_changes.begin(),
                       added.conf_changes.end());
  last_ = added.after;
}

void RecordIndex::DropSegments(uint64_t oldest) {
  LogPosition boundary = boundary_;
  while (!records_.empty() && records_.front().segment < oldest) {
    const LogIndex end = records_.front().end();
    boundary.id = {end - 1, TermAt(end - 1).value_or(Term())};
    records_.pop_front();
    boundary.chain =
        records_.empty() ? last_.chain : records_.front().chain_before;
  }
  boundary_ = boundary;
  const LogIndex first = boundary_.id.index + 1;
  while (!runs_.empty() &&
         (runs_.size() > 1 ? runs_[1].first <= first : records_.empty())) {
    runs_.pop_front();
  }
  if (!runs_.empty()) {
    runs_.front().first = std::max(runs_.front().first, first);
  }
  while (!conf_changes_.empty() && conf_changes_.front() < first) {
    conf_changes_.pop_front();
  }
}

uint64_t RecordIndex::FirstSegmentNeeded(LogIndex bound,
                                         uint64_t newest) const {
  for (const RecordRef& record : records_) {
    if (record.segment >= newest) break;
    if (record.end() > bound + 1) return record.segment;
  }
  return newest;
}

size_t RecordIndex::FindPlace(LogIndex index) const {
  TRIMARAN_CHECK_GT(index, boundary_.id.index);
  TRIMARAN_CHECK_LE(index, last_.id.index);
  const auto next = std::upper_bound(
      records_.begin(), records_.end(), index,
      [](LogIndex wanted, const RecordRef& ref) { return wanted < ref.first; });
  return static_cast<size_t>(next - records_.begin()) - 1;
}

const RecordRef& RecordIndex::Find(LogIndex index) const {
  return records_[FindPlace(index)];
}

size_t RecordIndex::RunOf(LogIndex index) const {
  const auto next = std::upper_bound(
      runs_.begin(), runs_.end(), index,
      [](LogIndex wanted, const TermRun& run) { return wanted < run.first; });
  TRIMARAN_CHECK(next != runs_.begin()) << "no term of entry " << index;
  return static_cast<size_t>(next - runs_.begin()) - 1;
}

std::optional<Term> RecordIndex::TermAt(LogIndex index) const {
  if (index < boundary_.id.index || index > last_.id.index) {
    return std::nullopt;
  }
  if (index == boundary_.id.index) return boundary_.id.term;
  return runs_[RunOf(index)].term;
}

std::optional<ChainValue> RecordIndex::KnownChainAt(LogIndex index) const {
  if (index == last_.id.index) return last_.chain;
  if (index == boundary_.id.index) return boundary_.chain;
  if (index < boundary_.id.index || index > last_.id.index) {
    return std::nullopt;
  }
  const RecordRef& next = Find(index + 1);
  if (next.first != index + 1) return std::nullopt;
  return next.chain_before;
}

std::vector<TermRun> RecordIndex::TermsAfter(LogIndex after) const {
  std::vector<TermRun> result;
  after = std::max(after, boundary_.id.index);
  if (after >= last_.id.index) return result;
  for (size_t i = RunOf(after + 1); i < runs_.size(); ++i) {
    result.push_back({std::max(runs_[i].first, after + 1), runs_[i].term});
  }
  return result;
}

std::vector<LogIndex> RecordIndex::ConfChangesAfter(LogIndex after) const {
  const auto first =
      std::upper_bound(conf_changes_.begin(), conf_changes_.end(), after);
  return {first, conf_changes_.end()};
}

}  // namespace trimaran::engine

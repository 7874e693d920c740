#include "engine/maintenance/rows_check.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"

namespace trimaran::engine {

void SummaryFilter::Add(StateRecord row) {
  if (!usable_) return;
  const absl::StatusOr<bool> admitted = filter_.Admit(row);
  usable_ = admitted.ok();
  if (!usable_ || !*admitted) return;
  usable_ = summarizer_.Add(row.key, row.value).ok();
}

std::optional<StateSummary> SummaryFilter::Finish() const {
  if (!usable_) return std::nullopt;
  return summarizer_.Finish();
}

RowsCheck::RowsCheck(const StateSource& source, VerifyDepth depth,
                     const WorkProgress& work, CheckResult& result)
    : depth_(depth),
      result_(result),
      first_row_(FamilyPrefix(source.group, FamilyId(0))),
      checker_(source, result),
      summary_(source.group),
      progress_(work) {}

absl::StatusOr<bool> RowsCheck::Step(NextRow next, uint64_t rows_max,
                                     const WorkWatcher& watcher) {
  for (uint64_t count = 0; count < rows_max; ++count) {
    StateRecord row;
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, Read(next, row));
    if (!more) return false;
    checker_.Add(row.key, row.value);
    summary_.Add(row);
    TRIMARAN_RETURN_IF_ERROR(
        progress_.Count(row.key.size() + row.value.size(), watcher));
  }
  return true;
}

absl::StatusOr<bool> RowsCheck::Read(NextRow next, StateRecord& row) {
  const absl::StatusOr<bool> more = next(row);
  if (!more.ok()) {
    complete_ = false;
    TRIMARAN_RETURN_IF_ERROR(Judge("the rows", more.status(), result_));
    return false;
  }
  if (*more && depth_ == VerifyDepth::kQuick && row.key >= first_row_) {
    complete_ = false;
    return false;
  }
  return *more;
}

StateFacts RowsCheck::Finish() {
  checker_.Finish();
  StateFacts facts;
  if (checker_.apply_state().has_value()) {
    facts.applied = checker_.apply_state()->state;
  }
  if (complete_) facts.summary = summary_.Finish();
  const bool left_out = depth_ == VerifyDepth::kQuick && !complete_;
  result_.Summarize(absl::StrCat(
      "applied ",
      facts.applied.has_value() ? facts.applied->applied.id.index.value() : 0,
      ", ",
      left_out ? "rows not read, " : absl::StrCat(checker_.rows(), " rows in "),
      checker_.families(), " families, ", checker_.sessions(), " sessions"));
  return facts;
}

absl::StatusOr<StateFacts> CheckRows(const RowsToCheck& rows,
                                     const VerifyOptions& options,
                                     CheckResult& result) {
  RowsCheck check(rows.source, options.depth, rows.work, result);
  TRIMARAN_RETURN_IF_ERROR(check
                               .Step(rows.next,
                                     std::numeric_limits<uint64_t>::max(),
                                     options.progress)
                               .status());
  return check.Finish();
}

}  // namespace trimaran::engine

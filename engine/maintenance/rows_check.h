#ifndef TRIMARAN_ENGINE_MAINTENANCE_ROWS_CHECK_H_
#define TRIMARAN_ENGINE_MAINTENANCE_ROWS_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/work_progress.h"
#include "engine/format/state_summary.h"
#include "engine/kv/transfer.h"
#include "engine/maintenance/replicated_rows.h"
#include "engine/maintenance/state_checker.h"
#include "engine/maintenance/verifier.h"
#include "engine/maintenance/verify_checks.h"

namespace trimaran::engine {

// The summary of the replicated part of a state.
//
// Thread: owner.
class SummaryFilter {
 public:
  explicit SummaryFilter(GroupId group) : summarizer_(group) {}

  // Rows in the order of their keys. Stops for good at the first one that
  // breaks a rule, which the checker has reported.
  void Add(StateRecord row);
  // Empty if it has stopped.
  std::optional<StateSummary> Finish() const;

 private:
  ReplicatedFilter filter_;
  StateSummarizer summarizer_;
  bool usable_ = true;
};

// The check of a state's rows, as many at a time as its owner wants to look at.
//
// Thread: owner.
class RowsCheck {
 public:
  // `result`, and the name in `work`, outlive the check. `work` says how much
  // there is to do, as far as is known.
  RowsCheck(const StateSource& source, VerifyDepth depth,
            const WorkProgress& work, CheckResult& result);
  RowsCheck(const RowsCheck&) = delete;
  RowsCheck& operator=(const RowsCheck&) = delete;

  // Looks at up to `rows_max` rows, and says whether there are more.
  absl::StatusOr<bool> Step(NextRow next, uint64_t rows_max,
                            const WorkWatcher& watcher);
  // After the last of them.
  StateFacts Finish();

 private:
  // False if there is nothing more to look at.
  absl::StatusOr<bool> Read(NextRow next, StateRecord& row);

  const VerifyDepth depth_;
  CheckResult& result_;
  // What stands before the rows of families is all that kQuick looks at.
  const std::string first_row_;
  StateChecker checker_;
  SummaryFilter summary_;
  ProgressCounter progress_;
  bool complete_ = true;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_ROWS_CHECK_H_

#ifndef TRIMARAN_ENGINE_MAINTENANCE_READ_ONLY_LOG_H_
#define TRIMARAN_ENGINE_MAINTENANCE_READ_ONLY_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/log/log_reader.h"
#include "engine/log/log_store.h"

namespace trimaran::engine {

// The log of a store that nobody has open, as opening the store would find it,
// and without mending anything: what a crash has torn is left out and left
// where it is.
//
// Thread: any.
class ReadOnlyLog final : public LogStore {
 public:
  // Reads all of the log and checks it. The errors of ReadLog. `files` must
  // outlive the log; `visitor` may be null.
  static absl::StatusOr<std::unique_ptr<ReadOnlyLog>> Open(
      FileSystem& files, std::string_view directory, LogVisitor* visitor);

  const LogScan& scan() const { return scan_; }

  // FailedPrecondition: it is only read.
  absl::Status Append(const LogBatch& batch) override;
  absl::Status Reset(const LogReset& reset) override;
  absl::Status Flush() override;
  absl::Status Owe(EntryId owed) override;
  absl::StatusOr<bool> RecycleStep(LogIndex bound) override;
  // Does nothing.
  void Compact(LogIndex truncated) override;

  LogState state() const override;
  absl::Status failure() const override { return absl::OkStatus(); }
  // The boundary: all that is there is shown.
  LogIndex truncated() const override;
  uint64_t file_bytes() const override;

  absl::StatusOr<std::vector<LogEntry>> Entries(
      LogIndex first, LogIndex end, const ReadLimits& limits) const override;
  absl::StatusOr<Term> TermAt(LogIndex at) const override;
  absl::StatusOr<ChainValue> ChainAt(LogIndex at) const override;
  std::vector<TermRun> TermsAfter(LogIndex after) const override;
  std::vector<LogIndex> ConfChangesAfter(LogIndex after) const override;

 private:
  explicit ReadOnlyLog(LogScan scan) : scan_(std::move(scan)) {}

  const RecordIndex& index() const { return scan_.image.index(); }
  // Whether it is an entry, or the boundary.
  absl::Status CheckInLog(LogIndex at) const;

  const LogScan scan_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_READ_ONLY_LOG_H_

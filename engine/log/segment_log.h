#ifndef TRIMARAN_ENGINE_LOG_SEGMENT_LOG_H_
#define TRIMARAN_ENGINE_LOG_SEGMENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/base/mutex.h"
#include "engine/base/region.h"
#include "engine/log/floor.h"
#include "engine/log/log_image.h"
#include "engine/log/log_reader.h"
#include "engine/log/log_store.h"
#include "engine/log/segment_pool.h"

namespace trimaran::engine {

struct SegmentLogOptions {
  // Both must outlive the log.
  FileSystem* files = nullptr;
  const Clock* clock = nullptr;
  Logger logger;
  StoreId store;
  // Of the segments; nobody else writes there.
  std::string directory;
  std::string floor_path;
  // A multiple of 4096, from 16 KiB to 1 GiB.
  uint64_t segment_bytes = uint64_t{16} << 20;
  // Files kept for segments to come, at least 1.
  size_t spares_max = 2;
  // How old the floor may be under load.
  absl::Duration floor_interval = absl::Seconds(1);
};

// What opening has found and mended.
struct RecoveryReport {
  uint64_t record_count = 0;
  uint64_t entry_count = 0;
  uint64_t bytes = 0;
  // Of a record that was cut off at the end (LogScan::torn_bytes).
  uint64_t torn_bytes = 0;
  bool header_repaired = false;
  bool floor_repaired = false;
  // What the log has lost, for people; empty if it has lost nothing
  // (LogState::owed).
  std::string regression;
};

// The raft log in segment files. Each Append that has to be durable is one
// record, one write and one sync; a file never changes its size or name while
// it is in use. FORMAT.md, sections 2 and 3.
//
// Invariants:
//  1. At most one record is not durable, the last one; so damage before it is
//     told from what a crash has torn.
//  2. A segment is used again only after the record that trims it is durable.
//  3. Unless `owed` is set, the floor is not beyond the log.
//  4. After an error of a write or a sync of the log or of the floor, or of a
//     sync of the directory, nothing is written any more. Making and removing
//     files beside the log harms nothing: it can be tried again.
//
// Thread: as LogStore says; WriteFloor is a writing call.
class SegmentLog final : public LogStore {
 public:
  // InvalidArgument if the position is impossible, or beyond the commit.
  static absl::Status ValidateReset(const LogReset& reset);

  // Makes a log that begins after `start.position`, durably, and its floor.
  // InvalidArgument, naming the option, for bad options. The directory is made
  // if it is not there. What an earlier Create left unfinished is replaced;
  // AlreadyExists, and nothing happens, if there is a log with records.
  static absl::Status Create(const SegmentLogOptions& options,
                             const LogReset& start);

  struct Opened {
    std::unique_ptr<SegmentLog> log;
    RecoveryReport report;
  };
  // Reads all of the log, mends what a crash has left, and makes certain that
  // what was read stays. The errors of ReadLog and FloorFile::Open;
  // Corruption, naming both, if log or floor are of another store. `options`
  // need not have the segment size that the log was made with. On a full disk
  // 20 KiB are enough.
  static absl::StatusOr<Opened> Open(const SegmentLogOptions& options);

  ~SegmentLog() override = default;

  absl::Status Append(const LogBatch& batch) override;
  absl::Status Reset(const LogReset& reset) override;
  // Writes the floor as well. To be called before the end of the log's life;
  // without it, what batches without must_sync left behind is lost.
  absl::Status Flush() override;
  absl::Status Owe(EntryId owed) override;
  void Compact(LogIndex truncated) override;
  // One call writes one trim, or removes one file that is too much, or prepares
  // a part of the next segment. Where space is short, all of these can fail
  // and be tried again, and a trim needs none.
  absl::StatusOr<bool> RecycleStep(LogIndex bound) override;

  // Brings the floor up to what is durable: to be called after something else
  // has become durable that relies on the log, such as a checkpoint.
  absl::Status WriteFloor();

  LogState state() const override;
  absl::Status failure() const override;
  LogIndex truncated() const override;
  uint64_t file_bytes() const override;
  absl::StatusOr<std::vector<LogEntry>> Entries(
      LogIndex first, LogIndex end, const ReadLimits& limits) const override;
  absl::StatusOr<Term> TermAt(LogIndex index) const override;
  absl::StatusOr<ChainValue> ChainAt(LogIndex index) const override;
  std::vector<TermRun> TermsAfter(LogIndex after) const override;
  std::vector<LogIndex> ConfChangesAfter(LogIndex after) const override;

 private:
  // Where the next record goes.
  struct Tail {
    SegmentFile segment;
    uint64_t sequence = 0;
    uint64_t offset = 0;
  };
  // What readers and the writer share.
  struct Shared {
    LogImage image;
    std::map<uint64_t, SegmentFile> segments;
    // With what batches without must_sync said.
    HardState hard_state;
    LogIndex compacted;
    std::optional<EntryId> owed;
    // How often entries were replaced: a read in several steps must not put
    // entries of two histories together.
    uint64_t replacements = 0;
    absl::Status failure;
  };
  // Records that stand one behind the other, and what they have of a read.
  struct ReadPlan;

  SegmentLog(const SegmentLogOptions& options, FloorFile floor, LogScan scan);

  absl::Status Recover(const LogTail& tail, const FloorVerdict& verdict);
  absl::Status RewriteTail(const LogTail& tail);
  absl::Status MakeRoomToOpen(const RecordFields& fence);

  absl::Status CheckBatch(const LogBatch& batch, const RecordFields& fields);
  absl::Status CheckReset(const LogReset& reset) const;
  absl::Status CheckHardState(const HardState& next) const;
  absl::Status DoMaintenance(LogIndex bound);
  absl::Status FreeSegments(uint64_t oldest);
  bool HasMaintenance(LogIndex bound) const;
  uint64_t FirstSegmentNeeded(LogIndex bound) const;
  bool WantsSpare() const;

  // A record after the last entry, with the hard state if that is not durable.
  RecordFields NextFields(LogRecordKind kind) const;
  // To be called before anything of the record is written: if its segment is
  // full and there is no other, nothing has happened.
  absl::Status MakeRoom(const RecordFields& fields,
                        absl::Span<const LogEntry> entries);
  absl::Status WriteRecord(const RecordFields& fields,
                           absl::Span<const LogEntry> entries);
  // Returns the header that is to be written.
  std::string BeginSegment(SegmentFile segment);
  // What an error of the pool means for the log.
  absl::Status JudgePool(const absl::Status& status);
  FloorState CurrentFloor() const;
  absl::Status LowerFloor(EntryId last);
  absl::Status KeepFloor();
  absl::Status StoreFloor(const FloorState& state);

  // Remembers the first error.
  absl::Status Latch(absl::Status status);

  LogIndex TruncatedLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckInLog(LogIndex index) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<ReadPlan> PlanRead(LogIndex first, LogIndex end,
                                    const ReadLimits& limits) const;
  // What became of a read that failed while the writer went on.
  absl::Status ExplainReadError(absl::Status status, LogIndex first,
                                uint64_t segment) const;

  // Constant.
  const SegmentLogOptions options_;

  // Of the writing calls.
  SegmentPool pool_;
  FloorFile floor_;
  MonotonicTime floor_written_at_;
  Tail tail_;
  // Where the record that is about to be written begins a segment.
  std::optional<SegmentFile> next_segment_;
  std::string write_buffer_;

  mutable Mutex mutex_;
  Shared shared_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_SEGMENT_LOG_H_

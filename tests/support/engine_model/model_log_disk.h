#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_LOG_DISK_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_LOG_DISK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "engine/format/chain.h"
#include "engine/log/log_store.h"

namespace trimaran::engine {

// A log with everything that a LogStore knows of it.
struct ModelLogImage {
  struct Item {
    LogEntry entry;
    // Up to this entry, it included.
    ChainValue chain;
  };

  LogPosition boundary;
  // Those after the boundary.
  std::deque<Item> items;
  HardState hard_state;
  uint64_t generation = 0;

  LogPosition last() const;
  // Of an entry or of the boundary; empty for any other index.
  std::optional<LogPosition> PositionAt(LogIndex index) const;
};

// What an Append asks for, with entries of its own.
struct LogAppend {
  std::vector<LogEntry> entries;
  std::optional<HardState> hard_state;
};
using LogWrite = std::variant<LogAppend, LogReset>;

// `write` fits `image`.
void ApplyWrite(const LogWrite& write, ModelLogImage& image);

// What remains of a log when its machine stops: the disk under a
// ModelLogStore. A write that takes time is an Append without must_sync when it
// begins and a Flush when it ends; a crash between them may take it or leave
// it.
//
// Invariants:
//  1. What a crash leaves is the synced writes, and of the others the first
//  few.
//
// Thread: owner.
class ModelLogDisk {
 public:
  explicit ModelLogDisk(ModelLogImage durable = {})
      : durable_(std::move(durable)) {}
  // Stores point to their disk.
  ModelLogDisk(const ModelLogDisk&) = delete;
  ModelLogDisk& operator=(const ModelLogDisk&) = delete;

  // The machine stops. Stores opened before are of no use any more. Only with
  // nothing unsynced is the outcome certain.
  void Crash(Random& random);
  // The same with `kept` of the unsynced writes surviving.
  void CrashKeeping(size_t kept);
  // What the latter would leave.
  ModelLogImage AfterCrash(size_t kept) const;

  // Entries from `first` on are gone, though they had been synced. Only while
  // no store is open. `first` is after the boundary and not after the last.
  void Lose(LogIndex first);

  // An older image, which knows nothing of what came later, takes the place of
  // everything. Only while no store is open.
  void Replace(ModelLogImage image);

  // The next writing call fails with `error`, for good. What it wrote may be
  // there after a crash.
  void FailNextWrite(absl::Status error) { fail_next_ = std::move(error); }

  // The next `count` reads of entries fail with `error`.
  void FailNextReads(absl::Status error, uint64_t count) {
    read_error_ = std::move(error);
    failing_reads_ = count;
  }

  // What is synced.
  const ModelLogImage& durable() const { return durable_; }
  size_t unsynced() const { return unsynced_.size(); }
  const std::optional<EntryId>& owed() const { return owed_; }

  // ---- For ModelLogStore ----

  // The injected error, once; else OK.
  absl::Status TakeFailure();
  absl::Status TakeReadFailure();
  void Write(LogWrite write) { unsynced_.push_back(std::move(write)); }
  void Sync();
  // At once durable.
  void Owe(EntryId owed);
  // Gives back entries up to `bound`, as far as no unsynced write could bring
  // others in their place. Returns where the log begins now.
  LogPosition Recycle(LogIndex bound);

 private:
  ModelLogImage durable_;
  std::deque<LogWrite> unsynced_;
  std::optional<EntryId> owed_;
  absl::Status fail_next_;
  absl::Status read_error_;
  uint64_t failing_reads_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_LOG_DISK_H_

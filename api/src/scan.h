#ifndef TRIMARAN_API_SRC_SCAN_H_
#define TRIMARAN_API_SRC_SCAN_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/mutex.h"
#include "engine/kv/read_view.h"
#include "engine/kv/state_machine.h"
#include "trimaran/iterator.h"

namespace trimaran {

class Scan;

// The iterators of a database that are open, so that it can be closed under
// them.
//
// Thread: any.
class ScanRegistry {
 public:
  // The error of EndAll once that was called.
  absl::Status Add(Scan& scan);
  void Remove(Scan& scan);
  // Ends them, and all that come later.
  void EndAll(const absl::Status& why);

 private:
  // Taken before the lock of a scan.
  Mutex mutex_;
  std::set<Scan*> scans_ ABSL_GUARDED_BY(mutex_);
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
};

// Held for one row at a time, and contended only by somebody who closes the
// database: half the price of a mutex, at every row.
class ABSL_LOCKABLE ScanLock {
 public:
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    while (busy_.test_and_set(std::memory_order_acquire)) {
      std::this_thread::yield();
    }
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    busy_.clear(std::memory_order_release);
  }

 private:
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

class ABSL_SCOPED_LOCKABLE ScanLockHolder {
 public:
  explicit ScanLockHolder(ScanLock& lock) ABSL_EXCLUSIVE_LOCK_FUNCTION(lock)
      : lock_(lock) {
    lock_.Lock();
  }
  ~ScanLockHolder() ABSL_UNLOCK_FUNCTION() { lock_.Unlock(); }
  ScanLockHolder(const ScanLockHolder&) = delete;
  ScanLockHolder& operator=(const ScanLockHolder&) = delete;

 private:
  ScanLock& lock_;
};

// An iterator over a view of the state machine.
//
// Invariant: while `rows_` is there, so are the view and the database.
//
// Thread: one at a time, beside End.
class Scan final : public Iterator {
 public:
  // Stands at its first row. Errors: those of a view, and of the registry.
  static absl::StatusOr<std::unique_ptr<Iterator>> Start(
      engine::StateMachine& machine, std::shared_ptr<ScanRegistry> registry,
      const KeyRange& range, const ScanOptions& options);
  ~Scan() override;

  bool Valid() const override {
    return !moving_ && valid_.load(std::memory_order_acquire);
  }
  void Next() override;
  void Seek(std::string_view key) override;
  std::string_view key() const override { return key_; }
  std::string_view value() const override { return value_; }
  uint64_t version() const override { return version_; }
  absl::Status status() const override;
  uint64_t index() const override { return index_; }

  // The database is being closed. Thread: any.
  void End(const absl::Status& why);

 private:
  Scan(std::shared_ptr<ScanRegistry> registry, const ScanOptions& options)
      : registry_(std::move(registry)),
        reverse_(options.reverse),
        limit_(options.limit) {}

  absl::Status Open(engine::StateMachine& machine, const KeyRange& range,
                    const ScanOptions& options);
  // Takes over where the rows have got to.
  void Arrive() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);

  const std::shared_ptr<ScanRegistry> registry_;
  const bool reverse_;
  const uint64_t limit_;
  uint64_t index_ = 0;

  mutable ScanLock lock_;
  std::unique_ptr<engine::ReadView> view_ ABSL_GUARDED_BY(lock_);
  std::unique_ptr<engine::RowIterator> rows_ ABSL_GUARDED_BY(lock_);
  absl::Status status_ ABSL_GUARDED_BY(lock_);

  // Where it stands; written by the owner's thread only, but for `valid_`.
  // It has begun to move, and not arrived: there was no memory to.
  bool moving_ = false;
  std::atomic<bool> valid_ = false;
  uint64_t rows_seen_ = 0;
  std::string_view key_;
  std::string_view value_;
  uint64_t version_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_SCAN_H_

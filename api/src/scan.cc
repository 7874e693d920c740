#include "api/src/scan.h"

#include <utility>

#include "api/src/encode.h"
#include "engine/base/status_macros.h"

namespace trimaran {

KeyRange KeyRange::Prefix(std::string_view prefix) {
  return {.begin = std::string(prefix), .end = engine::PrefixEnd(prefix)};
}

// ---- ScanRegistry ----

absl::Status ScanRegistry::Add(Scan& scan) {
  const MutexLock lock(mutex_);
  if (ended_.ok()) scans_.insert(&scan);
  return ended_;
}

void ScanRegistry::Remove(Scan& scan) {
  const MutexLock lock(mutex_);
  scans_.erase(&scan);
}

void ScanRegistry::EndAll(const absl::Status& why) {
  const MutexLock lock(mutex_);
  ended_ = why;
  for (Scan* scan : scans_) scan->End(why);
  scans_.clear();
}

// ---- Scan ----

absl::StatusOr<std::unique_ptr<Iterator>> Scan::Start(
    engine::StateMachine& machine, std::shared_ptr<ScanRegistry> registry,
    const KeyRange& range, const ScanOptions& options) {
  if (!range.end.empty() && range.end < range.begin) {
    return absl::InvalidArgumentError("the range ends before it begins");
  }
  std::unique_ptr<Scan> scan(new Scan(std::move(registry), options));
  TRIMARAN_RETURN_IF_ERROR(scan->Open(machine, range, options));
  TRIMARAN_RETURN_IF_ERROR(scan->registry_->Add(*scan));
  return scan;
}

Scan::~Scan() {
  registry_->Remove(*this);
  End(absl::OkStatus());
}

absl::Status Scan::Open(engine::StateMachine& machine, const KeyRange& range,
                        const ScanOptions& options) {
  const ScanLockHolder lock(lock_);
  TRIMARAN_ASSIGN_OR_RETURN(view_, machine.NewView());
  index_ = view_->position().id.index.value();
  TRIMARAN_ASSIGN_OR_RETURN(
      rows_, view_->NewIterator(IdOf(options.family),
                                {.begin = range.begin, .end = range.end}));
  if (reverse_) {
    rows_->SeekToLast();
  } else {
    rows_->SeekToFirst();
  }
  Arrive();
  return status_;
}

void Scan::Next() {
  const ScanLockHolder lock(lock_);
  if (rows_ == nullptr || !Valid()) return;
  if (limit_ != 0 && rows_seen_ >= limit_) {
    valid_.store(false, std::memory_order_release);
    return;
  }
  moving_ = true;
  if (reverse_) {
    rows_->Prev();
  } else {
    rows_->Next();
  }
  Arrive();
}

void Scan::Seek(std::string_view key) {
  const ScanLockHolder lock(lock_);
  if (rows_ == nullptr) return;
  moving_ = true;
  if (reverse_) {
    rows_->SeekForPrev(key);
  } else {
    rows_->Seek(key);
  }
  rows_seen_ = 0;
  Arrive();
}

void Scan::Arrive() {
  const bool valid = rows_->valid();
  if (valid) {
    ++rows_seen_;
    key_ = rows_->key();
    value_ = rows_->value();
    version_ = rows_->version().value();
  } else {
    status_ = rows_->status();
  }
  moving_ = false;
  valid_.store(valid, std::memory_order_release);
}

absl::Status Scan::status() const {
  const ScanLockHolder lock(lock_);
  if (moving_ && status_.ok()) {
    return absl::ResourceExhaustedError("out of memory");
  }
  return status_;
}

void Scan::End(const absl::Status& why) {
  const ScanLockHolder lock(lock_);
  if (rows_ == nullptr) return;
  rows_.reset();
  view_.reset();
  if (status_.ok()) status_ = why;
  valid_.store(false, std::memory_order_release);
}

}  // namespace trimaran

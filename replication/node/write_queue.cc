#include "replication/node/write_queue.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "replication/node/mutant.h"

namespace trimaran {
namespace {

// A wait is cut into pieces, since the clock may be another one than that of
// the standard library.
constexpr absl::Duration kWaitPiece = absl::Milliseconds(100);

}  // namespace

WriteQueue::Pushed WriteQueue::Push(PendingWritePtr write) {
  const MutexLock lock(mutex_);
  if (closed_) return Pushed::kClosed;
  const size_t bytes = write->size_bytes();
  if (!HasRoom(bytes)) return Pushed::kFull;
  // First, since there may be no memory for it.
  writes_.push_back(std::move(write));
  writes_.back()->set_in_queue();
  bytes_ += bytes;
  return writes_.size() == 1 ? Pushed::kFirst : Pushed::kBehindOthers;
}

bool WriteQueue::WaitForRoom(size_t bytes, const Clock& clock,
                             MonotonicTime deadline) {
  const MutexLock lock(mutex_);
  ++waiters_;
  while (!HasRoom(bytes) && !closed_) {
    const absl::Duration left = deadline - clock.Now();
    if (left <= absl::ZeroDuration()) break;
    room_.WaitFor(mutex_, std::min(left, kWaitPiece));
  }
  --waiters_;
  return closed_ || HasRoom(bytes);
}

std::vector<PendingWritePtr> WriteQueue::TakeAll() {
  std::vector<PendingWritePtr> taken;
  const MutexLock lock(mutex_);
  taken.swap(writes_);
  return taken;
}

void WriteQueue::MakeRoom(size_t bytes) {
  const MutexLock lock(mutex_);
  if (!MutantActive(Mutant::kQueueBytesKept)) bytes_ -= bytes;
  if (waiters_ > 0) room_.NotifyAll();
}

void WriteQueue::Close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  room_.NotifyAll();
}

}  // namespace trimaran

#include "replication/tcp/send_queue.h"

#include <utility>

#include "replication/tcp/mutant.h"

namespace trimaran {

SendQueue::PutResult SendQueue::Put(std::vector<wire::OutgoingFrame> frames) {
  PutResult result;
  // What is dropped is freed outside the lock, by the end of `frames`.
  const MutexLock lock(mutex_);
  for (wire::OutgoingFrame& frame : frames) {
    const size_t bytes = frame.size_bytes();
    if (!frames_.empty() && !MutantActive(TcpMutant::kSendQueueUnbounded) &&
        (frames_.size() >= frames_max_ || bytes_ + bytes > bytes_max_)) {
      ++dropped_;
      result.overflowed = result.overflowed || !overflowing_;
      overflowing_ = true;
      continue;
    }
    result.woken = result.woken || frames_.empty();
    bytes_ += bytes;
    frames_.push_back(std::move(frame));
  }
  return result;
}

size_t SendQueue::Take(size_t bytes_max,
                       std::deque<wire::OutgoingFrame>& frames) {
  const MutexLock lock(mutex_);
  size_t count = 0;
  size_t taken = 0;
  while (!frames_.empty() && taken < bytes_max) {
    taken += frames_.front().size_bytes();
    frames.push_back(std::move(frames_.front()));
    frames_.pop_front();
    ++count;
  }
  bytes_ -= taken;
  if (count > 0) overflowing_ = false;
  return count;
}

size_t SendQueue::Clear() {
  std::deque<wire::OutgoingFrame> freed;
  const MutexLock lock(mutex_);
  freed.swap(frames_);
  bytes_ = 0;
  dropped_ += freed.size();
  overflowing_ = false;
  return freed.size();
}

bool SendQueue::empty() const {
  const MutexLock lock(mutex_);
  return frames_.empty();
}

uint64_t SendQueue::dropped() const {
  const MutexLock lock(mutex_);
  return dropped_;
}

void SendQueue::AddDropped(uint64_t count) {
  const MutexLock lock(mutex_);
  dropped_ += count;
}

}  // namespace trimaran

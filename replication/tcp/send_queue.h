#ifndef TRIMARAN_REPLICATION_TCP_SEND_QUEUE_H_
#define TRIMARAN_REPLICATION_TCP_SEND_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/mutex.h"
#include "replication/wire/frame.h"

namespace trimaran {

// What waits to be sent to one peer on one channel. Bounded in frames and in
// bytes: what finds no room is dropped, the newest first, since what is older
// is what the receiver can use. A frame of any size fits an empty queue.
//
// Thread: any.
class SendQueue {
 public:
  SendQueue(size_t frames_max, size_t bytes_max)
      : frames_max_(frames_max), bytes_max_(bytes_max) {}

  struct PutResult {
    // It was empty: whoever takes has to be told.
    bool woken = false;
    // The first that found no room since something was taken: the sender has
    // to be told.
    bool overflowed = false;
  };
  // Takes the frames out of `frames`.
  PutResult Put(std::vector<wire::OutgoingFrame> frames);

  // Moves frames to the end of `frames`: at least one if there is one, and no
  // more once they hold `bytes_max` bytes. Returns how many.
  size_t Take(size_t bytes_max, std::deque<wire::OutgoingFrame>& frames);

  // Drops all that waits, and counts it as dropped. Returns how many.
  size_t Clear();

  bool empty() const;
  uint64_t dropped() const;
  // Of what was taken and then not sent.
  void AddDropped(uint64_t count);

 private:
  const size_t frames_max_;
  const size_t bytes_max_;

  mutable Mutex mutex_;
  std::deque<wire::OutgoingFrame> frames_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool overflowing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_SEND_QUEUE_H_

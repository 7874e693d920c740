#ifndef TRIMARAN_REPLICATION_TCP_FRAME_WRITER_H_
#define TRIMARAN_REPLICATION_TCP_FRAME_WRITER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/mutex.h"
#include "replication/tcp/byte_stream.h"
#include "replication/tcp/send_queue.h"
#include "replication/wire/frame.h"

namespace trimaran {

// Writes frames to one connection, many by one call of the system's. Frames of
// its own (pings, answers) go before those of the queue that it is given when
// the other side has welcomed this one.
//
// Thread: any, where the stream can be written to on any; else one at a time.
class FrameWriter {
 public:
  explicit FrameWriter(std::shared_ptr<ByteStream> stream)
      : stream_(std::move(stream)) {}

  // Behind what is being written, before what is queued.
  void Push(wire::OutgoingFrame frame);
  // From now on the frames of `queue` are sent; it outlives this. No more than
  // `batch_bytes` of them, and one frame, are taken from it at a time.
  void Open(std::shared_ptr<SendQueue> queue, size_t batch_bytes);

  enum class Result : uint8_t {
    // Nothing is left, or another thread is writing, which will see to it.
    kDone,
    kWaitReadable,
    kWaitWritable,
    kFailed,
  };
  // Writes what there is, until the stream takes no more.
  Result Flush();
  // Of kFailed.
  absl::Status error() const;

  // Nothing is written any more. Returns how many frames of the queue were
  // taken and not written whole.
  size_t Abandon();

  // Whether frames are waiting that Flush would write.
  bool HasWork() const;
  uint64_t bytes_written() const {
    return bytes_written_.load(std::memory_order_relaxed);
  }
  // Of the queue, to their ends.
  uint64_t frames_written() const {
    return frames_written_.load(std::memory_order_relaxed);
  }

 private:
  struct Item {
    wire::OutgoingFrame frame;
    bool queued = false;
  };

  // Moves frames to the list of what is written next; false if there are none.
  bool Refill() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The bytes to be written, from `offset_` on.
  std::vector<iovec> Gather() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Advance(size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets go of the lock while it writes.
  Result WriteAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<ByteStream> stream_;
  std::atomic<uint64_t> bytes_written_ = 0;
  std::atomic<uint64_t> frames_written_ = 0;

  mutable Mutex mutex_;
  std::shared_ptr<SendQueue> queue_ ABSL_GUARDED_BY(mutex_);
  size_t batch_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<wire::OutgoingFrame> pushed_ ABSL_GUARDED_BY(mutex_);
  // What is being written. Only who writes changes the list, so that the bytes
  // stay where they are while the lock is not held.
  std::deque<Item> writing_ ABSL_GUARDED_BY(mutex_);
  // So much of the first of them has been written.
  size_t offset_ ABSL_GUARDED_BY(mutex_) = 0;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_FRAME_WRITER_H_

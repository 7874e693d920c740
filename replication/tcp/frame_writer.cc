#include "replication/tcp/frame_writer.h"

#include <utility>

#include "replication/tcp/mutant.h"

namespace trimaran {
namespace {

// The system's limit is 1024; beyond some the call costs nothing any more.
constexpr size_t kPartsMax = 128;
// Nobody has more answers to give than this; see Push.
constexpr size_t kPushedMax = 64;

}  // namespace

void FrameWriter::Push(wire::OutgoingFrame frame) {
  const MutexLock lock(mutex_);
  // A peer that asks and does not read the answers.
  if (pushed_.size() < kPushedMax) pushed_.push_back(std::move(frame));
}

void FrameWriter::Open(std::shared_ptr<SendQueue> queue, size_t batch_bytes) {
  const MutexLock lock(mutex_);
  queue_ = std::move(queue);
  batch_bytes_ = batch_bytes;
}

bool FrameWriter::Refill() {
  // Only where no frame has been begun.
  while (!pushed_.empty()) {
    writing_.push_back({.frame = std::move(pushed_.front())});
    pushed_.pop_front();
  }
  if (queue_ != nullptr) {
    std::deque<wire::OutgoingFrame> taken;
    queue_->Take(batch_bytes_, taken);
    for (wire::OutgoingFrame& frame : taken) {
      writing_.push_back({.frame = std::move(frame), .queued = true});
    }
  }
  return !writing_.empty();
}

std::vector<iovec> FrameWriter::Gather() const {
  std::vector<iovec> parts;
  size_t skip = offset_;
  const auto add = [&](std::string_view bytes) {
    if (skip >= bytes.size()) {
      skip -= bytes.size();
      return;
    }
    bytes.remove_prefix(skip);
    skip = 0;
    // The system only reads them.
    parts.push_back({const_cast<char*>(bytes.data()), bytes.size()});
  };
  for (const Item& item : writing_) {
    add(item.frame.head);
    for (const Payload& blob : item.frame.blobs) {
      if (parts.size() == kPartsMax) return parts;
      add(blob.bytes());
    }
    if (parts.size() >= kPartsMax) break;
  }
  return parts;
}

void FrameWriter::Advance(size_t bytes) {
  bytes_written_.fetch_add(bytes, std::memory_order_relaxed);
  offset_ += bytes;
  if (MutantActive(TcpMutant::kPartialWriteForgotten)) {
    offset_ = bytes;
  }
  while (!writing_.empty()) {
    const size_t size = writing_.front().frame.size_bytes();
    if (offset_ < size) break;
    offset_ -= size;
    if (writing_.front().queued) {
      frames_written_.fetch_add(1, std::memory_order_relaxed);
    }
    writing_.pop_front();
  }
}

FrameWriter::Result FrameWriter::Flush() {
  const MutexLock lock(mutex_);
  if (busy_ || abandoned_) return Result::kDone;
  if (!error_.ok()) return Result::kFailed;
  busy_ = true;
  const Result result = WriteAll();
  busy_ = false;
  return result;
}

FrameWriter::Result FrameWriter::WriteAll() {
  while (!abandoned_ && (!writing_.empty() || Refill())) {
    const std::vector<iovec> parts = Gather();
    mutex_.Unlock();
    IoResult written = stream_->Write(parts);
    mutex_.Lock();
    switch (written.kind) {
      case IoResult::Kind::kDone:
        Advance(written.bytes);
        break;
      case IoResult::Kind::kWaitReadable:
        return Result::kWaitReadable;
      case IoResult::Kind::kWaitWritable:
        return Result::kWaitWritable;
      case IoResult::Kind::kEnd:
        error_ = absl::UnavailableError("the other side has closed");
        return Result::kFailed;
      case IoResult::Kind::kFailed:
        error_ = std::move(written.error);
        return Result::kFailed;
    }
  }
  return Result::kDone;
}

absl::Status FrameWriter::error() const {
  const MutexLock lock(mutex_);
  return error_;
}

size_t FrameWriter::Abandon() {
  const MutexLock lock(mutex_);
  abandoned_ = true;
  size_t lost = 0;
  for (const Item& item : writing_) lost += item.queued ? 1 : 0;
  // The list itself is in use where another thread is writing.
  queue_ = nullptr;
  pushed_.clear();
  return lost;
}

bool FrameWriter::HasWork() const {
  const MutexLock lock(mutex_);
  return !writing_.empty() || !pushed_.empty() ||
         (queue_ != nullptr && !queue_->empty());
}

}  // namespace trimaran

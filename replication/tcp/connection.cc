#include "replication/tcp/connection.h"

#include <utility>

namespace trimaran {
namespace {

// After so many bytes of one connection it is another one's turn.
constexpr size_t kReadBytesPerTurn = size_t{128} << 10;
// More are not under way: who answers none for so long is given up anyway.
constexpr size_t kPingsMax = 64;
// What a frame that comes in parts has to bring between two pings. A peer that
// is slower than that is no better than one that is silent: 16 MiB would take
// longer than anybody waits for a write.
constexpr uint64_t kPartBytesMin = uint64_t{16} << 10;

}  // namespace

Connection::Connection(IoLoop& loop, const Clock& clock,
                       std::unique_ptr<ByteStream> stream, Owner& owner)
    : loop_(loop),
      clock_(clock),
      stream_(std::move(stream)),
      writer_(std::make_shared<FrameWriter>(stream_)),
      owner_(&owner),
      watch_(std::in_place, loop, stream_->fd()) {}

Connection::~Connection() { Close(); }

void Connection::Start() {
  loop_.Post([weak = weak_from_this()] {
    const std::shared_ptr<Connection> self = weak.lock();
    if (self != nullptr && !self->closed_) self->Secure();
  });
}

void Connection::WaitFor(IoResult::Kind what, void (Connection::*step)()) {
  auto task = [weak = weak_from_this(), step] {
    const std::shared_ptr<Connection> self = weak.lock();
    if (self != nullptr && !self->closed_) (self.get()->*step)();
  };
  if (what == IoResult::Kind::kWaitReadable) {
    watch_->WhenReadable(std::move(task));
  } else {
    watch_->WhenWritable(std::move(task));
  }
}

void Connection::Secure() {
  // Whatever the owner does meanwhile.
  const std::shared_ptr<Connection> self = shared_from_this();
  const IoResult result = stream_->Handshake();
  switch (result.kind) {
    case IoResult::Kind::kDone:
      owner_->OnSecured();
      if (!closed_) Read();
      return;
    case IoResult::Kind::kWaitReadable:
    case IoResult::Kind::kWaitWritable:
      WaitFor(result.kind, &Connection::Secure);
      return;
    case IoResult::Kind::kEnd:
      Fail(absl::UnavailableError("the other side has closed"));
      return;
    case IoResult::Kind::kFailed:
      Fail(result.error);
      return;
  }
}

void Connection::Read() {
  // Whatever the owner does meanwhile.
  const std::shared_ptr<Connection> self = shared_from_this();
  size_t turn = 0;
  while (!closed_) {
    const absl::Span<char> space = reader_.Space();
    const IoResult result = stream_->Read(space);
    if (result.kind == IoResult::Kind::kEnd) {
      // The system says once why a connection broke, to whoever asks first.
      const absl::Status broken = writer_->error();
      return Fail(broken.ok()
                      ? absl::UnavailableError("the other side has closed")
                      : broken);
    }
    if (result.kind == IoResult::Kind::kFailed) return Fail(result.error);
    if (result.kind != IoResult::Kind::kDone) {
      return WaitFor(result.kind, &Connection::Read);
    }
    silent_ticks_ = 0;
    bytes_read_ += result.bytes;
    turn += result.bytes;
    // What comes while this one ends is thrown away.
    if (!ending_) {
      reader_.Filled(result.bytes);
      if (const auto error = TakeFrames()) return Fail(*error);
      if (closed_) return;
      if (std::exchange(owes_answer_, false)) Flush();
    }
    if (stream_->HasPending()) continue;
    // Less than there was room for: nothing is left.
    if (result.bytes < space.size() || turn >= kReadBytesPerTurn) {
      return WaitFor(IoResult::Kind::kWaitReadable, &Connection::Read);
    }
  }
}

std::optional<absl::Status> Connection::TakeFrames() {
  while (!closed_ && !ending_) {
    const auto frame = reader_.Next();
    if (!frame.ok()) return frame.status();
    if (!frame->has_value()) break;
    absl::Status status = TakeFrame(**frame);
    if (!status.ok()) return status;
  }
  return std::nullopt;
}

absl::Status Connection::TakeFrame(const wire::FrameView& frame) {
  if (frame.type == wire::FrameType::kPing) {
    // Written when all that has come has been looked at.
    writer_->Push(wire::MakeFrame(wire::FrameType::kPong, {}));
    owes_answer_ = true;
    return absl::OkStatus();
  }
  if (frame.type == wire::FrameType::kPong) {
    TakePong();
    return absl::OkStatus();
  }
  if (frame.type == wire::FrameType::kReceiving) {
    unused_ticks_ = 0;
    owner_->OnPartTaken();
    return absl::OkStatus();
  }
  return owner_->OnFrame(frame);
}

void Connection::TakePong() {
  // One that was not asked for.
  if (pings_.empty()) return;
  round_trip_ = clock_.Now() - pings_.front();
  pings_.pop_front();
  owner_->OnPong();
}

int Connection::CountUnused() {
  const uint64_t frames = writer_->frames_written();
  // Not bytes: pings are no use that is made of it.
  if (std::exchange(frames_before_, frames) != frames || writer_->HasWork()) {
    unused_ticks_ = 0;
  }
  return ++unused_ticks_;
}

bool Connection::TakePart() {
  const uint64_t bytes =
      bytes_read_ - std::exchange(bytes_before_, bytes_read_);
  if (!reader_.in_frame() || bytes < kPartBytesMin) return false;
  Push(wire::MakeFrame(wire::FrameType::kReceiving, {}));
  return true;
}

void Connection::Push(wire::OutgoingFrame frame) {
  if (closed_ || ending_) return;
  writer_->Push(std::move(frame));
  Flush();
}

void Connection::Ping() {
  if (pings_.size() >= kPingsMax) return;
  pings_.push_back(clock_.Now());
  Push(wire::MakeFrame(wire::FrameType::kPing, {}));
}

void Connection::EnterMessages(std::shared_ptr<SendQueue> queue,
                               size_t batch_bytes) {
  reader_.EnterMessages();
  if (queue != nullptr) writer_->Open(std::move(queue), batch_bytes);
  Flush();
}

void Connection::Flush() {
  if (closed_ || waiting_to_write_) return;
  const FrameWriter::Result result = writer_->Flush();
  if (result == FrameWriter::Result::kFailed) {
    // Not from here: the caller may be the owner, in the middle of something.
    loop_.Post([weak = weak_from_this()] {
      const std::shared_ptr<Connection> self = weak.lock();
      if (self != nullptr) self->Fail(self->writer_->error());
    });
  } else if (result == FrameWriter::Result::kDone) {
    if (ending_) stream_->EndWriting();
  } else {
    waiting_to_write_ = true;
    WaitFor(result == FrameWriter::Result::kWaitReadable
                ? IoResult::Kind::kWaitReadable
                : IoResult::Kind::kWaitWritable,
            &Connection::FlushAgain);
  }
}

void Connection::FlushAgain() {
  waiting_to_write_ = false;
  Flush();
}

void Connection::EndAfterFlush() {
  ending_ = true;
  Flush();
}

void Connection::Close() {
  if (std::exchange(closed_, true)) return;
  frames_lost_ = writer_->Abandon();
  watch_.reset();
  // The other side learns of it now, whoever still holds the stream.
  stream_->EndWriting();
}

void Connection::Fail(const absl::Status& why) {
  if (closed_) return;
  Close();
  owner_->OnClosed(why);
}

}  // namespace trimaran

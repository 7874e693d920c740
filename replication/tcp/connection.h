#ifndef TRIMARAN_REPLICATION_TCP_CONNECTION_H_
#define TRIMARAN_REPLICATION_TCP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "replication/tcp/byte_stream.h"
#include "replication/tcp/frame_writer.h"
#include "replication/tcp/io_loop.h"
#include "replication/wire/frame.h"

namespace trimaran {

// A connected socket that carries frames: the same for whoever dials and for
// whoever is dialled. It knows pings, and not who is at the other end.
//
// Its life: it secures itself (TLS), then frames of the handshake pass, then,
// from EnterMessages on, messages; after EndAfterFlush nothing but the bytes
// that are left to be written.
//
// Thread: the loop's.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;

    // Now frames can pass.
    virtual void OnSecured() = 0;
    // Any frame but pings. An error closes the connection, and comes back as
    // the reason of OnClosed.
    virtual absl::Status OnFrame(const wire::FrameView& frame) = 0;
    virtual void OnPong() {}
    // The other side has got part of a frame from here.
    virtual void OnPartTaken() {}
    // By itself, and not by a call of Close. Nothing follows.
    virtual void OnClosed(const absl::Status& why) = 0;
  };

  // `owner` lives until Close or OnClosed.
  Connection(IoLoop& loop, const Clock& clock,
             std::unique_ptr<ByteStream> stream, Owner& owner);
  ~Connection();

  // Must be held by a shared_ptr. Calls nobody before it returns.
  void Start();
  // Frames of the handshake, and pings.
  void Push(wire::OutgoingFrame frame);
  void Ping();
  // The handshake is over. Frames of `queue`, if there is one, are sent from
  // now on.
  void EnterMessages(std::shared_ptr<SendQueue> queue, size_t batch_bytes);
  // Writes what there is.
  void Flush();
  // For threads other than the loop's; null where those must not write.
  std::shared_ptr<FrameWriter> direct_writer() const {
    return stream_->writes_on_any_thread() ? writer_ : nullptr;
  }
  // Says that the other side is not to expect more, and closes when it does,
  // too: a refusal that is cut off by an error of the system's would be lost.
  void EndAfterFlush();
  // At once. Does not call the owner.
  void Close();

  // To be called at a fixed interval: what has passed is counted in calls, so
  // that a process that was stopped does not take itself for deserted. Returns
  // for how many calls nothing has been heard.
  int CountSilence() { return ++silent_ticks_; }
  // Likewise for how many calls no frame of the queue has been on its way, from
  // the queue until the other side has it, as far as that is known here.
  int CountUnused();
  // Whether so much of a frame that is not complete has come since the last
  // call that the other side, too, is to know that it comes; it is told.
  bool TakePart();

  bool closed() const { return closed_; }
  std::vector<std::string> PeerNames() const { return stream_->PeerNames(); }
  std::optional<absl::Duration> round_trip() const { return round_trip_; }
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return writer_->bytes_written(); }
  // Of the queue, taken and not sent, of one that has been closed.
  size_t frames_lost() const { return frames_lost_; }

 private:
  void Secure();
  // Runs `step` when the stream is ready for what it waits for.
  void WaitFor(IoResult::Kind what, void (Connection::*step)());
  void Read();
  // Empty: go on.
  std::optional<absl::Status> TakeFrames();
  absl::Status TakeFrame(const wire::FrameView& frame);
  void TakePong();
  void FlushAgain();
  // Closes, and says so to the owner.
  void Fail(const absl::Status& why);

  IoLoop& loop_;
  const Clock& clock_;
  const std::shared_ptr<ByteStream> stream_;
  const std::shared_ptr<FrameWriter> writer_;
  Owner* owner_;
  std::optional<IoLoop::Watch> watch_;
  wire::FrameReader reader_{wire::FrameReader::Stage::kHandshake};

  // When the pings left that are not answered.
  std::deque<MonotonicTime> pings_;
  std::optional<absl::Duration> round_trip_;
  int silent_ticks_ = 0;
  int unused_ticks_ = 0;
  uint64_t bytes_read_ = 0;
  // At the last TakePart.
  uint64_t bytes_before_ = 0;
  // At the last CountUnused.
  uint64_t frames_before_ = 0;
  size_t frames_lost_ = 0;
  bool waiting_to_write_ = false;
  bool owes_answer_ = false;
  bool ending_ = false;
  bool closed_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_CONNECTION_H_

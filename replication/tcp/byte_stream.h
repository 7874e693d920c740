#ifndef TRIMARAN_REPLICATION_TCP_BYTE_STREAM_H_
#define TRIMARAN_REPLICATION_TCP_BYTE_STREAM_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "replication/tcp/socket.h"

namespace trimaran {

// What a call that never waits has come to.
struct IoResult {
  enum class Kind : uint8_t {
    kDone,
    // Call again, with the same bytes, when the socket is readable (writable).
    kWaitReadable,
    kWaitWritable,
    // The other side has nothing more to say.
    kEnd,
    kFailed,
  };
  Kind kind = Kind::kDone;
  size_t bytes = 0;
  absl::Status error = absl::OkStatus();
};

// A connected socket, plain or encrypted. No call waits. Closed when it is
// destroyed.
//
// Thread: one at a time; where `writes_on_any_thread`, one that reads and one
// that writes.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  virtual int fd() const = 0;
  virtual bool writes_on_any_thread() const = 0;

  // To be called until kDone, before anything else.
  virtual IoResult Handshake() = 0;
  virtual IoResult Read(absl::Span<char> space) = 0;
  // Bytes that were read from the socket, and not from here: nothing would
  // wake whoever waits for them.
  virtual bool HasPending() const = 0;
  // Less than all may be written.
  virtual IoResult Write(absl::Span<const iovec> parts) = 0;
  // Nothing more is written.
  virtual void EndWriting() = 0;

  // What an authority has certified the other side to be; nothing without TLS.
  virtual std::vector<std::string> PeerNames() const = 0;
};

std::unique_ptr<ByteStream> MakePlainStream(UniqueFd socket);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_BYTE_STREAM_H_

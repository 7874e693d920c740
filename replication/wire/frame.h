#ifndef TRIMARAN_REPLICATION_WIRE_FRAME_H_
#define TRIMARAN_REPLICATION_WIRE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/payload.h"

// How messages stand in a stream of bytes (PROTOCOL.md, section 12). A frame is
//
//   header | meta | blob
//
// `meta` is a protobuf message that says what this is, `blob` the bulk that
// belongs to it, back to back, so that entries and chunks are copied neither
// where they are sent nor, but once, where they arrive.
//
// Thread: any, for values and free functions.

namespace trimaran::wire {

// On the wire: never change a value.
enum class FrameType : uint8_t {
  // ---- Before anything else on a connection ----
  kHello = 1,
  kWelcome = 2,
  kRefusal = 3,
  // ---- Whether the other side is there ----
  // Each ping is answered by a pong, in order. Both are empty in this version.
  kPing = 4,
  kPong = 5,
  // Part of a long frame has come, behind which a ping may stand. Empty.
  kReceiving = 6,
  // ---- One for each alternative of PeerBody, in its order ----
  kRaft = 16,
  kForward = 17,
  kForwardResp = 18,
  kSnapshotOffer = 19,
  kSnapshotFetch = 20,
  kSnapshotChunk = 21,
  kSnapshotDone = 22,
  kStoreRefused = 23,
  kStateDigest = 24,
};

// "Hello", "SnapshotChunk", ...; "frame of type 77" for what is none.
std::string FrameTypeName(uint8_t type);

inline constexpr size_t kFrameHeaderBytes = 24;

// An entry of the log: the longest command that there may be, and what an entry
// puts around it.
inline constexpr size_t kEntryBytesMax =
    (size_t{32} << 20) + (size_t{64} << 10);
// A whole chunk of a snapshot, with the longest record.
inline constexpr size_t kSnapshotChunkBytesMax =
    (size_t{16} << 20) + (size_t{4} << 10);
inline constexpr size_t kSnapshotManifestBytesMax = size_t{16} << 20;

// What a frame of one type may hold. A header that claims more is an error
// before a byte of it is stored.
struct FrameLimits {
  size_t meta_bytes_max = 0;
  size_t blob_bytes_max = 0;
};
// None for what is no type.
std::optional<FrameLimits> LimitsOf(uint8_t type);

// A frame that is ready to be written: first `head`, then the blobs, whose
// bytes are shared with whoever else holds them.
struct OutgoingFrame {
  std::string head;
  std::vector<Payload> blobs;

  size_t size_bytes() const;
};
// Within the limits of the type, which the caller sees to.
OutgoingFrame MakeFrame(FrameType type, std::string_view meta,
                        std::vector<Payload> blobs = {});

// A frame that has arrived whole and intact. Points into its reader.
struct FrameView {
  FrameType type = FrameType::kPing;
  std::string_view meta;
  std::string_view blob;
};

// What the header says of the bytes behind it.
struct FrameHeader {
  FrameType type = FrameType::kPing;
  size_t meta_bytes = 0;
  size_t blob_bytes = 0;
  uint32_t body_crc32c = 0;

  size_t frame_bytes() const {
    return kFrameHeaderBytes + meta_bytes + blob_bytes;
  }
};
// `bytes` are kFrameHeaderBytes. Errors as those of FrameReader::Next.
absl::StatusOr<FrameHeader> DecodeFrameHeader(std::string_view bytes);

// Cuts a stream into frames. Holds no more than one frame within its limits and
// what little was read together with it. Memory grows with the bytes that
// arrive, not with what a header claims, and is given back behind a long frame.
//
//   while (...) { n = read(reader.Space()); reader.Filled(n);
//                 while (frame = reader.Next()) ... }
//
// Invariant: after an error every call of Next fails in the same way; a stream
// that was misread once has no frames any more.
//
// Thread: one at a time.
class FrameReader {
 public:
  // Which frames may come. Anything else is an error.
  enum class Stage : uint8_t {
    // kHello, kWelcome and kRefusal.
    kHandshake,
    // All the others.
    kMessages,
  };

  explicit FrameReader(Stage stage);

  // Where the next bytes belong; never empty. Ends the life of what Next
  // returned. To be called when Next has nothing more: what has not been taken
  // from the reader is kept on top of the bounds above.
  absl::Span<char> Space();
  // `count` bytes have been put there.
  void Filled(size_t count);

  // The next frame; empty if it is not complete yet. InvalidArgument: bytes
  // that are no frame, or one that has no place at this stage, or too much.
  // DataLoss: a checksum.
  absl::StatusOr<std::optional<FrameView>> Next();

  // The handshake is over. Frames that came behind it are still there.
  void EnterMessages();

  // What it has allocated.
  size_t memory_bytes() const { return capacity_; }
  // A frame has begun that is not complete.
  bool in_frame() const { return header_.has_value(); }

 private:
  size_t pending() const { return end_ - begin_; }
  absl::Status ReadHeader();
  void Reallocate(size_t capacity);
  void MoveToFront();

  Stage stage_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  // Of the frame that begins at `begin_`, once it is known.
  std::optional<FrameHeader> header_;
  absl::Status error_;
};

}  // namespace trimaran::wire

#endif  // TRIMARAN_REPLICATION_WIRE_FRAME_H_

#include "tests/fuzz/wire_round_trip.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/check.h"
#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "replication/wire/handshake.h"
#include "replication/wire/message_codec.h"
#include "tests/fuzz/byte_source.h"

namespace trimaran::wire {
namespace {

std::string Joined(const OutgoingFrame& frame) {
  std::string bytes = frame.head;
  for (const Payload& blob : frame.blobs) bytes += blob.bytes();
  return bytes;
}

// ---- Handshakes ----

template <typename Value, typename Decode>
bool CheckIntroduction(std::string_view meta, FrameType type,
                       const Decode& decode) {
  const absl::StatusOr<Value> decoded = decode(meta);
  if (!decoded.ok()) {
    TRIMARAN_CHECK(absl::IsInvalidArgument(decoded.status()));
    return false;
  }
  const std::string encoded = Encode(*decoded);
  // It has room in its frame, or this aborts.
  MakeFrame(type, encoded);
  const absl::StatusOr<Value> again = decode(encoded);
  TRIMARAN_CHECK(again.ok() && *again == *decoded);
  return true;
}

void CheckJudgement(const Hello& hello) {
  const Identity self{hello.from.cluster, hello.from.group, hello.to,
                      hello.to_store, 1};
  const PeerRecord bound{"", StoreId(2), true};
  for (const PeerDirectory& directory :
       {PeerDirectory{}, PeerDirectory{{hello.from.replica, bound}}}) {
    const auto refusal = JudgeHello(hello, self, directory);
    if (refusal) {
      TRIMARAN_CHECK_LE(refusal->text.size(), kRefusalTextBytesMax);
      continue;
    }
    TRIMARAN_CHECK(!JudgeWelcome(MakeWelcome(hello, self), hello).has_value());
  }
}

// ---- Streams ----

// What came out of a stream.
struct Outcome {
  std::vector<std::string> frames;
  absl::Status error;
};

// `piece` says how many bytes arrive next.
template <typename Piece, typename OnFrame>
absl::Status Read(FrameReader& reader, std::string_view stream,
                  const Piece& piece, const OnFrame& on_frame) {
  size_t arrived = 0;
  while (arrived < stream.size()) {
    const auto space = reader.Space();
    TRIMARAN_CHECK(!space.empty());
    TRIMARAN_CHECK_LE(reader.memory_bytes(),
                      std::max(size_t{64} << 10, 2 * arrived));
    const size_t count =
        std::min({space.size(), stream.size() - arrived, size_t{piece()}});
    std::copy_n(stream.data() + arrived, count, space.data());
    reader.Filled(count);
    arrived += count;
    while (true) {
      const auto next = reader.Next();
      if (!next.ok()) return next.status();
      if (!next->has_value()) break;
      on_frame(**next);
    }
  }
  return absl::OkStatus();
}

Outcome ReadFrames(std::string_view stream, FrameReader::Stage stage,
                   size_t piece) {
  FrameReader reader(stage);
  Outcome outcome;
  outcome.error = Read(
      reader, stream, [piece] { return piece; },
      [&outcome](const FrameView& frame) {
        outcome.frames.push_back(
            Joined(MakeFrame(frame.type, frame.meta, {Payload(frame.blob)})));
      });
  return outcome;
}

PeerBody MakeBody(ByteSource& choices) {
  const uint64_t number = choices.Byte();
  // Some that need more than the usual buffer.
  const std::string bulk(number * (choices.OneIn(8) ? 400 : 1), 'b');
  const auto raft = [number](raft::MessageBody body) {
    return raft::Message{GroupId(1), ReplicaId(1), ReplicaId(2), Term(number),
                         std::move(body)};
  };
  const EntryId place{LogIndex(number), Term(number)};
  switch (choices.Below(10)) {
    case 0:
      return raft(raft::MsgHeartbeat{LogIndex(number), {}, place});
    case 1:
      return MsgForward{number, Payload(bulk)};
    case 2:
      return MsgForwardResp{number, place};
    case 3:
      return MsgSnapshotOffer{bulk, raft(raft::MsgSnap{{place, {}}})};
    case 4:
      return MsgSnapshotFetch{number, 1, 2};
    case 5:
    case 6:
      return MsgSnapshotChunk{number, 3, Payload(bulk)};
    case 7:
      return MsgSnapshotDone{number, MsgSnapshotDone::Result::kRefused};
    case 8:
      return MsgStateDigest{number, place, 1, 2, "hash", "error"};
    default: {
      raft::MsgApp append;
      append.prev = place;
      for (uint64_t i = 1; i <= number % 8; ++i) {
        append.entries.push_back(
            {place.index + i, place.term, EntryType::kNormal, Payload(bulk)});
      }
      return raft(append);
    }
  }
}

}  // namespace

std::optional<PeerBody> OverTheWire(const PeerBody& body) {
  const auto frame = EncodeMessage(body);
  if (!frame.ok()) return std::nullopt;
  const std::string bytes = Joined(*frame);
  std::optional<PeerBody> arrived;
  FrameReader reader(FrameReader::Stage::kMessages);
  const absl::Status error = Read(
      reader, bytes, [&bytes] { return bytes.size(); },
      [&arrived](const FrameView& view) {
        auto decoded = DecodeMessage(view);
        if (decoded.ok()) arrived = *std::move(decoded);
      });
  TRIMARAN_CHECK(error.ok()) << error.ToString();
  TRIMARAN_CHECK(!arrived || *arrived == body);
  return arrived;
}

bool CheckHandshake(std::string_view meta) {
  if (meta.size() >
      LimitsOf(static_cast<uint8_t>(FrameType::kHello))->meta_bytes_max) {
    return false;
  }
  const bool hello =
      CheckIntroduction<Hello>(meta, FrameType::kHello, DecodeHello);
  if (hello) CheckJudgement(*DecodeHello(meta));
  const bool welcome =
      CheckIntroduction<Welcome>(meta, FrameType::kWelcome, DecodeWelcome);
  const bool refusal =
      CheckIntroduction<Refusal>(meta, FrameType::kRefusal, DecodeRefusal);
  return hello || welcome || refusal;
}

bool CheckMessage(FrameType type, std::string_view meta,
                  std::string_view blob) {
  const auto decoded = DecodeMessage({type, meta, blob});
  if (!decoded.ok()) {
    TRIMARAN_CHECK(absl::IsInvalidArgument(decoded.status()));
    return false;
  }
  TRIMARAN_CHECK(OverTheWire(*decoded).has_value());
  return true;
}

bool CheckRawStream(std::string_view stream) {
  bool taken = false;
  for (const auto stage :
       {FrameReader::Stage::kHandshake, FrameReader::Stage::kMessages}) {
    const Outcome at_once = ReadFrames(stream, stage, stream.size());
    std::string read;
    for (const std::string& frame : at_once.frames) read += frame;
    TRIMARAN_CHECK(stream.substr(0, read.size()) == read);
    taken = taken || !read.empty();
    for (const size_t piece : {1u, 23u, 1000u}) {
      const Outcome in_pieces = ReadFrames(stream, stage, piece);
      TRIMARAN_CHECK(in_pieces.frames == at_once.frames);
      TRIMARAN_CHECK(in_pieces.error == at_once.error);
    }
  }
  return taken;
}

bool CheckConnection(std::string_view choices_bytes) {
  ByteSource choices(choices_bytes);
  // What becomes of the last frame.
  const uint8_t end = choices.Byte();
  const uint8_t where = choices.Byte();
  const uint8_t piece = choices.Byte();
  std::vector<PeerBody> sent;
  std::string stream;
  size_t last = 0;
  // It may arrive byte by byte.
  constexpr size_t stream_bytes_max = size_t{256} << 10;
  while (!choices.done() && stream.size() < stream_bytes_max) {
    sent.push_back(MakeBody(choices));
    last = stream.size();
    stream += Joined(*EncodeMessage(sent.back()));
  }
  if (sent.empty()) return false;
  const size_t at = last + where % (stream.size() - last);
  if (end % 4 == 0) {
    stream.resize(at);
  } else if (end % 4 == 1) {
    stream[at] = static_cast<char>(stream[at] ^ (1 << end / 4 % 8));
  }
  if (end % 4 < 2) sent.pop_back();

  std::vector<PeerBody> received;
  FrameReader reader(FrameReader::Stage::kMessages);
  const absl::Status error = Read(
      reader, stream, [piece] { return size_t{1} + piece * size_t{piece}; },
      [&received](const FrameView& frame) {
        auto decoded = DecodeMessage(frame);
        TRIMARAN_CHECK(decoded.ok()) << decoded.status().ToString();
        received.push_back(*std::move(decoded));
      });
  TRIMARAN_CHECK(received == sent);
  // A changed length is not believed, since the header has a checksum of its
  // own: nothing waits for bytes that do not come.
  TRIMARAN_CHECK(error.ok() == (end % 4 != 1)) << error.ToString();
  return true;
}

bool CheckWireInput(std::string_view input) {
  if (input.empty()) return false;
  const char kind = input.front();
  input.remove_prefix(1);
  switch (kind) {
    case 'h':
      return CheckHandshake(input);
    case 'r':
      return CheckRawStream(input);
    case 'c':
      return CheckConnection(input);
    case 'm': {
      // The type, how much is meta, the meta, the blob.
      ByteSource head(input);
      const auto type = static_cast<FrameType>(head.Byte());
      const size_t meta_bytes = head.Byte();
      if (input.size() < 2) return false;
      input.remove_prefix(2);
      return CheckMessage(type, input.substr(0, meta_bytes),
                          input.substr(std::min(meta_bytes, input.size())));
    }
    default:
      return false;
  }
}

}  // namespace trimaran::wire

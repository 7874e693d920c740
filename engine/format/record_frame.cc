#include "engine/format/record_frame.h"

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"

namespace trimaran::engine {
namespace {

// The version, and the checksum.
constexpr size_t kFrameBytes = sizeof(uint8_t) + sizeof(uint32_t);

uint32_t Checksum(uint8_t version, RecordKind kind, std::string_view body) {
  const char head[] = {static_cast<char>(version), static_cast<char>(kind)};
  return ExtendCrc32c(Crc32c(std::string_view(head, sizeof(head))), body);
}

}  // namespace

std::string_view RecordKindName(RecordKind kind) {
  switch (kind) {
    case RecordKind::kApplyState:
      return "apply state";
    case RecordKind::kRegionState:
      return "region state";
    case RecordKind::kSession:
      return "session";
    case RecordKind::kFamily:
      return "family";
    case RecordKind::kLocalIdent:
      return "local ident";
    case RecordKind::kRaftState:
      return "raft state";
  }
  return "unknown";
}

std::string FrameRecord(RecordKind kind, std::string_view body) {
  std::string framed = BeginFrame(body.size());
  framed += body;
  FinishFrame(kind, framed);
  return framed;
}

std::string BeginFrame(size_t body_bytes_expected) {
  std::string framed;
  framed.reserve(kFrameBytes + body_bytes_expected);
  framed.resize(kFrameBytes);
  return framed;
}

void FinishFrame(RecordKind kind, std::string& framed) {
  TRIMARAN_CHECK_GE(framed.size(), kFrameBytes);
  std::string_view body = framed;
  body.remove_prefix(kFrameBytes);
  std::string front;
  ByteWriter writer(front);
  writer.WriteU8(kRecordVersion);
  writer.WriteU32(Checksum(kRecordVersion, kind, body));
  framed.replace(0, kFrameBytes, front);
}

absl::StatusOr<std::string_view> UnframeRecord(RecordKind kind,
                                               std::string_view bytes) {
  ByteReader reader(bytes);
  uint8_t version = 0;
  uint32_t checksum = 0;
  if (!reader.ReadU8(version) || !reader.ReadU32(checksum)) {
    return RecordCorruption(kind, "too short");
  }
  if (Checksum(version, kind, reader.rest()) != checksum) {
    return RecordCorruption(kind, "checksum mismatch");
  }
  if (version == 0) return RecordCorruption(kind, "format version 0");
  if (version > kRecordVersion) {
    return NewerFormatError(absl::StrCat(
        ToAbsl(RecordKindName(kind)), " record has format version ",
        static_cast<int>(version), "; this program reads version ",
        static_cast<int>(kRecordVersion)));
  }
  return reader.rest();
}

absl::Status RecordCorruption(RecordKind kind, std::string_view what) {
  return CorruptionError(
      absl::StrCat(ToAbsl(RecordKindName(kind)), " record: ", ToAbsl(what)));
}

}  // namespace trimaran::engine

#ifndef TRIMARAN_ENGINE_FORMAT_RECORD_FRAME_H_
#define TRIMARAN_ENGINE_FORMAT_RECORD_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// What all records have around them: a format version, and a checksum that also
// covers which kind of record it is, so that one under the key of another is
// found out. The frame is the same in every format version. On disk: never
// change.
//
// Thread: any.

namespace trimaran::engine {

// In checksums: never change a value.
enum class RecordKind : uint8_t {
  kApplyState = 1,
  kRegionState = 2,
  kSession = 3,
  kFamily = 4,
  kLocalIdent = 5,
  kRaftState = 6,
};

// "apply state" and so on.
std::string_view RecordKindName(RecordKind kind);

inline constexpr uint8_t kRecordVersion = 1;

std::string FrameRecord(RecordKind kind, std::string_view body);

// The same in one piece of memory: what BeginFrame returns, the body appended,
// FinishFrame.
std::string BeginFrame(size_t body_bytes_expected);
void FinishFrame(RecordKind kind, std::string& framed);

// The body, which points into `bytes`. Corruption, naming the kind, if they are
// not what FrameRecord made; NewerFormatError, naming both versions, if they
// are intact and of a later version.
absl::StatusOr<std::string_view> UnframeRecord(RecordKind kind,
                                               std::string_view bytes);

// Corruption that names the kind.
absl::Status RecordCorruption(RecordKind kind, std::string_view what);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_RECORD_FRAME_H_

#include "engine/log/log_store.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace trimaran::engine {
namespace {

// The payload marks the error, whatever becomes of its text on the way.
constexpr char kPayloadUrl[] = "trimaran/log-store";
constexpr char kCompacted[] = "compacted";
constexpr char kNotInLog[] = "not-in-log";

absl::Status Marked(absl::Status status, const char* mark) {
  status.SetPayload(kPayloadUrl, absl::Cord(mark));
  return status;
}

bool HasMark(const absl::Status& status, const char* mark) {
  const auto payload = status.GetPayload(kPayloadUrl);
  return payload.has_value() && *payload == mark;
}

}  // namespace

absl::Status CompactedError(LogIndex asked, LogIndex truncated) {
  return Marked(
      absl::OutOfRangeError(absl::StrCat(
          "entry ", asked.value(), " is compacted; the first that is kept is ",
          truncated.value() + 1)),
      kCompacted);
}

bool IsCompacted(const absl::Status& status) {
  return HasMark(status, kCompacted);
}

absl::Status NotInLogError(LogIndex asked, LogIndex last) {
  return Marked(absl::NotFoundError(absl::StrCat(
                    "entry ", asked.value(), " is not in the log; the last is ",
                    last.value())),
                kNotInLog);
}

bool IsNotInLog(const absl::Status& status) {
  return HasMark(status, kNotInLog);
}

}  // namespace trimaran::engine

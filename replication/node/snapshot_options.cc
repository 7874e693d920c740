#include "replication/node/snapshot_options.h"

#include "absl/strings/str_cat.h"
#include "engine/format/manifest.h"

namespace trimaran {
namespace {

constexpr size_t kChunkMost = engine::kChunkBytesTargetMax;
constexpr uint32_t kWindowMost = 1024;

absl::Status OutOfRange(const char* option, int64_t value, int64_t least,
                        int64_t most) {
  return absl::InvalidArgumentError(
      absl::StrCat("snapshot options: ", option, " is ", value,
                   ", must be from ", least, " to ", most));
}

absl::Status TooShort(const char* option, absl::Duration value,
                      absl::Duration least) {
  return absl::InvalidArgumentError(absl::StrCat(
      "snapshot options: ", option, " is ", absl::FormatDuration(value),
      ", must be at least ", absl::FormatDuration(least)));
}

}  // namespace

absl::Status ValidateSnapshotOptions(const SnapshotOptions& options) {
  if (options.chunk_bytes_target < 1 ||
      options.chunk_bytes_target > kChunkMost) {
    return OutOfRange("chunk_bytes_target",
                      static_cast<int64_t>(options.chunk_bytes_target), 1,
                      static_cast<int64_t>(kChunkMost));
  }
  if (options.window_chunks < 1 || options.window_chunks > kWindowMost) {
    return OutOfRange("window_chunks", options.window_chunks, 1, kWindowMost);
  }
  if (options.ask_again_after <= absl::ZeroDuration()) {
    return TooShort("ask_again_after", options.ask_again_after,
                    absl::Nanoseconds(1));
  }
  if (options.give_up_after < options.ask_again_after) {
    return TooShort("give_up_after", options.give_up_after,
                    options.ask_again_after);
  }
  if (options.install_time_max < options.give_up_after) {
    return TooShort("install_time_max", options.install_time_max,
                    options.give_up_after);
  }
  if (options.write_rate.burst_bytes < 1) {
    return OutOfRange("write_rate.burst_bytes", 0, 1, INT64_MAX);
  }
  return absl::OkStatus();
}

}  // namespace trimaran

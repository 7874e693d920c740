#include "engine/engine_options.h"

#include "absl/strings/str_cat.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kCacheBytesMin = uint64_t{1} << 20;
constexpr size_t kViewsLimit = 10000;

}  // namespace

absl::Status ValidateOptions(const EngineOptions& options) {
  if (options.directory.empty()) {
    return absl::InvalidArgumentError("directory is empty");
  }
  if (options.files == nullptr || options.clock == nullptr) {
    return absl::InvalidArgumentError("files and clock must be given");
  }
  if (options.cache_bytes < kCacheBytesMin) {
    return absl::InvalidArgumentError(
        absl::StrCat("cache_bytes is ", options.cache_bytes, "; at least ",
                     kCacheBytesMin, " are needed"));
  }
  if (options.views_max < 1 || options.views_max > kViewsLimit) {
    return absl::InvalidArgumentError(
        absl::StrCat("views_max is ", options.views_max,
                     "; it must be from 1 to ", kViewsLimit));
  }
  if (options.view_age_max <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "view_age_max is ", absl::FormatDuration(options.view_age_max),
        "; it must be more than 0"));
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine

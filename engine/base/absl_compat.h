#ifndef TRIMARAN_ENGINE_BASE_ABSL_COMPAT_H_
#define TRIMARAN_ENGINE_BASE_ABSL_COMPAT_H_

#include <string_view>

#include "absl/strings/string_view.h"

// Debian builds abseil with a string_view of its own, which does not convert
// to or from the standard one. This project speaks std::string_view and
// converts where it calls abseil. Both functions also compile, as identities,
// where an abseil build makes the two types one.

namespace trimaran {

// Views the same bytes, as long as they live.
//
// Thread: any.
inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

inline std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_ABSL_COMPAT_H_

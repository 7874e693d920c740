#ifndef TRIMARAN_TOOLS_SERVE_SETTINGS_FILE_H_
#define TRIMARAN_TOOLS_SERVE_SETTINGS_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

// The part of TOML that settings need: tables, strings on one line, whole
// numbers, booleans and comments.
//
// Thread: all functions may be called from any thread.

namespace trimaran::serve {

using SettingValue = std::variant<std::string, int64_t, bool>;

struct SettingLine {
  // "table.key".
  std::string key;
  SettingValue value;
  // From 1.
  int line = 0;
};

// In the order of the file. InvalidArgument, "line 7: what is wrong".
absl::StatusOr<std::vector<SettingLine>> ParseSettings(std::string_view text);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SETTINGS_FILE_H_

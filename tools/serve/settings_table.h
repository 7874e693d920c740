#ifndef TRIMARAN_TOOLS_SERVE_SETTINGS_TABLE_H_
#define TRIMARAN_TOOLS_SERVE_SETTINGS_TABLE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "tools/serve/settings.h"
#include "tools/serve/settings_file.h"

// Every setting under its two names: in the file and on the command line.
//
// Thread: all functions may be called from any thread.

namespace trimaran::serve {

struct SettingSpec {
  // In the file.
  std::string_view key;
  // On the command line, without the dashes.
  std::string_view flag;
  // What the value is called; empty for a flag.
  std::string_view value = {};
  // Lines end in "\n", but for the last one.
  std::string_view help = {};
  // One of these is set: where the value goes, or who reads it.
  std::string& (*text)(Settings&) = nullptr;
  uint64_t& (*number)(Settings&) = nullptr;
  absl::Duration& (*duration)(Settings&) = nullptr;
  bool& (*flag_value)(Settings&) = nullptr;
  absl::Status (*parse)(Settings&, const std::string&) = nullptr;
};

absl::Span<const SettingSpec> AllSettings();

// Takes a value of the file. InvalidArgument, without the name of the key.
absl::Status Apply(const SettingSpec& spec, const SettingValue& value,
                   Settings& settings);
// Takes what stands on the command line.
absl::Status ApplyWord(const SettingSpec& spec, std::string_view word,
                       Settings& settings);

// Takes over what the text of a file says. InvalidArgument, naming `file`, the
// line and the key.
absl::Status ApplyFile(std::string_view file, std::string_view text,
                       Settings& settings);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SETTINGS_TABLE_H_

#include "engine/base/logging.h"

#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace trimaran {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

void WriteLine(std::string line) {
  line += '\n';
  // One call, so that the lines of several threads do not mix.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view word) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError,
        LogLevel::kOff}) {
    if (word == LogLevelName(level)) return level;
  }
  return std::nullopt;
}

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return "unknown";
}

std::string EscapeForLog(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (IsPrintable(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
  }
  return out;
}

LogLevel StderrSink::LevelFromEnvironment() {
  const char* const word = std::getenv("LOG_LEVEL");
  if (word == nullptr || *word == '\0') return LogLevel::kOff;
  const std::optional<LogLevel> level = ParseLogLevel(word);
  if (level.has_value()) return *level;
  WriteLine(absl::StrCat(
      "trimaran: LOG_LEVEL=", EscapeForLog(word),
      " is none of debug, info, warning, error, off; logging is off"));
  return LogLevel::kOff;
}

void StderrSink::Write(LogLevel level, std::string_view component,
                       std::string_view message) {
  WriteLine(absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(),
                                          absl::UTCTimeZone()),
                         " ", ToAbsl(LogLevelName(level)), " ",
                         EscapeForLog(component), ": ", EscapeForLog(message)));
}

}  // namespace trimaran

#ifndef TRIMARAN_ENGINE_BASE_LOGGING_H_
#define TRIMARAN_ENGINE_BASE_LOGGING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };

// "debug", "info", "warning", "error" or "off"; empty for any other word.
std::optional<LogLevel> ParseLogLevel(std::string_view word);
std::string_view LogLevelName(LogLevel level);

// `text` on one line of printable ASCII: a backslash becomes "\\", a line feed
// "\n", any other unprintable byte "\xNN". Keys and peers' texts get into
// messages; none of them may forge a line or drive a terminal.
std::string EscapeForLog(std::string_view text);

// Where messages go. An application that embeds the library implements it to
// get them into its own log. A sink must outlive everything that logs to it.
//
// Thread: Write is called from any thread, from several at once. It must not
// call back into the library.
class LogSink {
 public:
  // Messages below `min_level` are not built, and never get to Write.
  explicit LogSink(LogLevel min_level) : min_level_(min_level) {}
  virtual ~LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  LogLevel min_level() const { return min_level_; }

  // `message` is not escaped and has no line feed at its end. Both views are
  // valid during the call only.
  virtual void Write(LogLevel level, std::string_view component,
                     std::string_view message) = 0;

 private:
  const LogLevel min_level_;
};

// Writes lines "time level component: message" to stderr.
//
// Thread: any.
class StderrSink final : public LogSink {
 public:
  explicit StderrSink(LogLevel min_level) : LogSink(min_level) {}

  // What the environment variable LOG_LEVEL says; kOff where it is unset or
  // empty, since a library is quiet by default. An unknown word means kOff as
  // well, and is reported on stderr by this call. Call it once, and before
  // threads that change the environment.
  static LogLevel LevelFromEnvironment();

  void Write(LogLevel level, std::string_view component,
             std::string_view message) override;
};

// Swallows everything.
//
// Thread: any.
class NullSink final : public LogSink {
 public:
  NullSink() : LogSink(LogLevel::kOff) {}
  void Write(LogLevel, std::string_view, std::string_view) override {}
};

namespace logging_internal {

// What absl::StrCat takes, for the types that it does not know: the standard
// string view and strong ids.
template <typename T>
decltype(auto) ForStrCat(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return ToAbsl(value);
  } else if constexpr (requires { uint64_t{value.value()}; }) {
    return value.value();
  } else {
    return (value);
  }
}

}  // namespace logging_internal

// How one component logs: a sink and the component's name. A copy is two
// words and a length. Messages are made from their parts, as by absl::StrCat,
// only when the sink wants them:
//
//   log_.Info("became leader of term ", term);
//
// Where a part itself is costly to compute, ask Enabled() first.
//
// Thread: a value; any.
class Logger {
 public:
  // Silent.
  Logger() = default;
  // `sink` may be null, which is silent, and must outlive the logger and its
  // copies. So must the bytes of `component`: use a literal.
  Logger(LogSink* sink, std::string_view component)
      : sink_(sink), component_(component) {}

  // The same sink for another component.
  Logger WithComponent(std::string_view component) const {
    return Logger(sink_, component);
  }

  bool Enabled(LogLevel level) const {
    return sink_ != nullptr && level >= sink_->min_level() &&
           level < LogLevel::kOff;
  }

  template <typename... Parts>
  void Debug(const Parts&... parts) const {
    Log(LogLevel::kDebug, parts...);
  }
  template <typename... Parts>
  void Info(const Parts&... parts) const {
    Log(LogLevel::kInfo, parts...);
  }
  template <typename... Parts>
  void Warning(const Parts&... parts) const {
    Log(LogLevel::kWarning, parts...);
  }
  template <typename... Parts>
  void Error(const Parts&... parts) const {
    Log(LogLevel::kError, parts...);
  }

 private:
  template <typename... Parts>
  void Log(LogLevel level, const Parts&... parts) const {
    if (!Enabled(level)) return;
    sink_->Write(level, component_,
                 absl::StrCat(logging_internal::ForStrCat(parts)...));
  }

  LogSink* sink_ = nullptr;
  std::string_view component_;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_LOGGING_H_

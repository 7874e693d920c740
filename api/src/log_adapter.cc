#include "api/src/log_adapter.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran {
namespace {

LogLevel ToLevel(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kDebug:
      return LogLevel::kDebug;
    case LogSeverity::kInfo:
      return LogLevel::kInfo;
    case LogSeverity::kWarning:
      return LogLevel::kWarning;
    case LogSeverity::kError:
      break;
  }
  return LogLevel::kError;
}

LogSeverity ToSeverity(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return LogSeverity::kDebug;
    case LogLevel::kInfo:
      return LogSeverity::kInfo;
    case LogLevel::kWarning:
      return LogSeverity::kWarning;
    case LogLevel::kError:
    case LogLevel::kOff:
      break;
  }
  return LogSeverity::kError;
}

class FunctionSink final : public LogSink {
 public:
  FunctionSink(LogFunction function, LogLevel min_level)
      : LogSink(min_level), function_(std::move(function)) {}

  void Write(LogLevel level, std::string_view component,
             std::string_view message) override {
    function_(ToSeverity(level), component, message);
  }

 private:
  const LogFunction function_;
};

}  // namespace

std::unique_ptr<LogSink> MakeLogSink(const Options& options) {
  if (options.log != nullptr) {
    return std::make_unique<FunctionSink>(options.log,
                                          ToLevel(options.log_severity_min));
  }
  return std::make_unique<StderrSink>(StderrSink::LevelFromEnvironment());
}

LogFunction StderrLog() {
  // Whoever calls the function has chosen by the level already.
  const auto sink = std::make_shared<StderrSink>(LogLevel::kDebug);
  return [sink](LogSeverity severity, std::string_view component,
                std::string_view message) {
    sink->Write(ToLevel(severity), component, message);
  };
}

}  // namespace trimaran

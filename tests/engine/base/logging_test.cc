// Goal: a message is built only for a sink that wants it, arrives whole, and
// cannot forge a line; the level comes from LOG_LEVEL and is quiet by default.

#include "engine/base/logging.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/base/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

class RecordingSink final : public LogSink {
 public:
  explicit RecordingSink(LogLevel min_level) : LogSink(min_level) {}

  void Write(LogLevel level, std::string_view component,
             std::string_view message) override {
    lines.push_back(std::string(LogLevelName(level)) + " " +
                    std::string(component) + ": " + std::string(message));
  }

  std::vector<std::string> lines;
};

// Sets LOG_LEVEL for one test, and puts back what was there.
class LogLevelVariable {
 public:
  explicit LogLevelVariable(const char* word) {
    if (const char* old = std::getenv("LOG_LEVEL")) old_ = old;
    Set(word);
  }
  ~LogLevelVariable() { Set(old_.has_value() ? old_->c_str() : nullptr); }

 private:
  static void Set(const char* word) {
    if (word == nullptr) {
      unsetenv("LOG_LEVEL");
    } else {
      setenv("LOG_LEVEL", word, 1);
    }
  }

  std::optional<std::string> old_;
};

TEST(LogLevelTest, WordsAndLevelsCorrespond) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError,
        LogLevel::kOff}) {
    EXPECT_EQ(ParseLogLevel(LogLevelName(level)), level);
  }
  EXPECT_EQ(ParseLogLevel("INFO"), std::nullopt);
  EXPECT_EQ(ParseLogLevel(""), std::nullopt);
}

TEST(LoggerTest, PassesOnWhatReachesTheLevel) {
  RecordingSink sink(LogLevel::kWarning);
  const Logger log(&sink, "raft");
  log.Debug("a");
  log.Info("b");
  log.Warning("c");
  log.Error("d");
  EXPECT_THAT(sink.lines, ElementsAre("warning raft: c", "error raft: d"));
  EXPECT_FALSE(log.Enabled(LogLevel::kInfo));
  EXPECT_TRUE(log.Enabled(LogLevel::kWarning));
}

TEST(LoggerTest, JoinsPartsOfManyTypes) {
  RecordingSink sink(LogLevel::kDebug);
  const Logger log(&sink, "raft");
  log.Info("term ", Term(4), " of ", std::string("three"), ", ",
           std::string_view("view"), ", ", absl::string_view("absl"), ", ", -1,
           ", ", 2.5);
  EXPECT_THAT(sink.lines,
              ElementsAre("info raft: term 4 of three, view, absl, -1, 2.5"));
}

TEST(LoggerTest, OffIsSilentEvenForErrors) {
  RecordingSink sink(LogLevel::kOff);
  const Logger log(&sink, "raft");
  log.Error("a");
  EXPECT_FALSE(log.Enabled(LogLevel::kOff));
  EXPECT_THAT(sink.lines, IsEmpty());
}

TEST(LoggerTest, WithoutASinkIsSilent) {
  const Logger log;
  log.Error("a");
  EXPECT_FALSE(log.Enabled(LogLevel::kError));
  EXPECT_FALSE(Logger(nullptr, "raft").Enabled(LogLevel::kError));
}

TEST(LoggerTest, NamesAnotherComponentOfTheSameSink) {
  RecordingSink sink(LogLevel::kInfo);
  const Logger raft(&sink, "raft");
  raft.WithComponent("node").Info("a");
  EXPECT_THAT(sink.lines, ElementsAre("info node: a"));
}

TEST(NullSinkTest, WantsNothing) {
  NullSink sink;
  EXPECT_FALSE(Logger(&sink, "raft").Enabled(LogLevel::kError));
  sink.Write(LogLevel::kError, "raft", "a");
}

TEST(EscapeForLogTest, LeavesOneUnambiguousPrintableLine) {
  EXPECT_EQ(EscapeForLog("plain text ~!"), "plain text ~!");
  EXPECT_EQ(EscapeForLog("a\nb"), "a\\nb");
  EXPECT_EQ(EscapeForLog("a\\nb"), "a\\\\nb");
  EXPECT_EQ(EscapeForLog(std::string_view("\0\x1b[2J\x7f\xff", 7)),
            "\\x00\\x1b[2J\\x7f\\xff");
  EXPECT_EQ(EscapeForLog(""), "");
}

TEST(StderrSinkTest, WritesOneEscapedLine) {
  StderrSink sink(LogLevel::kInfo);
  const Logger log(&sink, "raft");
  testing::internal::CaptureStderr();
  log.Info("a\n2030-01-01T00:00:00Z error raft: forged");
  log.Debug("too low");
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_THAT(written,
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9.]+Z info "
                           "raft: a\\\\n2030[^\n]* forged\n"));
}

TEST(StderrSinkTest, IsQuietUnlessToldOtherwise) {
  for (const char* word : {static_cast<const char*>(nullptr), "", "off"}) {
    const LogLevelVariable variable(word);
    testing::internal::CaptureStderr();
    EXPECT_EQ(StderrSink::LevelFromEnvironment(), LogLevel::kOff);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST(StderrSinkTest, TakesTheLevelFromTheEnvironment) {
  const LogLevelVariable variable("debug");
  EXPECT_EQ(StderrSink::LevelFromEnvironment(), LogLevel::kDebug);
}

TEST(StderrSinkTest, ReportsAnUnknownWordOnce) {
  const LogLevelVariable variable("lou\nd");
  testing::internal::CaptureStderr();
  StderrSink sink(StderrSink::LevelFromEnvironment());
  Logger(&sink, "raft").Error("a");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "trimaran: LOG_LEVEL=lou\\nd is none of debug, info, warning, "
            "error, off; logging is off\n");
}

}  // namespace
}  // namespace trimaran

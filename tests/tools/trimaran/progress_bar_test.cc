// Goal: progress says how far work has come and how long it may take, to a
// person often and to a log now and then.

#include "tools/trimaran/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>

#include "engine/file/posix_file_system.h"
#include "gtest/gtest.h"
#include "tests/support/manual_clock.h"

namespace trimaran::tool {
namespace {

TEST(BytesTextTest, HasThreeDigits) {
  EXPECT_EQ(BytesText(0), "0 bytes");
  EXPECT_EQ(BytesText(999), "999 bytes");
  EXPECT_EQ(BytesText(1000), "1.00 kB");
  EXPECT_EQ(BytesText(12'345), "12.3 kB");
  EXPECT_EQ(BytesText(999'499), "999 kB");
  EXPECT_EQ(BytesText(999'500), "1.00 MB");
  EXPECT_EQ(BytesText(1'234'567'890), "1.23 GB");
}

TEST(ProgressTextTest, HasRateAndTimeLeftWhereTheTotalIsKnown) {
  EXPECT_EQ(
      ProgressText(
          {.step = "writing", .done = 50, .total = 200, .bytes = 5'000'000},
          absl::Seconds(10)),
      "writing  [######------------------]  25%  5.00 MB  500 kB/s  "
      "0:30 left");
  EXPECT_EQ(ProgressText({.step = "reading", .done = 50}, absl::Seconds(10)),
            "reading  50  5/s");
}

TEST(ProgressTextTest, BytesAreAMeasureWhereTheTotalIsNotKnown) {
  EXPECT_EQ(ProgressText({.step = "state",
                          .done = 50,
                          .bytes = 5'000'000,
                          .bytes_total = 20'000'000},
                         absl::Seconds(10)),
            "state  [######------------------]  25%  5.00 MB  500 kB/s  "
            "0:30 left");
}

TEST(ProgressTextTest, ForetellsNothingAtFirst) {
  EXPECT_EQ(ProgressText({.step = "writing", .done = 0, .total = 4},
                         absl::Milliseconds(10)),
            "writing  [------------------------]   0%");
  EXPECT_EQ(
      ProgressText({.step = "writing", .done = 9, .total = 4}, absl::Hours(3)),
      "writing  [########################] 100%  0/s  0:00 left");
}

TEST(ProgressTextTest, WhatIsNotCountedHasNoNumbers) {
  EXPECT_EQ(ProgressText({.step = "waiting"}, absl::Seconds(10)), "waiting");
  EXPECT_EQ(
      ProgressText({.step = "sending", .bytes = 5'000'000}, absl::Seconds(10)),
      "sending  5.00 MB  500 kB/s");
}

class ProgressBarTest : public ::testing::Test {
 protected:
  ProgressBarTest() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~ProgressBarTest() override { ::close(ends_[0]); }

  // What a bar shows of a second of work, told every 20 milliseconds, and then
  // of a minute, told every second.
  std::string Shown(Output::Style style) {
    {
      Output out(ends_[1], Output::Style::kPlain);
      Output err(ends_[1], style);
      Environment environment{files_, out, err, interrupted_};
      ProgressBar bar(environment, clock_);
      for (uint64_t i = 0; i < 50; ++i) {
        EXPECT_TRUE(bar.Show({.step = "writing", .done = i, .total = 1000}));
        clock_.Advance(absl::Milliseconds(20));
      }
      for (uint64_t i = 0; i < 60; ++i) {
        EXPECT_TRUE(bar.Show({.step = "writing", .done = i, .total = 1000}));
        clock_.Advance(absl::Seconds(1));
      }
    }
    ::close(ends_[1]);
    std::string shown(65536, '\0');
    const ssize_t size = ::read(ends_[0], shown.data(), shown.size());
    shown.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return shown;
  }

  std::array<int, 2> ends_ = {};
  engine::PosixFileSystem files_;
  std::atomic<bool> interrupted_ = false;
  ManualClock clock_;
};

TEST_F(ProgressBarTest, PersonSeesOneLineThatChanges) {
  const std::string shown = Shown(Output::Style::kTerminal);
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 0);
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\r'), 10 + 60 + 1);
  EXPECT_TRUE(shown.ends_with("\r\x1b[K")) << "the line goes at the end";
}

TEST_F(ProgressBarTest, LogGetsALineNowAndThen) {
  const std::string shown = Shown(Output::Style::kPlain);
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 6);
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\x1b'), 0);
}

TEST_F(ProgressBarTest, WhoeverWantsItToStopIsHeard) {
  Output out(ends_[1], Output::Style::kPlain);
  Environment environment{files_, out, out, interrupted_};
  ProgressBar bar(environment, clock_);
  EXPECT_TRUE(bar.Show({.step = "writing"}));
  interrupted_ = true;
  EXPECT_FALSE(bar.watcher()({.step = "writing"}));
}

}  // namespace
}  // namespace trimaran::tool

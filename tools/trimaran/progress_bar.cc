#include "tools/trimaran/progress_bar.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"

namespace trimaran::tool {
namespace {

// Faster than this a person cannot read, and slower looks as if it hung.
constexpr absl::Duration kRedraw = absl::Milliseconds(100);
// In a log, a line more often than this says nothing new.
constexpr absl::Duration kLine = absl::Seconds(10);
constexpr size_t kBarWidth = 24;

std::string Bar(double share) {
  const auto filled = static_cast<size_t>(share * kBarWidth);
  return absl::StrCat("[", std::string(filled, '#'),
                      std::string(kBarWidth - filled, '-'), "]");
}

// "0:07", "2:00:15".
std::string TimeText(absl::Duration time) {
  const int64_t seconds = absl::ToInt64Seconds(time);
  if (seconds < 3600) {
    return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                         seconds % 60);
}

// 0 where nobody knows of how much.
double ShareOf(uint64_t done, uint64_t total) {
  if (total == 0) return 0;
  return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

}  // namespace

std::string BytesText(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units = {"kB", "MB", "GB", "TB",
                                                     "PB"};
  if (bytes < 1000) return absl::StrCat(bytes, " bytes");
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return absl::StrFormat("%.*f %s", digits, value, ToAbsl(units[unit]));
}

std::string ProgressText(const WorkProgress& progress, absl::Duration elapsed) {
  std::string text(progress.step);
  const double seconds = absl::ToDoubleSeconds(elapsed);
  const double share = progress.total > 0
                           ? ShareOf(progress.done, progress.total)
                           : ShareOf(progress.bytes, progress.bytes_total);
  if (progress.total > 0 || progress.bytes_total > 0) {
    absl::StrAppendFormat(&text, "  %s %3.0f%%", Bar(share), share * 100);
  } else if (progress.done > 0) {
    absl::StrAppend(&text, "  ", progress.done);
  }
  if (progress.bytes > 0) {
    absl::StrAppend(&text, "  ", BytesText(progress.bytes));
  }
  // Of less time nothing can be foretold, nor of what is not counted.
  if (seconds < 1 || text.size() == progress.step.size()) return text;
  const uint64_t moved = progress.bytes > 0 ? progress.bytes : progress.done;
  const auto rate = static_cast<uint64_t>(static_cast<double>(moved) / seconds);
  absl::StrAppend(&text, "  ",
                  progress.bytes > 0 ? BytesText(rate) : absl::StrCat(rate),
                  "/s");
  if (share > 0) {
    absl::StrAppend(&text, "  ", TimeText(elapsed * ((1 - share) / share)),
                    " left");
  }
  return text;
}

bool ProgressBar::Show(const WorkProgress& progress) {
  const MonotonicTime now = clock_.Now();
  const bool terminal = environment_.err.is_terminal();
  if (step_ != progress.step) {
    step_ = progress.step;
    step_began_ = now;
    // What has just begun is shown at once to a person only.
    shown_at_ = now;
    if (terminal) shown_at_.reset();
  }
  if (!shown_at_ || now - *shown_at_ >= (terminal ? kRedraw : kLine)) {
    shown_at_ = now;
    line_shown_ = terminal;
    environment_.err.Write(absl::StrCat(
        terminal ? "\r\x1b[K" : "", ProgressText(progress, now - step_began_),
        terminal ? "" : "\n"));
    environment_.err.Flush();
  }
  return !environment_.interrupted.load(std::memory_order_relaxed);
}

void ProgressBar::Clear() {
  if (line_shown_) environment_.err.Write("\r\x1b[K");
  environment_.err.Flush();
  line_shown_ = false;
}

}  // namespace trimaran::tool

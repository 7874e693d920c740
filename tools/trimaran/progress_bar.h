#ifndef TRIMARAN_TOOLS_TRIMARAN_PROGRESS_BAR_H_
#define TRIMARAN_TOOLS_TRIMARAN_PROGRESS_BAR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/work_progress.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// "1.50 GB": three digits, powers of 1000.
std::string BytesText(uint64_t bytes);

// One line about a step that has taken `elapsed` so far: how much is done, how
// quickly, and how long it may still take, as far as that is known.
//
// Thread: any.
std::string ProgressText(const WorkProgress& progress, absl::Duration elapsed);

// Shows on stderr how far long work has come: to a person a line that is
// written over again and again, to everybody else a line of its own every now
// and then, and nothing about what does not take long.
//
// Thread: owner.
class ProgressBar {
 public:
  // Both outlive the bar.
  ProgressBar(Environment& environment, const Clock& clock)
      : environment_(environment), clock_(clock) {}
  ~ProgressBar() { Clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // False if somebody wants the program to stop.
  bool Show(const WorkProgress& progress);
  // Takes the line off a terminal, so that something else can be printed.
  void Clear();

  // Which calls Show.
  WorkWatcher watcher() {
    return [this](const WorkProgress& progress) { return Show(progress); };
  }

 private:
  Environment& environment_;
  const Clock& clock_;
  std::string step_;
  MonotonicTime step_began_;
  // Empty: nothing was shown of this step, and it is time to.
  std::optional<MonotonicTime> shown_at_;
  // Stands on the terminal.
  bool line_shown_ = false;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_PROGRESS_BAR_H_

#include "tools/trimaran/newcomer_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "tools/trimaran/http_client.h"
#include "tools/trimaran/progress_bar.h"

namespace trimaran::tool {
namespace {

// Nothing is shown of what takes less.
constexpr absl::Duration kInterval = absl::Milliseconds(500);

// Of the line that begins with this.
std::optional<uint64_t> ValueOf(std::string_view metrics,
                                std::string_view series) {
  const std::string before = absl::StrCat("\ntrimaran_", ToAbsl(series), " ");
  const size_t found = metrics.find(before);
  if (found == std::string_view::npos) return std::nullopt;
  metrics.remove_prefix(found + before.size());
  uint64_t value = 0;
  if (!absl::SimpleAtoi(ToAbsl(metrics.substr(0, metrics.find('\n'))),
                        &value)) {
    return std::nullopt;
  }
  return value;
}

// How much more it is now.
uint64_t Since(uint64_t begin, uint64_t now) {
  return now - std::min(begin, now);
}

}  // namespace

std::optional<Newcomer> NewcomerIn(std::string_view metrics, uint64_t id) {
  const auto of_peer = [&](std::string_view name) {
    return ValueOf(metrics, absl::StrCat(ToAbsl(name), "{peer=\"", id, "\"}"));
  };
  const auto active = of_peer("peer_active");
  const auto needs_snapshot = of_peer("peer_needs_snapshot");
  const auto durable = of_peer("peer_durable_index");
  const auto connected = of_peer("connection_up");
  const auto truncated = ValueOf(metrics, "truncated_index");
  const auto last = ValueOf(metrics, "log_last_index");
  if (!active || !needs_snapshot || !durable || !connected || !truncated ||
      !last) {
    return std::nullopt;
  }
  // Who has not said anything yet counts as active for a while.
  return Newcomer{
      .reached = *active != 0 && *connected != 0,
      .gets_snapshot = *needs_snapshot != 0,
      .durable = *durable,
      .truncated = *truncated,
      .last = *last,
      .snapshot_bytes = of_peer("peer_snapshot_bytes").value_or(0),
      .snapshot_bytes_sent = of_peer("peer_snapshot_sent_bytes").value_or(0)};
}

std::string_view NewcomerSteps::StepOf(const Newcomer& now) const {
  if (!now.reached) return "cannot be reached";
  if (now.gets_snapshot) return "gets a snapshot";
  if (now.durable >= now.truncated) return "catches up";
  // It is made before it is sent, and read in afterwards.
  return got_snapshot_ ? "has been sent a snapshot" : "needs a snapshot";
}

WorkProgress NewcomerSteps::Next(const Newcomer& now) {
  got_snapshot_ = got_snapshot_ || now.gets_snapshot;
  std::string step = absl::StrCat("replica ", id_, " ", ToAbsl(StepOf(now)));
  // One snapshot may have to take the place of another.
  const bool another =
      now.gets_snapshot && now.snapshot_bytes != begin_.snapshot_bytes;
  if (step != step_ || another) {
    step_ = std::move(step);
    begin_ = now;
  }
  WorkProgress progress{.step = step_};
  if (!now.reached) return progress;
  if (now.gets_snapshot) {
    progress.bytes = Since(begin_.snapshot_bytes_sent, now.snapshot_bytes_sent);
    progress.bytes_total =
        Since(begin_.snapshot_bytes_sent, now.snapshot_bytes);
  } else if (now.durable >= now.truncated) {
    progress.done = Since(begin_.durable, now.durable);
    progress.total = Since(begin_.durable, now.last);
  }
  return progress;
}

NewcomerWatch::NewcomerWatch(std::string_view at, uint64_t id,
                             Environment& environment)
    : at_(at), id_(id), environment_(environment), thread_([this] { Run(); }) {}

NewcomerWatch::~NewcomerWatch() {
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.NotifyAll();
}

bool NewcomerWatch::AwaitNextTime() {
  const MonotonicClock clock;
  const MonotonicTime next = clock.Now() + kInterval;
  const MutexLock lock(mutex_);
  while (!ended_) {
    const absl::Duration left = next - clock.Now();
    if (left <= absl::ZeroDuration()) return true;
    changed_.WaitFor(mutex_, left);
  }
  return false;
}

void NewcomerWatch::Run() {
  const MonotonicClock clock;
  ProgressBar bar(environment_, clock);
  NewcomerSteps steps(id_);
  while (AwaitNextTime()) {
    const auto answer = Ask(at_, {.path = "/metrics"}, ended_);
    if (!answer.ok() || answer->status != 200) continue;
    const auto newcomer = NewcomerIn(answer->body, id_);
    if (newcomer && !bar.Show(steps.Next(*newcomer))) return;
  }
}

}  // namespace trimaran::tool

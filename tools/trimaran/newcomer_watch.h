#ifndef TRIMARAN_TOOLS_TRIMARAN_NEWCOMER_WATCH_H_
#define TRIMARAN_TOOLS_TRIMARAN_NEWCOMER_WATCH_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/mutex.h"
#include "engine/base/work_progress.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// What a leader knows of a member that is to catch up.
struct Newcomer {
  bool reached = false;
  // Is being sent the data as a whole.
  bool gets_snapshot = false;
  // The last entry that it has.
  uint64_t durable = 0;
  // The log of the leader begins behind the one, and ends with the other.
  uint64_t truncated = 0;
  uint64_t last = 0;
  // Of the snapshot that it is being sent: all, 0 where the leader does not say
  // so, and how far it has come.
  uint64_t snapshot_bytes = 0;
  uint64_t snapshot_bytes_sent = 0;
};

// From the text of GET /metrics. Empty where nothing is said of the member: who
// was asked does not lead, or the member has not been added yet.
//
// Thread: any.
std::optional<Newcomer> NewcomerIn(std::string_view metrics, uint64_t id);

// Makes steps of that: what is counted begins with the step.
//
// Thread: owner.
class NewcomerSteps {
 public:
  explicit NewcomerSteps(uint64_t id) : id_(id) {}

  // Valid until the next call.
  WorkProgress Next(const Newcomer& now);

 private:
  std::string_view StepOf(const Newcomer& now) const;

  const uint64_t id_;
  std::string step_;
  bool got_snapshot_ = false;
  // When the step began.
  Newcomer begin_;
};

// Shows how far a member has caught up, for as long as this lives, while
// somebody else waits for it: asks the leader now and then, over connections of
// its own. That it does not answer is nothing to speak of.
//
// Thread: owner.
class NewcomerWatch {
 public:
  // `at` is http://HOST:PORT of the leader. Nobody else writes to the
  // environment's `err`, which outlives this, meanwhile.
  NewcomerWatch(std::string_view at, uint64_t id, Environment& environment);
  // Takes away what is shown.
  ~NewcomerWatch();
  NewcomerWatch(const NewcomerWatch&) = delete;
  NewcomerWatch& operator=(const NewcomerWatch&) = delete;

 private:
  void Run();
  // False: it is to end.
  bool AwaitNextTime();

  const std::string at_;
  const uint64_t id_;
  Environment& environment_;
  std::atomic<bool> ended_ = false;
  Mutex mutex_;
  CondVar changed_;
  // The last member: it uses the others.
  std::jthread thread_;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_NEWCOMER_WATCH_H_

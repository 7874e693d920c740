#ifndef TRIMARAN_TOOLS_SERVE_GATHERER_H_
#define TRIMARAN_TOOLS_SERVE_GATHERER_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "tools/serve/answers.h"
#include "tools/serve/client_loop.h"
#include "tools/serve/job.h"

namespace trimaran::serve {

// Gathers the jobs of a turn of the loop, which are then begun together: one
// write of what all clients write, one question to the majority for all that
// they read, one thread that is woken.
//
// It does not wait for what is under way. The replica does: what comes while it
// syncs its log is in the next entry, and reads share a round.
//
// Thread: the loop's.
class Gatherer {
 public:
  // Does not wait.
  using Begin = absl::AnyInvocable<void(std::vector<PendingJob>)>;

  // `loop` outlives this, and runs nothing any more when this goes.
  Gatherer(ClientLoop& loop, Begin begin)
      : loop_(loop), begin_(std::move(begin)) {}
  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  void Add(PendingJob job);

 private:
  void BeginAll();

  ClientLoop& loop_;
  Begin begin_;
  std::vector<PendingJob> jobs_;
  size_t bytes_ = 0;
  size_t words_ = 0;
  // It is about to begin them, at the end of the turn.
  bool about_to_ = false;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_GATHERER_H_

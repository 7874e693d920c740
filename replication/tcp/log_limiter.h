#ifndef TRIMARAN_REPLICATION_TCP_LOG_LIMITER_H_
#define TRIMARAN_REPLICATION_TCP_LOG_LIMITER_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"

namespace trimaran {

// Lets the same thing about the same peer into the log once in a while. What
// happens at every attempt to connect would drown the rest of it.
//
// Thread: owner.
class LogLimiter {
 public:
  // How many things are remembered: who makes more of them is not heard.
  static constexpr size_t kEntriesMax = 1024;

  explicit LogLimiter(absl::Duration interval) : interval_(interval) {}

  // Whether `what` may be said now; it is said then. kNoReplica: strangers.
  bool Admits(ReplicaId peer, std::string_view what, MonotonicTime now);

 private:
  const absl::Duration interval_;
  std::map<std::pair<ReplicaId, std::string>, MonotonicTime> said_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_LOG_LIMITER_H_

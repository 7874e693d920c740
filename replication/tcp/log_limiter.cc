#include "replication/tcp/log_limiter.h"

namespace trimaran {

bool LogLimiter::Admits(ReplicaId peer, std::string_view what,
                        MonotonicTime now) {
  if (said_.size() >= kEntriesMax) {
    std::erase_if(said_, [&](const auto& entry) {
      return now - entry.second >= interval_;
    });
  }
  const auto found = said_.find({peer, std::string(what)});
  if (found != said_.end()) {
    if (now - found->second < interval_) return false;
    found->second = now;
    return true;
  }
  if (said_.size() >= kEntriesMax) return false;
  said_.emplace(std::pair(peer, std::string(what)), now);
  return true;
}

}  // namespace trimaran

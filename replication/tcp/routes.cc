#include "replication/tcp/routes.h"

#include <algorithm>

namespace trimaran {
namespace {

// The receiver asks for a window of chunks at a time, and again for those that
// do not come.
constexpr size_t kBulkBytesMax = size_t{32} << 20;
constexpr size_t kBulkFramesMax = 64;

}  // namespace

Route::Route(const TcpOptions& options)
    : messages(std::make_shared<SendQueue>(options.queue_messages_max,
                                           options.queue_bytes_max)),
      bulk(std::make_shared<SendQueue>(
          kBulkFramesMax, std::min(options.queue_bytes_max, kBulkBytesMax))) {}

std::shared_ptr<Route> Routes::Find(ReplicaId peer) const {
  const MutexLock lock(mutex_);
  const auto found = routes_.find(peer);
  return found == routes_.end() ? nullptr : found->second;
}

std::shared_ptr<Route> Routes::FindOrAdd(ReplicaId peer) {
  const MutexLock lock(mutex_);
  std::shared_ptr<Route>& route = routes_[peer];
  if (route == nullptr) route = std::make_shared<Route>(options_);
  return route;
}

void Routes::Remove(ReplicaId peer) {
  const MutexLock lock(mutex_);
  routes_.erase(peer);
}

}  // namespace trimaran

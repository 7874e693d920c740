#ifndef TRIMARAN_REPLICATION_TCP_ROUTES_H_
#define TRIMARAN_REPLICATION_TCP_ROUTES_H_

#include <cstddef>
#include <map>
#include <memory>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/tcp/direct_writer.h"
#include "replication/tcp/send_queue.h"
#include "replication/tcp/tcp_options.h"

namespace trimaran {

// What waits for one peer.
struct Route {
  explicit Route(const TcpOptions& options);

  const std::shared_ptr<SendQueue> messages;
  DirectWriter messages_writer;
  // Apart, so that a chunk never stands before a heartbeat.
  const std::shared_ptr<SendQueue> bulk;
};

// The way from a caller of Send to the peers.
//
// Thread: any.
class Routes {
 public:
  explicit Routes(const TcpOptions& options) : options_(options) {}

  // Null: nobody is on the way to it.
  std::shared_ptr<Route> Find(ReplicaId peer) const;
  std::shared_ptr<Route> FindOrAdd(ReplicaId peer);
  void Remove(ReplicaId peer);

 private:
  const TcpOptions& options_;

  mutable Mutex mutex_;
  std::map<ReplicaId, std::shared_ptr<Route>> routes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_ROUTES_H_

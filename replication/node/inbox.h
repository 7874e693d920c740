#ifndef TRIMARAN_REPLICATION_NODE_INBOX_H_
#define TRIMARAN_REPLICATION_NODE_INBOX_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/transport/peer_message.h"
#include "replication/transport/transport.h"

namespace trimaran {

// What has arrived and has not been looked at. Bounded in messages and in the
// bytes that they hold: what finds no room is dropped, as a network may do. A
// message of any size fits an empty inbox.
//
// Thread: any.
class Inbox {
 public:
  Inbox(size_t messages_max, size_t bytes_max)
      : messages_max_(messages_max), bytes_max_(bytes_max) {}

  // True if it was empty: whoever takes has to be told.
  bool Put(PeerMessage message);
  bool PutUnreachable(ReplicaId peer);
  // Nobody has to be told: it is of use at the next tick.
  void PutAlive(ReplicaId peer, Passage passage);

  struct Mail {
    std::vector<PeerMessage> messages;
    std::vector<ReplicaId> unreachable;
    // Of whom nothing whole has come, nor need it.
    std::set<std::pair<ReplicaId, Passage>> alive;
    // Since the last time.
    uint64_t dropped = 0;
  };
  Mail TakeAll();

 private:
  const size_t messages_max_;
  const size_t bytes_max_;

  Mutex mutex_;
  Mail mail_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_INBOX_H_

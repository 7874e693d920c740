#ifndef TRIMARAN_REPLICATION_NODE_INBOX_H_
#define TRIMARAN_REPLICATION_NODE_INBOX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

// What has arrived and has not been looked at. Bounded: what finds no room is
// dropped, as a network may do.
//
// Thread: any.
class Inbox {
 public:
  explicit Inbox(size_t messages_max) : messages_max_(messages_max) {}

  // True if it was empty: whoever takes has to be told.
  bool Put(PeerMessage message);
  bool PutUnreachable(ReplicaId peer);

  struct Mail {
    std::vector<PeerMessage> messages;
    std::vector<ReplicaId> unreachable;
    // Since the last time.
    uint64_t dropped = 0;
  };
  Mail TakeAll();

 private:
  const size_t messages_max_;

  Mutex mutex_;
  Mail mail_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_INBOX_H_

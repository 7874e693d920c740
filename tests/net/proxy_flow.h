#ifndef TRIMARAN_TESTS_NET_PROXY_FLOW_H_
#define TRIMARAN_TESTS_NET_PROXY_FLOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"

namespace trimaran::net {

// What befalls bytes on the way from one replica to another.
struct LinkRules {
  // Before they arrive; of the second, any part. They stay in order.
  absl::Duration delay = absl::ZeroDuration();
  absl::Duration jitter = absl::ZeroDuration();
  // Of all connections between the two together; 0: no limit.
  uint64_t bytes_per_second = 0;
  // Nothing passes, neither bytes nor the end of them; what has been sent comes
  // when this is over, as it does with TCP if its packets get lost.
  bool cut = false;
  // Of a million pieces, as they are read, in so many one bit is turned.
  uint32_t corrupt_per_million = 0;

  friend bool operator==(const LinkRules&, const LinkRules&) = default;
};

// One direction between two replicas, with all connections that lie on it.
struct Link {
  LinkRules rules;
  // When the throttle lets the next piece pass.
  MonotonicTime free_at;
  uint64_t bytes = 0;
  // The connections on it are reset when `bytes` comes to this.
  uint64_t reset_at = std::numeric_limits<uint64_t>::max();
  uint64_t pieces_corrupted = 0;
};

// One direction of one connection: reads here, writes there, and does to the
// bytes what the rules of the link say.
//
// Thread: owner.
class ProxyFlow {
 public:
  // Both files outlive this, and do not block.
  ProxyFlow(int source, int sink, Link& link)
      : source_(source), sink_(sink), link_(link) {}

  bool WantsToRead() const;
  bool WantsToWrite(MonotonicTime now) const;
  // When it will want to write; Infinite: not before something is read.
  MonotonicTime next_write() const;

  // False: the connection is broken.
  bool Read(MonotonicTime now, Random& random);
  bool Write(MonotonicTime now);

  // The sink is told that nothing comes any more, and nothing does.
  void HalfClose();
  // All that came has been passed on, and so has its end.
  bool done() const { return end_passed_; }

 private:
  struct Piece {
    MonotonicTime due;
    std::string bytes;
  };
  size_t waiting_max() const;
  void PassEnd();

  const int source_;
  const int sink_;
  Link& link_;
  std::deque<Piece> waiting_;
  size_t waiting_bytes_ = 0;
  // When the last piece is due: none passes another.
  MonotonicTime last_due_;
  bool ended_ = false;
  bool end_passed_ = false;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_PROXY_FLOW_H_

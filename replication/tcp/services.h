#ifndef TRIMARAN_REPLICATION_TCP_SERVICES_H_
#define TRIMARAN_REPLICATION_TCP_SERVICES_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "replication/tcp/io_loop.h"
#include "replication/tcp/link_board.h"
#include "replication/tcp/log_limiter.h"
#include "replication/tcp/sink_slot.h"
#include "replication/tcp/tcp_options.h"
#include "replication/tcp/token_bucket.h"
#include "replication/wire/handshake.h"

namespace trimaran {

// What every part of a transport uses.
//
// Thread: the loop's.
struct Services {
  const TcpOptions& options;
  // What the others are told.
  const std::string& advertised;
  IoLoop& loop;
  const Clock& clock;
  Random& random;
  SinkSlot& sink;
  LinkBoard& board;
  TokenBucket& bulk;
  LogLimiter& limiter;

  wire::Identity self() const {
    return {options.cluster, options.group, options.replica, options.store,
            options.nonce};
  }
  // A warning about `peer`, unless it was given lately. `kind` tells one from
  // another.
  void Warn(ReplicaId peer, std::string_view kind,
            std::string_view text) const {
    if (!limiter.Admits(peer, kind, clock.Now())) return;
    options.logger.Warning(text);
  }
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_SERVICES_H_

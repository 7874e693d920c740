#ifndef TRIMARAN_REPLICATION_TCP_TCP_HUB_H_
#define TRIMARAN_REPLICATION_TCP_TCP_HUB_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "replication/tcp/io_loop.h"
#include "replication/tcp/link_board.h"
#include "replication/tcp/listening.h"
#include "replication/tcp/log_limiter.h"
#include "replication/tcp/peer_links.h"
#include "replication/tcp/reception.h"
#include "replication/tcp/routes.h"
#include "replication/tcp/services.h"
#include "replication/tcp/sink_slot.h"
#include "replication/tcp/stream_factory.h"
#include "replication/tcp/tcp_options.h"
#include "replication/tcp/tcp_transport.h"
#include "replication/tcp/token_bucket.h"
#include "replication/transport/transport.h"

namespace trimaran {

// What a TcpTransport is made of: the parts that any thread may use, and those
// that belong to the thread of the loop.
//
// Thread: any.
class TcpHub {
 public:
  // What TcpTransport::Start says.
  static absl::StatusOr<std::unique_ptr<TcpHub>> Start(
      const TcpOptions& options);
  ~TcpHub();
  TcpHub(const TcpHub&) = delete;
  TcpHub& operator=(const TcpHub&) = delete;

  const std::string& listen_address() const { return listen_; }
  const std::string& advertised_address() const { return advertised_; }
  TcpStatus status() const;

  void Attach(ReplicaId replica, MessageSink& sink);
  void Detach(ReplicaId replica);
  void Send(const std::vector<PeerMessage>& messages);
  void UpdatePeers(ReplicaId replica, const PeerDirectory& peers);

 private:
  // Frames for one peer.
  struct Batch {
    ReplicaId peer;
    std::vector<wire::OutgoingFrame> messages;
    std::vector<wire::OutgoingFrame> bulk;
  };

  TcpHub(const TcpOptions& options, Listening listening,
         std::unique_ptr<const Clock> clock, std::unique_ptr<IoLoop> loop,
         std::unique_ptr<StreamFactory> streams);

  static Batch& BatchOf(ReplicaId peer, std::vector<Batch>& batches);
  void SendBatch(Batch batch);
  void TellUnreachable(ReplicaId peer);
  void Begin();
  void Tick();

  const TcpOptions options_;
  const std::string listen_;
  const std::string advertised_;
  const std::unique_ptr<const Clock> clock_;
  // ---- Any thread ----
  SinkSlot sink_;
  LinkBoard board_;
  Routes routes_;
  const std::unique_ptr<IoLoop> loop_;
  // ---- The loop's thread ----
  SeededRandom random_;
  TokenBucket bulk_;
  LogLimiter limiter_;
  const Services services_;
  const std::unique_ptr<StreamFactory> streams_;
  PeerLinks links_;
  Reception reception_;
  IoLoop::Timer tick_;
  bool begun_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TCP_HUB_H_

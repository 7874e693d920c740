#include "replication/tcp/tcp_hub.h"

#include <utility>
#include <variant>

#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/tls_factory.h"
#include "replication/wire/message_codec.h"

namespace trimaran {
namespace {

// How often the log says the same about the same peer.
constexpr absl::Duration kLogInterval = absl::Seconds(30);
// What a caller of Send writes himself. He decides for the whole group, and
// must not copy for long.
constexpr size_t kWrittenBySenderMax = size_t{64} << 10;

absl::StatusOr<std::unique_ptr<StreamFactory>> MakeFactory(
    const TcpOptions& options, const Clock& clock) {
  if (!options.tls.has_value()) return std::make_unique<PlainStreamFactory>();
  return TlsFactory::Create(*options.tls,
                            CertifiedName(options.cluster, options.replica),
                            clock, options.logger);
}

size_t BytesOf(const std::vector<wire::OutgoingFrame>& frames) {
  size_t bytes = 0;
  for (const wire::OutgoingFrame& frame : frames) bytes += frame.size_bytes();
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TcpHub>> TcpHub::Start(
    const TcpOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(ValidateTcpOptions(options));
  auto clock = std::make_unique<const MonotonicClock>();
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<StreamFactory> streams,
                            MakeFactory(options, *clock));
  TRIMARAN_ASSIGN_OR_RETURN(Listening listening, OpenListening(options));
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<IoLoop> loop, IoLoop::Start());
  return std::unique_ptr<TcpHub>(new TcpHub(options, std::move(listening),
                                            std::move(clock), std::move(loop),
                                            std::move(streams)));
}

TcpHub::TcpHub(const TcpOptions& options, Listening listening,
               std::unique_ptr<const Clock> clock, std::unique_ptr<IoLoop> loop,
               std::unique_ptr<StreamFactory> streams)
    : options_(options),
      listen_(std::move(listening.address)),
      advertised_(options.advertise.empty() ? listen_ : options.advertise),
      clock_(std::move(clock)),
      routes_(options_),
      loop_(std::move(loop)),
      random_(options.nonce),
      bulk_(options.bulk_bytes_per_second),
      limiter_(kLogInterval),
      services_{.options = options_,
                .advertised = advertised_,
                .loop = *loop_,
                .clock = *clock_,
                .random = random_,
                .sink = sink_,
                .board = board_,
                .bulk = bulk_,
                .limiter = limiter_},
      streams_(std::move(streams)),
      links_(services_, *streams_, routes_),
      reception_(services_, *streams_, links_, std::move(listening.socket)),
      tick_(*loop_) {}

TcpHub::~TcpHub() {
  // From here on nothing runs on the other thread.
  loop_->Stop();
}

void TcpHub::Begin() {
  if (std::exchange(begun_, true)) return;
  reception_.Start();
  Tick();
}

void TcpHub::Tick() {
  streams_->Refresh();
  links_.Tick();
  reception_.Tick();
  tick_.After(options_.ping_interval, [this] { Tick(); });
}

TcpStatus TcpHub::status() const {
  TcpStatus status = board_.Read();
  status.certificate_expires = streams_->certificate_expires();
  for (LinkStatus& link : status.links) {
    const std::shared_ptr<Route> route = routes_.Find(link.peer);
    if (route == nullptr) continue;
    link.messages_dropped = route->messages->dropped() + route->bulk->dropped();
  }
  return status;
}

void TcpHub::Attach(ReplicaId replica, MessageSink& sink) {
  TRIMARAN_CHECK_EQ(replica, options_.replica);
  TRIMARAN_CHECK(sink_.Attach(sink))
      << "replica " << replica.value() << " is there already";
  // Not before: each greeting says how far the replica is.
  loop_->Post([this] { Begin(); });
}

void TcpHub::Detach(ReplicaId replica) {
  TRIMARAN_CHECK_EQ(replica, options_.replica);
  sink_.Detach();
}

void TcpHub::TellUnreachable(ReplicaId peer) {
  // Not from Send: the caller may hold what the sink needs.
  loop_->Post([this, peer] { sink_.Unreachable(peer); });
}

TcpHub::Batch& TcpHub::BatchOf(ReplicaId peer, std::vector<Batch>& batches) {
  for (Batch& batch : batches) {
    if (batch.peer == peer) return batch;
  }
  batches.push_back({.peer = peer, .messages = {}, .bulk = {}});
  return batches.back();
}

void TcpHub::Send(const std::vector<PeerMessage>& messages) {
  std::vector<Batch> batches;
  for (const PeerMessage& message : messages) {
    if (message.to == options_.replica) continue;
    absl::StatusOr<wire::OutgoingFrame> frame =
        wire::EncodeMessage(message.body);
    if (!frame.ok()) {
      options_.logger.Error(
          "a message to replica ", message.to,
          " cannot be sent: ", ToStd(frame.status().message()));
      continue;
    }
    Batch& batch = BatchOf(message.to, batches);
    const bool is_bulk =
        std::get_if<MsgSnapshotChunk>(&message.body) != nullptr;
    (is_bulk ? batch.bulk : batch.messages).push_back(*std::move(frame));
  }
  for (Batch& batch : batches) SendBatch(std::move(batch));
}

void TcpHub::SendBatch(Batch batch) {
  const std::shared_ptr<Route> route = routes_.Find(batch.peer);
  if (route == nullptr) return TellUnreachable(batch.peer);
  const size_t bytes = BytesOf(batch.messages);
  const SendQueue::PutResult messages =
      route->messages->Put(std::move(batch.messages));
  const SendQueue::PutResult bulk = route->bulk->Put(std::move(batch.bulk));
  if (messages.overflowed) TellUnreachable(batch.peer);
  const bool writes = bytes <= kWrittenBySenderMax;
  const bool wake =
      messages.woken && !(writes && route->messages_writer.Flush());
  if (wake || bulk.woken) {
    loop_->Post([this, peer = batch.peer] { links_.Wake(peer); });
  }
}

void TcpHub::UpdatePeers(ReplicaId replica, const PeerDirectory& peers) {
  TRIMARAN_CHECK_EQ(replica, options_.replica);
  // At once, so that what is sent next has somewhere to wait.
  for (const auto& [peer, record] : peers) {
    if (record.member && !record.address.empty() && peer != replica) {
      routes_.FindOrAdd(peer);
    }
  }
  loop_->Post([this, peers] {
    links_.SetDirectory(peers);
    reception_.JudgeAgain();
  });
}

}  // namespace trimaran

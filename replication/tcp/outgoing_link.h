#ifndef TRIMARAN_REPLICATION_TCP_OUTGOING_LINK_H_
#define TRIMARAN_REPLICATION_TCP_OUTGOING_LINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/region.h"
#include "replication/tcp/backoff.h"
#include "replication/tcp/connection.h"
#include "replication/tcp/dial.h"
#include "replication/tcp/routes.h"
#include "replication/tcp/send_queue.h"
#include "replication/tcp/services.h"
#include "replication/tcp/stream_factory.h"
#include "replication/wire/handshake.h"

namespace trimaran {

// The way to one peer on one channel: dials, says Hello, and sends what is
// queued for as long as the connection lives; then dials again.
//
//   idle -> dialling -> greeting -> up
//     ^         |           |        |
//     |         +-----------+--------+--> waiting -> dialling
//
// What is queued when an attempt fails or a connection breaks is dropped: the
// sender learns that the peer is unreachable, and what it has to say later will
// not be what it had to say now.
//
// Thread: the loop's.
class OutgoingLink final : private Connection::Owner {
 public:
  // All of them outlive this.
  OutgoingLink(const Services& services, StreamFactory& streams, ReplicaId peer,
               wire::Channel channel, std::shared_ptr<Route> route);
  ~OutgoingLink() override;
  OutgoingLink(const OutgoingLink&) = delete;
  OutgoingLink& operator=(const OutgoingLink&) = delete;

  // Where the peer is, and the store that it is known to be, or 0. A link for
  // messages dials at once, one for bulk when there is something to send.
  void SetTarget(const std::string& address, StoreId store);
  // Something has been queued.
  void Wake();
  // The peer is there: it has just dialled this replica.
  void Nudge();
  // At each interval of pings.
  void Tick();

  bool up() const { return state_ == State::kUp; }

 private:
  enum class State : uint8_t { kIdle, kWaiting, kDialling, kGreeting, kUp };

  // ---- Connection::Owner ----
  void OnSecured() override;
  absl::Status OnFrame(const wire::FrameView& frame) override;
  void OnPartTaken() override {
    if (carries_messages()) {
      services_.sink.PartPassed(peer_, Passage::kToPeer);
    }
  }
  void OnClosed(const absl::Status& why) override;

  bool carries_messages() const { return channel_ == wire::Channel::kMessages; }
  void StartDialling();
  void OnDialled(absl::StatusOr<UniqueFd> socket);
  absl::Status OnWelcome(const wire::Welcome& welcome);
  // One of the two does not want to talk to the other.
  absl::Status Refused(const wire::Refusal& refusal, bool by_peer);
  void Fail(const absl::Status& why);
  // Drops the connection, and what it had to send.
  void Drop();
  void Retry();
  // Moves chunks on as fast as they may be sent.
  void PaceBulk();
  // A connection for bulk that has had nothing to do for long.
  bool IsUnused();
  void ShowCounters();

  const Services& services_;
  StreamFactory& streams_;
  const ReplicaId peer_;
  const wire::Channel channel_;
  const std::shared_ptr<Route> route_;
  const std::shared_ptr<SendQueue> queue_;
  // Of bulk where its rate is limited: what may be sent now.
  const std::shared_ptr<SendQueue> paced_;

  std::string address_;
  StoreId store_;
  State state_ = State::kIdle;
  Backoff backoff_;
  // Until the next attempt, or until the peer has to have answered.
  IoLoop::Timer timer_;
  IoLoop::Timer pace_timer_;
  std::unique_ptr<Dial> dial_;
  std::shared_ptr<Connection> connection_;
  wire::Hello hello_;
  bool refused_ = false;
  // The peer says that this replica has left the group.
  bool removed_ = false;
  // Since it is up.
  int64_t ticks_up_ = 0;
  // Of connection_, what the status counts already.
  uint64_t bytes_shown_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_OUTGOING_LINK_H_

#include "replication/tcp/outgoing_link.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/mutant.h"

namespace trimaran {
namespace {

// A connection that has lived for so long was worth having: what came to an end
// then is a new trouble, and not the same one again.
constexpr absl::Duration kProven = absl::Seconds(1);
// What is taken from a queue at a time: a ping waits for no more than this.
constexpr size_t kBatchBytes = size_t{256} << 10;
// Of chunks that may be sent and have not been; then the limit does not bind.
constexpr size_t kPacedFrames = 4;
constexpr absl::Duration kPaceInterval = absl::Milliseconds(10);

std::shared_ptr<SendQueue> PacedQueue(const TcpOptions& options,
                                      wire::Channel channel) {
  if (channel != wire::Channel::kBulk || options.bulk_bytes_per_second == 0) {
    return nullptr;
  }
  return std::make_shared<SendQueue>(kPacedFrames, options.queue_bytes_max);
}

}  // namespace

OutgoingLink::OutgoingLink(const Services& services, StreamFactory& streams,
                           ReplicaId peer, wire::Channel channel,
                           std::shared_ptr<Route> route)
    : services_(services),
      streams_(streams),
      peer_(peer),
      channel_(channel),
      route_(std::move(route)),
      queue_(carries_messages() ? route_->messages : route_->bulk),
      paced_(PacedQueue(services.options, channel)),
      backoff_(services.options.backoff_min, services.options.backoff_max,
               services.random),
      timer_(services.loop),
      pace_timer_(services.loop) {}

OutgoingLink::~OutgoingLink() { Drop(); }

void OutgoingLink::SetTarget(const std::string& address, StoreId store) {
  const bool moved = address != address_;
  store_ = store;
  if (!moved) return;
  address_ = address;
  backoff_.Reset();
  if (carries_messages()) {
    // What was under way is lost.
    if (up()) services_.sink.Unreachable(peer_);
    services_.board.Update(peer_, [&](LinkStatus& link) {
      link.address = address;
      link.refused = false;
    });
    Drop();
    StartDialling();
  } else if (state_ != State::kIdle) {
    Drop();
    state_ = State::kIdle;
    Wake();
  }
}

void OutgoingLink::Wake() {
  switch (state_) {
    case State::kUp:
      if (paced_ != nullptr) {
        PaceBulk();
      } else {
        connection_->Flush();
      }
      return;
    case State::kIdle:
      if (!queue_->empty()) StartDialling();
      return;
    case State::kWaiting:
    case State::kDialling:
    case State::kGreeting:
      return;
  }
}

void OutgoingLink::Nudge() {
  // Who dials a replica that has left the group takes it for a member again.
  if (state_ == State::kWaiting && (!refused_ || removed_)) StartDialling();
}

void OutgoingLink::StartDialling() {
  state_ = State::kDialling;
  refused_ = false;
  removed_ = false;
  timer_.Cancel();
  const TcpOptions& options = services_.options;
  dial_ = std::make_unique<Dial>(
      services_.loop,
      Dial::Options{
          .timeout = options.connect_timeout,
          .loopback_only = !options.tls.has_value() && !options.insecure},
      [this](absl::StatusOr<UniqueFd> socket) {
        OnDialled(std::move(socket));
      });
  dial_->Start(address_);
}

void OutgoingLink::OnDialled(absl::StatusOr<UniqueFd> socket) {
  dial_.reset();
  if (!socket.ok()) return Fail(socket.status());
  // What a socket does not offer is no reason not to use it.
  SetConnectionOptions(*socket, services_.options.silence_max).IgnoreError();
  auto stream =
      streams_.Make(*std::move(socket), StreamFactory::Side::kDialler);
  if (!stream.ok()) return Fail(stream.status());
  state_ = State::kGreeting;
  connection_ = std::make_shared<Connection>(
      services_.loop, services_.clock, *std::move(stream),
      static_cast<Connection::Owner&>(*this));
  timer_.After(services_.options.handshake_timeout, [this] {
    Fail(absl::DeadlineExceededError("no answer to Hello"));
  });
  connection_->Start();
}

void OutgoingLink::OnSecured() {
  if (!LeadsTo(streams_, connection_->PeerNames(), services_.options.cluster,
               peer_)) {
    const wire::Refusal refusal = {
        .reason = wire::RefusalReason::kCertificate,
        .text = absl::StrCat("the certificate is not that of ",
                             CertifiedName(services_.options.cluster, peer_)),
        .bound = StoreId()};
    // So that it is known there, too.
    connection_->Push(
        wire::MakeFrame(wire::FrameType::kRefusal, wire::Encode(refusal)));
    Fail(Refused(refusal, /*by_peer=*/false));
    return;
  }
  const auto position = services_.sink.position();
  // Whoever closes would seem to have lost what it had.
  if (!position) return Fail(absl::UnavailableError("the replica has gone"));
  hello_ = wire::Hello{};
  hello_.from = services_.self();
  hello_.channel = channel_;
  hello_.to = peer_;
  hello_.to_store = store_;
  hello_.address = services_.advertised;
  hello_.position = *position;
  connection_->Push(
      wire::MakeFrame(wire::FrameType::kHello, wire::Encode(hello_)));
}

absl::Status OutgoingLink::OnFrame(const wire::FrameView& frame) {
  if (state_ == State::kGreeting && frame.type == wire::FrameType::kWelcome) {
    TRIMARAN_ASSIGN_OR_RETURN(const wire::Welcome welcome,
                              wire::DecodeWelcome(frame.meta));
    return OnWelcome(welcome);
  }
  if (state_ == State::kGreeting && frame.type == wire::FrameType::kRefusal) {
    TRIMARAN_ASSIGN_OR_RETURN(const wire::Refusal refusal,
                              wire::DecodeRefusal(frame.meta));
    return Refused(refusal, /*by_peer=*/true);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(wire::FrameTypeName(static_cast<uint8_t>(frame.type)),
                   " on a connection that only this side sends on"));
}

absl::Status OutgoingLink::OnWelcome(const wire::Welcome& welcome) {
  if (const auto refusal = wire::JudgeWelcome(welcome, hello_)) {
    return Refused(*refusal, /*by_peer=*/false);
  }
  state_ = State::kUp;
  timer_.Cancel();
  refused_ = false;
  ticks_up_ = 0;
  if (carries_messages()) {
    services_.board.Update(peer_, [](LinkStatus& link) {
      link.sending = true;
      link.error.clear();
      link.refused = false;
      ++link.connects;
    });
    services_.options.logger.Info("sending to replica ", peer_, " at ",
                                  address_);
  }
  connection_->EnterMessages(paced_ != nullptr ? paced_ : queue_, kBatchBytes);
  if (carries_messages()) {
    route_->messages_writer.Set(connection_->direct_writer());
  }
  Wake();
  return absl::OkStatus();
}

absl::Status OutgoingLink::Refused(const wire::Refusal& refusal, bool by_peer) {
  refused_ = true;
  removed_ = by_peer && refusal.reason == wire::RefusalReason::kRemoved;
  if (by_peer && carries_messages() &&
      refusal.reason == wire::RefusalReason::kWrongStore &&
      !MutantActive(TcpMutant::kWrongStoreNotTold)) {
    // What a member would say that had let this one connect.
    services_.sink.Deliver(PeerMessage{.from = peer_,
                                       .to = services_.options.replica,
                                       .body = MsgStoreRefused{refusal.bound},
                                       .from_store = store_});
  }
  return absl::FailedPreconditionError(
      absl::StrCat(by_peer ? "refused by the peer, " : "refused, ",
                   ToAbsl(wire::RefusalReasonName(refusal.reason)), ": ",
                   EscapeForLog(refusal.text)));
}

void OutgoingLink::OnClosed(const absl::Status& why) {
  if (state_ != State::kGreeting || !absl::IsUnavailable(why)) return Fail(why);
  // Nobody who speaks this protocol leaves without a word.
  Fail(absl::UnavailableError(absl::StrCat(
      why.message(), " without an answer to Hello",
      services_.options.tls.has_value() ? "" : ": it may want TLS")));
}

void OutgoingLink::Fail(const absl::Status& why) {
  const bool was_up = up();
  // A certificate that is not believed, or an address that is not allowed.
  if (absl::IsPermissionDenied(why)) refused_ = true;
  Drop();
  const size_t dropped = queue_->Clear();
  const std::string text(ToStd(why.message()));
  services_.Warn(
      peer_, text,
      absl::StrCat(was_up ? "lost" : "no", " connection to replica ",
                   peer_.value(), " at ", EscapeForLog(address_), ": ", text));
  if (carries_messages()) {
    services_.board.Update(peer_, [&](LinkStatus& link) {
      link.error = text;
      link.refused = refused_;
    });
    if ((was_up || dropped > 0) && !MutantActive(TcpMutant::kLossNotTold)) {
      services_.sink.Unreachable(peer_);
    }
  }
  Retry();
}

void OutgoingLink::Drop() {
  timer_.Cancel();
  pace_timer_.Cancel();
  dial_.reset();
  if (connection_ != nullptr) {
    if (carries_messages()) route_->messages_writer.Set(nullptr);
    connection_->Close();
    ShowCounters();
    bytes_shown_ = 0;
    queue_->AddDropped(connection_->frames_lost());
    connection_.reset();
  }
  if (paced_ != nullptr) queue_->AddDropped(paced_->Clear());
  if (up() && carries_messages()) {
    services_.board.Update(peer_,
                           [](LinkStatus& link) { link.sending = false; });
  }
  state_ = State::kIdle;
}

void OutgoingLink::Retry() {
  if (refused_) backoff_.Exhaust();
  state_ = State::kWaiting;
  const absl::Duration wait =
      removed_ ? services_.options.backoff_removed : backoff_.Next();
  timer_.After(wait, [this] {
    state_ = State::kIdle;
    if (carries_messages() || !queue_->empty()) StartDialling();
  });
}

void OutgoingLink::Tick() {
  if (!up()) return;
  ShowCounters();
  const TcpOptions& options = services_.options;
  if (++ticks_up_ * options.ping_interval >= kProven) backoff_.Reset();
  if (connection_->CountSilence() * options.ping_interval >
          options.silence_max &&
      !MutantActive(TcpMutant::kSilenceNotNoticed)) {
    Fail(absl::DeadlineExceededError(absl::StrCat(
        "nothing heard for ", absl::FormatDuration(options.silence_max))));
    return;
  }
  if (IsUnused()) {
    Drop();
    Wake();
    return;
  }
  connection_->Ping();
}

bool OutgoingLink::IsUnused() {
  // What waits until it may be sent is work, too.
  if (carries_messages() || !queue_->empty()) return false;
  const TcpOptions& options = services_.options;
  return connection_->CountUnused() * options.ping_interval >
         options.bulk_unused_max;
}

void OutgoingLink::PaceBulk() {
  if (!up()) return;
  const absl::Duration wait = services_.bulk.WaitTime(services_.clock.Now());
  if (wait > absl::ZeroDuration() || !paced_->empty()) {
    pace_timer_.After(std::max(wait, kPaceInterval), [this] { PaceBulk(); });
    return;
  }
  std::deque<wire::OutgoingFrame> taken;
  if (queue_->Take(1, taken) == 0) return;
  services_.bulk.Take(taken.front().size_bytes());
  std::vector<wire::OutgoingFrame> frames;
  frames.push_back(std::move(taken.front()));
  paced_->Put(std::move(frames));
  connection_->Flush();
  pace_timer_.After(absl::ZeroDuration(), [this] { PaceBulk(); });
}

void OutgoingLink::ShowCounters() {
  if (connection_ == nullptr) return;
  const uint64_t written = connection_->bytes_written();
  services_.board.UpdateKnown(peer_, [&](LinkStatus& link) {
    link.bytes_sent += written - std::exchange(bytes_shown_, written);
    if (carries_messages() && connection_->round_trip().has_value()) {
      link.round_trip = connection_->round_trip();
    }
  });
}

}  // namespace trimaran

#include "replication/tcp/incoming.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/mutant.h"
#include "replication/wire/message_codec.h"

namespace trimaran {
namespace {

// A core's message says itself whom it is from. It speaks for nobody but the
// replica whose connection it comes on.
absl::Status CheckNames(const raft::Message& message,
                        const wire::Hello& hello) {
  if (message.from == hello.from.replica && message.to == hello.to &&
      message.group == hello.from.group) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a message from replica ", message.from.value(),
                   " to replica ", message.to.value(), " of group ",
                   message.group.value(), " on a connection from replica ",
                   hello.from.replica.value(), " to replica ", hello.to.value(),
                   " of group ", hello.from.group.value()));
}

absl::Status CheckNames(const PeerBody& body, const wire::Hello& hello) {
  if (const auto* message = std::get_if<raft::Message>(&body)) {
    return CheckNames(*message, hello);
  }
  if (const auto* offer = std::get_if<MsgSnapshotOffer>(&body)) {
    return CheckNames(offer->announcement, hello);
  }
  return absl::OkStatus();
}

}  // namespace

Incoming::Incoming(uint64_t id, const Services& services, Host& host,
                   std::unique_ptr<ByteStream> stream, MonotonicTime deadline)
    : id_(id),
      services_(services),
      host_(host),
      connection_(std::make_shared<Connection>(
          services.loop, services.clock, std::move(stream),
          static_cast<Connection::Owner&>(*this))),
      deadline_(deadline) {}

Incoming::~Incoming() { connection_->Close(); }

void Incoming::Contest(MonotonicTime deadline) {
  phase_ = Phase::kContested;
  deadline_ = deadline;
}

void Incoming::Welcome() {
  phase_ = Phase::kOpen;
  connection_->Push(wire::MakeFrame(
      wire::FrameType::kWelcome,
      wire::Encode(wire::MakeWelcome(hello_, services_.self()))));
  connection_->EnterMessages(nullptr, 0);
}

void Incoming::Refuse(const wire::Refusal& refusal, MonotonicTime deadline) {
  phase_ = Phase::kEnding;
  deadline_ = deadline;
  connection_->Push(
      wire::MakeFrame(wire::FrameType::kRefusal, wire::Encode(refusal)));
  connection_->EndAfterFlush();
}

void Incoming::Close() {
  phase_ = Phase::kClosed;
  connection_->Close();
}

uint64_t Incoming::TakeBytesRead() {
  const uint64_t before =
      std::exchange(bytes_taken_, connection_->bytes_read());
  return bytes_taken_ - before;
}

bool Incoming::TakePart() {
  if (!connection_->TakePart()) return false;
  // On the other channel nothing waits behind it.
  if (hello_.channel == wire::Channel::kMessages &&
      !MutantActive(TcpMutant::kPartNotTold)) {
    services_.sink.PartPassed(peer(), Passage::kFromPeer);
  }
  return true;
}

void Incoming::OnClosed(const absl::Status& why) {
  const Phase last = std::exchange(phase_, Phase::kClosed);
  if (last != Phase::kClosed) host_.OnClosed(*this, last, why);
}

absl::Status Incoming::OnFrame(const wire::FrameView& frame) {
  switch (phase_) {
    case Phase::kStranger:
      return OnHandshakeFrame(frame);
    case Phase::kOpen:
      return OnMessageFrame(frame);
    case Phase::kContested:
    case Phase::kEnding:
    case Phase::kClosed:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(wire::FrameTypeName(static_cast<uint8_t>(frame.type)),
                   " before the answer to Hello"));
}

absl::Status Incoming::OnHandshakeFrame(const wire::FrameView& frame) {
  if (frame.type == wire::FrameType::kHello) {
    TRIMARAN_ASSIGN_OR_RETURN(hello_, wire::DecodeHello(frame.meta));
    host_.OnHello(*this);
    return absl::OkStatus();
  }
  if (frame.type == wire::FrameType::kRefusal) {
    TRIMARAN_ASSIGN_OR_RETURN(const wire::Refusal refusal,
                              wire::DecodeRefusal(frame.meta));
    host_.OnRefusal(*this, refusal);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("a connection begins with Hello");
}

absl::Status Incoming::OnMessageFrame(const wire::FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(PeerBody body, wire::DecodeMessage(frame));
  if (!MutantActive(TcpMutant::kSenderTakenFromMessage)) {
    TRIMARAN_RETURN_IF_ERROR(CheckNames(body, hello_));
  }
  services_.sink.Deliver(PeerMessage{.from = hello_.from.replica,
                                     .to = hello_.to,
                                     .body = std::move(body),
                                     .from_store = hello_.from.store});
  return absl::OkStatus();
}

}  // namespace trimaran

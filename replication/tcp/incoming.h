#ifndef TRIMARAN_REPLICATION_TCP_INCOMING_H_
#define TRIMARAN_REPLICATION_TCP_INCOMING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/clock.h"
#include "replication/tcp/connection.h"
#include "replication/tcp/services.h"
#include "replication/wire/handshake.h"

namespace trimaran {

// One accepted connection: a stranger until its Hello has been judged, a peer
// from then on.
//
// Thread: the loop's.
class Incoming final : private Connection::Owner {
 public:
  enum class Phase : uint8_t {
    // Nothing has been judged yet.
    kStranger,
    // Waits for another process of the same replica to give a sign of life.
    kContested,
    kOpen,
    // Has been refused.
    kEnding,
    kClosed,
  };

  // Who decides about it. No call destroys the Incoming before it returns.
  class Host {
   public:
    virtual ~Host() = default;

    virtual void OnHello(Incoming& incoming) = 0;
    // The dialler does not want to talk to this replica.
    virtual void OnRefusal(Incoming& incoming,
                           const wire::Refusal& refusal) = 0;
    virtual void OnPong(Incoming& incoming) = 0;
    // It has ended by itself, in the phase `last`.
    virtual void OnClosed(Incoming& incoming, Phase last,
                          const absl::Status& why) = 0;
  };

  // `deadline`: of the handshake.
  Incoming(uint64_t id, const Services& services, Host& host,
           std::unique_ptr<ByteStream> stream, MonotonicTime deadline);
  ~Incoming() override;
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  void Start() { connection_->Start(); }
  // Waits until `deadline` for a sign of life of somebody else.
  void Contest(MonotonicTime deadline);
  void Welcome();
  // Says why, and closes by `deadline` at the latest.
  void Refuse(const wire::Refusal& refusal, MonotonicTime deadline);
  void Close();
  void Ping() { connection_->Ping(); }
  int CountSilence() { return connection_->CountSilence(); }
  // At each interval of pings: tells both sides of what comes in parts. Whether
  // something does, which is a sign of life like a pong.
  bool TakePart();

  // In the order of being accepted.
  uint64_t id() const { return id_; }
  Phase phase() const { return phase_; }
  MonotonicTime deadline() const { return deadline_; }
  // What it has said; empty before.
  const wire::Hello& hello() const { return hello_; }
  ReplicaId peer() const { return hello_.from.replica; }
  std::vector<std::string> PeerNames() const {
    return connection_->PeerNames();
  }
  // What has been read since the last call.
  uint64_t TakeBytesRead();

 private:
  // ---- Connection::Owner ----
  void OnSecured() override {}
  absl::Status OnFrame(const wire::FrameView& frame) override;
  void OnPong() override { host_.OnPong(*this); }
  void OnClosed(const absl::Status& why) override;

  absl::Status OnHandshakeFrame(const wire::FrameView& frame);
  absl::Status OnMessageFrame(const wire::FrameView& frame);

  const uint64_t id_;
  const Services& services_;
  Host& host_;
  std::shared_ptr<Connection> connection_;
  MonotonicTime deadline_;
  Phase phase_ = Phase::kStranger;
  wire::Hello hello_;
  uint64_t bytes_taken_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_INCOMING_H_

#ifndef TRIMARAN_TESTS_REPLICATION_TCP_TCP_FIXTURE_H_
#define TRIMARAN_TESTS_REPLICATION_TCP_TCP_FIXTURE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/tcp/tcp_options.h"
#include "replication/tcp/tcp_transport.h"
#include "replication/transport/transport.h"
#include "replication/wire/handshake.h"

// Transports on the loopback interface, on ports that the system chooses.

namespace trimaran {

// How long a test waits for what must happen; much longer than it takes.
inline constexpr absl::Duration kPatience = absl::Seconds(20);

// Waits until `holds`; false if it does not within `patience`.
bool Eventually(const std::function<bool()>& holds,
                absl::Duration patience = kPatience);
// For what must not happen: lets so much time pass.
void LetTimePass(absl::Duration duration);

inline constexpr GroupId kGroup(1);

// Replica n of a test's cluster is store 100 + n.
TcpOptions TestOptions(ReplicaId replica);
wire::Identity IdentityOf(const TcpOptions& options);

// Keeps what arrives.
//
// Thread: any.
class RecordingSink final : public MessageSink {
 public:
  void Deliver(PeerMessage message) override;
  void Unreachable(ReplicaId peer) override;
  void PartPassed(ReplicaId peer, Passage passage) override;
  PeerPosition position() const override;

  void SetPosition(const PeerPosition& position);
  std::vector<PeerMessage> messages() const;
  size_t count() const;
  int unreachable(ReplicaId peer) const;
  int parts_passed(ReplicaId peer, Passage passage) const;
  // Of the MsgSnapshotFetch that have arrived: their numbers.
  std::vector<uint64_t> numbers() const;

 private:
  mutable Mutex mutex_;
  std::vector<PeerMessage> messages_ ABSL_GUARDED_BY(mutex_);
  std::map<ReplicaId, int> unreachable_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<ReplicaId, Passage>, int> parts_passed_
      ABSL_GUARDED_BY(mutex_);
  PeerPosition position_ ABSL_GUARDED_BY(mutex_);
};

// One replica: a transport, and who listens to it.
class TestPeer {
 public:
  explicit TestPeer(const TcpOptions& options);
  ~TestPeer();

  TcpTransport& transport() { return *transport_; }
  RecordingSink& sink() { return sink_; }
  const TcpOptions& options() const { return options_; }
  ReplicaId id() const { return options_.replica; }
  const std::string& address() const { return transport_->listen_address(); }
  // As the others should know it.
  PeerRecord record() const;

  void Know(const PeerDirectory& directory);
  void Send(ReplicaId to, PeerBody body);
  // A message that is only a number.
  void SendNumber(ReplicaId to, uint64_t number);
  // Empty where there is none.
  LinkStatus link(ReplicaId peer) const;

 private:
  const TcpOptions options_;
  RecordingSink sink_;
  std::unique_ptr<TcpTransport> transport_;
};

// All of them know all of them.
void Introduce(const std::vector<TestPeer*>& peers);
// Each sends to each other one.
bool AllConnected(const std::vector<TestPeer*>& peers,
                  absl::Duration patience = kPatience);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_TCP_TCP_FIXTURE_H_

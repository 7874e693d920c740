#ifndef TRIMARAN_REPLICATION_TCP_RECEPTION_H_
#define TRIMARAN_REPLICATION_TCP_RECEPTION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/region.h"
#include "replication/tcp/incoming.h"
#include "replication/tcp/listener.h"
#include "replication/tcp/peer_links.h"
#include "replication/tcp/services.h"
#include "replication/tcp/stream_factory.h"
#include "replication/wire/handshake.h"

namespace trimaran {

// All accepted connections: who may stay, and who has to leave.
//
// Invariants:
//  1. No more than `strangers_max` connections are not open; of them the oldest
//     has to go first.
//  2. One process at most speaks for a replica, by one connection per channel.
//
// Thread: the loop's.
class Reception final : private Incoming::Host {
 public:
  // All of them outlive this.
  Reception(const Services& services, StreamFactory& streams, PeerLinks& links,
            UniqueFd listening);
  ~Reception() override;

  void Start() { listener_.Start(); }
  // At each interval of pings.
  void Tick();
  // The directory has changed: who was welcome may not be so any more.
  void JudgeAgain();

 private:
  using Phase = Incoming::Phase;
  // Who spoke for a replica last, and the latest term that his store has shown.
  struct Shown {
    wire::Identity from;
    Term term;
  };

  // ---- Incoming::Host ----
  void OnHello(Incoming& incoming) override;
  void OnRefusal(Incoming& incoming, const wire::Refusal& refusal) override;
  void OnPong(Incoming& incoming) override { NoteAlive(incoming); }
  void OnClosed(Incoming& incoming, Phase last,
                const absl::Status& why) override;

  void OnAccepted(UniqueFd socket);
  void TurnOutOldestStranger();
  // Why it is not to be let in, by what is known now.
  std::optional<wire::Refusal> Judge(const Incoming& incoming) const;
  // Welcomes it, unless another process speaks for the same replica.
  void Settle(Incoming& incoming);
  void Welcome(Incoming& incoming);
  // Refuses those that wait to take its place.
  void NoteAlive(const Incoming& incoming);
  void Refuse(Incoming& incoming, const wire::Refusal& refusal);
  void NoteRefusal(const Incoming& incoming, const wire::Refusal& refusal,
                   bool by_dialler);
  void NotePosition(const wire::Hello& hello);
  // Of a stranger; `why` for the log.
  void TurnAway(Incoming& incoming, std::string_view why);
  void CloseOpen(Incoming& incoming, std::string_view why);
  void AfterOpen(Incoming& incoming, std::string_view why);
  // Those that waited for one that has gone.
  void SettleContests(ReplicaId peer);
  std::vector<Incoming*> Rivals(const Incoming& incoming);
  std::vector<Incoming*> InPhase(Phase phase);
  size_t CountOpen() const;
  void CheckOpen(Incoming& incoming);
  void CheckDeadline(Incoming& incoming, MonotonicTime now);
  void ShowBytes(Incoming& incoming);
  // Frees what is closed, when nobody is in the middle of a call.
  void SweepLater();

  const Services& services_;
  StreamFactory& streams_;
  PeerLinks& links_;
  std::map<uint64_t, std::unique_ptr<Incoming>> all_;
  uint64_t next_id_ = 1;
  std::map<ReplicaId, Shown> shown_;
  Listener listener_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_RECEPTION_H_

#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_TRANSFER_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_TRANSFER_CHECKER_H_

#include <cstdint>
#include <map>
#include <utility>

#include "engine/base/ids.h"
#include "replication/transport/peer_message.h"
#include "tests/support/node_sim/findings.h"
#include "tests/support/sim/sim_time.h"

namespace trimaran::node_sim {

// Listens to what is said about snapshots.
//
// Checks of N9 that a leader offers a peer no second snapshot before the peer
// has acknowledged the first, or refused it, or has had the time that it is
// given; and of N7 that who announces one leads.
//
// Thread: owner.
class TransferChecker {
 public:
  // `patience`: how long a transfer is waited for at least.
  TransferChecker(Findings& findings, sim::SimTime patience)
      : findings_(findings), patience_(patience) {}

  // `message` leaves its sender, which is in the given one of its lives.
  void OnSend(const PeerMessage& message, uint64_t life, sim::SimTime now);

  // Snapshots that were offered, to each peer for itself.
  uint64_t transfers() const { return transfers_; }

 private:
  // From, to.
  using Way = std::pair<ReplicaId, ReplicaId>;
  struct Transfer {
    uint64_t life = 0;
    Term term;
    uint64_t snapshot = 0;
    LogIndex index;
    sim::SimTime since = 0;
    bool ended = false;
  };

  void OnOffer(const Way& way, const MsgSnapshotOffer& offer, uint64_t life,
               sim::SimTime now);
  void OnDone(const Way& way, const MsgSnapshotDone& done);
  void OnAcknowledged(const Way& way, LogIndex index);

  Findings& findings_;
  const sim::SimTime patience_;
  std::map<Way, Transfer> last_;
  uint64_t transfers_ = 0;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_TRANSFER_CHECKER_H_

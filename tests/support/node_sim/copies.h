#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_COPIES_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_COPIES_H_

#include <map>
#include <memory>
#include <vector>

#include "engine/base/ids.h"
#include "replication/transport/peer_message.h"
#include "tests/support/node_sim/copy_transport.h"
#include "tests/support/node_sim/node_world.h"
#include "tests/support/node_sim/sim_host.h"

namespace trimaran::node_sim {

// Copies of directories of replicas, each on a machine of its own, on which a
// node is run under the name of the original. What it has on its disk counts
// for nobody.
//
// Checks of N7 that no copy leads, and of N8 that what it says of votes is on
// its own disk.
//
// Thread: owner.
class Copies {
 public:
  // `world` outlives this.
  explicit Copies(NodeWorld& world);

  // The directory of `original`, which is down, is copied, and an older copy
  // forgotten; but not where nobody knows what is in it before it is opened.
  void Take(const SimHost& original);

  // The machine with the copy of that replica; null if there is none. It stays
  // where it is until the end.
  SimHost* Of(ReplicaId replica) const;

 private:
  void OnSend(const PeerMessage& message);

  NodeWorld& world_;
  CopyTransport transport_;
  // Those that are forgotten, too: somebody may still wait for them.
  std::vector<std::unique_ptr<SimHost>> machines_;
  std::map<ReplicaId, SimHost*> latest_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_COPIES_H_

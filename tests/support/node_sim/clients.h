#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_CLIENTS_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_CLIENTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/kv/state_machine.h"
#include "replication/node/pending_read.h"
#include "replication/node/pending_write.h"
#include "tests/support/node_sim/copies.h"
#include "tests/support/node_sim/history.h"
#include "tests/support/node_sim/node_world.h"
#include "tests/support/node_sim/sim_host.h"

namespace trimaran::node_sim {

// Applications, each of which makes one call at a time, at any replica, and
// writes down what it was told.
//
// Checks N4 and N6 (a call is answered once), and of N1 and N3 that copies of
// directories say nothing that only the group can know; hands each answer to
// those who check it.
//
// Thread: owner.
class Clients {
 public:
  using Hosts = std::vector<std::unique_ptr<SimHost>>;

  // All outlive this.
  Clients(NodeWorld& world, Hosts& hosts, const Copies& copies);

  // Calls are made from now on.
  void Begin();
  // No new ones.
  void End() { calling_ = false; }

  // The process of `host` is gone: whoever waits there waits for ever.
  void OnGone(const SimHost& host);

  // A call by itself; returns its id.
  uint64_t Call(SimHost& host, Op op, absl::Duration patience);

  // Calls that the node of `host` has not answered.
  size_t unanswered_at(const SimHost& host) const;
  bool all_answered() const { return waiting_.empty(); }

 private:
  struct Waiting {
    SimHost* host = nullptr;
    uint64_t life = 0;
    // The node has said that the client may look.
    bool answered = false;
  };

  void Next(uint64_t client);
  Op Draw(uint64_t client);
  OpKind DrawKind();
  std::string DrawKey();
  void CallWrite(SimHost& host, Op& op, absl::Duration patience);
  void CallRead(SimHost& host, Op& op, absl::Duration patience);
  void OnWriteAnswer(uint64_t id, const absl::StatusOr<AppliedWrite>& answer);
  void OnReadAnswer(uint64_t id, const absl::StatusOr<LogIndex>& answer);
  void Look(uint64_t id);
  // Reads the rows of `op`, and the index of the state that they are of.
  absl::Status LookAtRow(const engine::StateMachine& machine, Op& op);
  absl::Status LookAtAll(const engine::StateMachine& machine, Op& op);
  void Return(Op& op);
  void CheckAnswerOfCopy(const Op& op);
  // The host of a call that waits, if the process is still the same.
  SimHost* HostOf(uint64_t id);
  SimHost* ChooseHost();

  NodeWorld& world_;
  Hosts& hosts_;
  const Copies& copies_;
  SeededRandom random_;
  bool calling_ = false;
  // By call.
  std::map<uint64_t, Waiting> waiting_;
  // What was last seen of a row, by anybody.
  std::map<std::string, RowValue> seen_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_CLIENTS_H_

#ifndef TRIMARAN_TESTS_FUZZ_NODE_MACHINE_H_
#define TRIMARAN_TESTS_FUZZ_NODE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replication/node/node.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/fuzzed_node.h"
#include "tests/fuzz/message_maker.h"

namespace trimaran {

// How often a run got to the things worth getting to.
struct NodeReach {
  uint64_t elections_won = 0;
  uint64_t applied = 0;
  uint64_t writes_done = 0;
  uint64_t reads_done = 0;
  // Changes of members, transfers, audits, compactions, checkpoints.
  uint64_t others_done = 0;
  uint64_t refused = 0;
  uint64_t strangers = 0;
  uint64_t checkpoints = 0;
  uint64_t snapshots_offered = 0;
  uint64_t restarts = 0;
  uint64_t failures = 0;
  // That followed an honest leader in the end.
  uint64_t recovered = 0;

  void Add(const NodeReach& other);
};

// Turns bytes into what peers, clients, an operator and the disk do to a live
// node, and into the order in which its lanes get on. Peers may say anything.
// Aborts where FuzzedNode does; where somebody is not answered, or twice; and
// where the node does not, in the end, follow an honest leader.
//
// Thread: owner.
class NodeMachine {
 public:
  // `bytes` outlive this.
  explicit NodeMachine(std::string_view bytes);

  // Performs all operations; returns how many there were.
  size_t Run();

  const NodeReach& reach() const { return reach_; }

 private:
  void Operation();
  void PeerOperation(uint64_t choice);
  void ClientOperation(uint64_t choice);
  void HostOperation(uint64_t choice);

  // ---- Peers ----
  raft::MessageMaker Maker();
  void Deliver(ReplicaId from, PeerBody body);
  void DeliverRaft(const raft::Message& message);
  Payload MaybeNonsense();
  // As peers would that have everything and agree, or nearly so.
  void AnswerAll(bool truly);
  std::optional<PeerBody> AnswerTo(const PeerMessage& said, bool truly);
  void WinElection();

  // ---- Clients ----
  std::string Command();
  MonotonicTime Deadline();
  void Write();
  void Read();
  // Counts one that waits; to be called when it is answered.
  template <typename T>
  absl::AnyInvocable<void(absl::StatusOr<T>)> Waiter(uint64_t& done);

  void Restart();
  // ---- The end ----
  // Whether what peers have said leaves anything to be demanded of the node.
  std::optional<ReplicaId> HonestLeader() const;
  void FollowHonestLeader();
  void NoteLife();

  ByteSource bytes_;
  FuzzedNode node_;
  // Peers mostly tell the truth, so that a leader gets somewhere.
  const bool peaceful_;
  // Has nothing of the log, and gets no further.
  const ReplicaId lagging_;
  // Of clients of this life.
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  uint64_t life_ = 0;
  uint64_t last_snapshot_ = 0;
  uint64_t last_request_ = 0;
  NodeReach reach_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_NODE_MACHINE_H_

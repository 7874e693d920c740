#ifndef TRIMARAN_TESTS_FUZZ_RECEIVE_MACHINE_H_
#define TRIMARAN_TESTS_FUZZ_RECEIVE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/format/manifest.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/receiving_replica.h"
#include "tests/fuzz/sent_snapshot.h"

namespace trimaran {

// How far inputs get, so that a test can tell whether they are worth anything.
struct ReceiveReach {
  uint64_t offers_taken = 0;
  uint64_t offers_refused = 0;
  uint64_t chunks_stored = 0;
  uint64_t chunks_altered = 0;
  uint64_t received = 0;
  uint64_t restarts = 0;
  // Chunks that were there already when the last transfer began.
  uint64_t resumed = 0;

  void Add(const ReceiveReach& other);
};

// Turns bytes into what a peer sends of snapshots, true and not, to a replica
// that has trouble with its disk and is killed now and then; and in the end
// into a transfer in which all is true. Aborts where one of these is broken:
//  1. No file is touched outside of the directories of what was offered, and in
//     those there are only files that a snapshot has.
//  2. A chunk that is on the disk is one that was sent, but for what a crash or
//     a broken disk has made of it; and no other one is ever counted.
//  3. What is reported as received is whole, and was announced.
//  4. What waits for the disk is bounded by the window.
//  5. In the end the snapshot arrives, and what is there of it already is not
//     asked for again.
//
// Thread: owner.
class ReceiveMachine {
 public:
  // `bytes` outlive this.
  explicit ReceiveMachine(std::string_view bytes);

  // Returns how many operations there were.
  size_t Run();

  const ReceiveReach& reach() const { return reach_; }

 private:
  // ---- Operations ----
  void Operation();
  void Offer(const SentSnapshot& sent, bool altered);
  void AnswerNext();
  void AnswerAll();
  void SendAltered();
  void SendChunk(ReplicaId from, MsgSnapshotChunk chunk);
  void HarmDisk();
  void Restart();
  void Rot();
  void PassTime();

  // ---- Invariants ----
  void Look();
  void HearSaid();
  void CheckReceived(const std::string& name,
                     const raft::Message& announcement);
  void CheckFiles();
  const SentSnapshot* FindSent(const std::string& name) const;

  // ---- The end ----
  const SentSnapshot& ChooseLast() const;
  std::set<uint32_t> ChunksThere(const SentSnapshot& sent);
  void ReceiveLast();

  ByteSource bytes_;
  const std::vector<SentSnapshot> sent_;
  std::unique_ptr<ReceivingReplica> replica_;
  // By name of their directory.
  std::map<std::string, std::vector<engine::SnapshotManifest>> offered_;
  // Chunks that it has asked for and not been sent, and of what.
  std::vector<MsgSnapshotFetch> asked_;
  std::vector<std::string> received_;
  // True ones that it was sent, since its process runs, and what it had counted
  // before.
  uint64_t true_chunks_ = 0;
  // Begun since nothing was waiting for the disk.
  size_t begun_ = 0;
  // What chunks hold may be anything: power was lost, or the disk is broken.
  bool disk_is_doubtful_ = false;
  ReceiveReach reach_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_RECEIVE_MACHINE_H_

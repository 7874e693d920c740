#ifndef TRIMARAN_TESTS_FUZZ_STEP_MACHINE_H_
#define TRIMARAN_TESTS_FUZZ_STEP_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/fuzz_host.h"

namespace trimaran::raft {

// Turns bytes into a core, its configuration and stored log, and a sequence of
// operations on it. Whatever the bytes are, the host keeps its contract; only
// the peers do not. Aborts if the core breaks its own contract or an invariant.
//
// Thread: owner.
class StepMachine {
 public:
  // `bytes` outlive this.
  explicit StepMachine(std::string_view bytes);

  // Performs all operations, then lets the core become quiet. Returns how many
  // there were.
  size_t Run();

  const FuzzReach& reach() const { return host_->reach(); }
  RaftStatus status() const { return host_->raft().status(); }

 private:
  void Operation();
  void HostOperation(uint64_t choice);
  void Request(uint64_t choice);
  // ---- What bytes alone would seldom spell ----
  void WinElection();
  void AcknowledgeAll();
  // A peer that has nothing needs what is compacted.
  void LosePeerLog();
  void BeatFromLeader();

  ByteSource bytes_;
  std::unique_ptr<FuzzHost> host_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_FUZZ_STEP_MACHINE_H_

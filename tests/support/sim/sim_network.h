#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SIM_NETWORK_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SIM_NETWORK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "replication/raft/messages.h"
#include "tests/support/sim/sim_time.h"
#include "tests/support/sim/swarm.h"

namespace trimaran::sim {

// More replicas than this never exist in one run.
inline constexpr size_t kReplicasEver = 24;

// Decides which messages arrive, how often, and when; keeps them until then.
// Replicas are named by their position, from 0 on.
//
// Thread: owner.
class SimNetwork {
 public:
  using Slot = uint32_t;

  SimNetwork(const NetworkOptions& options, SeededRandom random);

  struct Delivery {
    Slot slot = 0;
    SimTime delay = 0;
  };
  // What becomes of a message: it is delivered 0, 1 or 2 times. Each delivery
  // occupies its slot until Take(). The result is valid until the next call.
  const std::vector<Delivery>& Send(size_t from, size_t to,
                                    raft::Message message);
  // The message, if its link is open now.
  bool Take(Slot slot, raft::Message& message);
  // Whether the sender of a lost message is to be told.
  bool ReportsLoss() { return random_.Chance(options_.report_unreachable_ppm); }

  // ---- Links ----
  void Cut(size_t from, size_t to) { cut_[from][to] = true; }
  void HealAll();
  bool IsCut(size_t from, size_t to) const { return cut_[from][to]; }
  bool partitioned() const { return partitioned_; }
  // Cuts links among the first `count` replicas by one of several patterns: a
  // random division, one replica alone, each direction of each link by itself,
  // one direction between two halves.
  void Partition(size_t count);
  void Isolate(size_t replica, size_t count);

  // Nothing is lost, doubled or slow any more, and all links are open. What is
  // under way never arrives: news that are seconds old are a fault as well.
  void Calm();

  size_t in_flight() const { return messages_.size() - free_.size(); }

 private:
  Slot Keep(size_t from, size_t to, raft::Message message);
  void Divide(size_t count, bool both_directions);

  struct Kept {
    raft::Message message;
    uint8_t from = 0;
    uint8_t to = 0;
    bool calm = false;
  };
  template <typename T>
  using Matrix = std::array<std::array<T, kReplicasEver>, kReplicasEver>;

  NetworkOptions options_;
  SeededRandom random_;
  std::vector<Kept> messages_;
  std::vector<Slot> free_;
  std::vector<Delivery> deliveries_;
  Matrix<bool> cut_{};
  Matrix<uint32_t> load_{};
  bool partitioned_ = false;
  bool calm_ = false;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SIM_NETWORK_H_

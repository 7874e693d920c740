#include "tests/support/sim/sim_network.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran::sim {

SimNetwork::SimNetwork(const NetworkOptions& options, SeededRandom random)
    : options_(options), random_(random) {}

const std::vector<SimNetwork::Delivery>& SimNetwork::Send(
    size_t from, size_t to, raft::Message message) {
  deliveries_.clear();
  if (cut_[from][to]) return deliveries_;
  if (load_[from][to] >= options_.link_capacity) return deliveries_;
  // A snapshot's announcement travels by its own, slower way.
  if (random_.Chance(options_.loss_ppm)) return deliveries_;
  SimTime delay = options_.delay.Draw(random_);
  if (random_.Chance(options_.slow_ppm)) {
    delay += options_.slow_delay.Draw(random_);
  }
  if (random_.Chance(options_.replay_ppm)) {
    const SimTime again = delay + options_.replay_delay.Draw(random_);
    deliveries_.push_back({Keep(from, to, message), again});
  }
  deliveries_.push_back({Keep(from, to, std::move(message)), delay});
  return deliveries_;
}

SimNetwork::Slot SimNetwork::Keep(size_t from, size_t to,
                                  raft::Message message) {
  ++load_[from][to];
  Kept kept{std::move(message), static_cast<uint8_t>(from),
            static_cast<uint8_t>(to), calm_};
  if (free_.empty()) {
    messages_.push_back(std::move(kept));
    return static_cast<Slot>(messages_.size() - 1);
  }
  const Slot slot = free_.back();
  free_.pop_back();
  messages_[slot] = std::move(kept);
  return slot;
}

bool SimNetwork::Take(Slot slot, raft::Message& message) {
  Kept& kept = messages_[slot];
  TRIMARAN_CHECK_GT(load_[kept.from][kept.to], 0u);
  --load_[kept.from][kept.to];
  free_.push_back(slot);
  message = std::move(kept.message);
  kept.message = raft::Message();
  return !cut_[kept.from][kept.to] && kept.calm == calm_;
}

void SimNetwork::HealAll() {
  cut_ = {};
  partitioned_ = false;
}

void SimNetwork::Divide(size_t count, bool both_directions) {
  std::array<bool, kReplicasEver> left{};
  for (size_t i = 0; i < count; ++i) left[i] = random_.OneIn(2);
  for (size_t from = 0; from < count; ++from) {
    for (size_t to = 0; to < count; ++to) {
      if (left[from] == left[to]) continue;
      if (both_directions || left[from]) Cut(from, to);
    }
  }
}

void SimNetwork::Isolate(size_t replica, size_t count) {
  partitioned_ = true;
  for (size_t other = 0; other < count; ++other) {
    if (other == replica) continue;
    Cut(replica, other);
    Cut(other, replica);
  }
}

void SimNetwork::Partition(size_t count) {
  HealAll();
  partitioned_ = true;
  switch (random_.Uniform(5)) {
    case 0:
      return Divide(count, /*both_directions=*/true);
    case 1:
      return Divide(count, /*both_directions=*/false);
    case 2:
      return Isolate(random_.Uniform(count), count);
    case 3: {
      // One replica speaks and hears nothing, or the reverse.
      const size_t half_deaf = random_.Uniform(count);
      const bool deaf = random_.OneIn(2);
      for (size_t other = 0; other < count; ++other) {
        if (other == half_deaf) continue;
        deaf ? Cut(other, half_deaf) : Cut(half_deaf, other);
      }
      return;
    }
    default:
      for (size_t from = 0; from < count; ++from) {
        for (size_t to = 0; to < count; ++to) {
          if (from != to && random_.OneIn(3)) Cut(from, to);
        }
      }
  }
}

void SimNetwork::Calm() {
  options_ = NetworkOptions();
  calm_ = true;
  HealAll();
}

}  // namespace trimaran::sim

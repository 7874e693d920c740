#ifndef TRIMARAN_TESTS_NET_ATTACKERS_H_
#define TRIMARAN_TESTS_NET_ATTACKERS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/random.h"

namespace trimaran::net {

// Who mean ports on this machine harm, each on a thread of its own, until this
// is destroyed.
//
// Thread: owner.
class Attackers {
 public:
  explicit Attackers(std::vector<uint16_t> ports) : ports_(std::move(ports)) {}
  ~Attackers();

  // Connects, and goes away again, in either manner.
  void Scan();
  // Many connections, each of which says nothing, or one byte now and then of
  // what might become a greeting.
  void Dawdle();
  // Random bytes, as many as there is room for.
  void Flood();
  // Says something whole and well-formed, and reads the answer.
  void Say(const std::string& bytes);

  // Connections that were made.
  uint64_t connections() const { return connections_; }

 private:
  void Start(uint64_t seed, std::function<void(Random& random)> attack);
  uint16_t DrawPort(Random& random) const {
    return ports_[random.Uniform(ports_.size())];
  }

  const std::vector<uint16_t> ports_;
  std::atomic<bool> enough_ = false;
  std::atomic<uint64_t> connections_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_ATTACKERS_H_

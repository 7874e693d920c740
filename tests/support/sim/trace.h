#ifndef TRIMARAN_TESTS_SUPPORT_SIM_TRACE_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_TRACE_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "engine/base/ids.h"
#include "tests/support/sim/mix.h"
#include "tests/support/sim/sim_time.h"

namespace trimaran::sim {

// What happened in a run: a hash of it always, and its text on demand. Equal
// hashes mean equal runs. Text is made only if on(), for it costs more than
// what it tells of.
//
// Thread: owner.
class Trace {
 public:
  // Writes to `out`, which outlives this; null: keeps the hash only.
  explicit Trace(std::FILE* out) : out_(out) {}

  bool on() const { return out_ != nullptr; }
  void Fold(uint64_t value) { hash_ = Mix(hash_, value); }
  uint64_t hash() const { return hash_; }

  // One line: virtual time, replica (none: the cluster), what happened.
  void Line(SimTime now, ReplicaId replica, const std::string& text) {
    if (!on()) return;
    std::fprintf(out_, "%6llu.%06llu  ",
                 static_cast<unsigned long long>(now / kSecond),
                 static_cast<unsigned long long>(now % kSecond));
    if (replica == kNoReplica) {
      std::fprintf(out_, "-   %s\n", text.c_str());
    } else {
      std::fprintf(out_, "%-3llu %s\n",
                   static_cast<unsigned long long>(replica.value()),
                   text.c_str());
    }
  }

 private:
  std::FILE* out_;
  uint64_t hash_ = 0;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_TRACE_H_

#ifndef TRIMARAN_BENCH_SETTINGS_H_
#define TRIMARAN_BENCH_SETTINGS_H_

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "engine/base/check.h"

// What can be set from outside, by environment variables, for google-benchmark
// has the command line to itself.

namespace trimaran::bench {

// `usual` if the variable is not set.
inline uint64_t Setting(const char* variable, uint64_t usual) {
  const char* const given = std::getenv(variable);
  if (given == nullptr) return usual;
  uint64_t number = 0;
  TRIMARAN_CHECK(absl::SimpleAtoi(given, &number) && number > 0)
      << variable << "=" << given;
  return number;
}

// How often each of those who are compared has its turn.
inline int64_t Rounds() {
  return static_cast<int64_t>(Setting("TRIMARAN_BENCH_ROUNDS", 5));
}

// What is to be done in a turn, made less where a program is only to be tried.
inline uint64_t Share(uint64_t work) {
  const uint64_t share = work * Setting("TRIMARAN_BENCH_PERCENT", 100) / 100;
  return share > 0 ? share : 1;
}

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_SETTINGS_H_

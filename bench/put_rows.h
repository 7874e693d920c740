#ifndef TRIMARAN_BENCH_PUT_ROWS_H_
#define TRIMARAN_BENCH_PUT_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"

// What is put, the same for all whom put_bench compares.

namespace trimaran {

inline constexpr size_t kValueBytes = 100;
// Puts of one writer in one iteration.
inline constexpr uint64_t kPutsEach = 200;

// 16 bytes, spread over all keys.
inline std::string KeyOf(uint64_t number) {
  return absl::StrFormat("%016x", number * 0x9E3779B97F4A7C15U);
}

}  // namespace trimaran

#endif  // TRIMARAN_BENCH_PUT_ROWS_H_

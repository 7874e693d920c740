#ifndef TRIMARAN_ENGINE_KV_KEY_BOUND_H_
#define TRIMARAN_ENGINE_KV_KEY_BOUND_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/optimization.h"

namespace trimaran::engine {

// A key that many others are compared with. Of nearly all of them the first
// bytes are enough to know, which are compared as one number.
//
// Thread: any.
class KeyBound {
 public:
  explicit KeyBound(std::string bytes)
      : bytes_(std::move(bytes)), head_(HeadOf(bytes_)) {}

  const std::string& bytes() const { return bytes_; }

  // Whether `key` is less than it.
  bool IsAbove(std::string_view key) const {
    if (ABSL_PREDICT_TRUE(key.size() >= sizeof(head_))) {
      const uint64_t head = LoadHead(key.data());
      if (ABSL_PREDICT_TRUE(head != head_)) return head < head_;
    }
    return key < bytes_;
  }

 private:
  // The first bytes as a number, with zeros for those that are missing: where
  // the numbers differ, a key that is long enough differs in the same way. For
  // if they differ at a byte that the bound has not got, it is a beginning of
  // the key, which has more than zero there.
  static uint64_t HeadOf(std::string bytes) {
    bytes.resize(std::max(bytes.size(), sizeof(uint64_t)), '\0');
    return LoadHead(bytes.data());
  }
  // Written so that the compiler makes one instruction of it.
  static uint64_t LoadHead(const char* bytes) {
    const auto byte = [bytes](size_t i) {
      return uint64_t{static_cast<unsigned char>(bytes[i])} << (56 - 8 * i);
    };
    return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) |
           byte(7);
  }

  const std::string bytes_;
  const uint64_t head_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_KEY_BOUND_H_

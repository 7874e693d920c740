#ifndef TRIMARAN_TESTS_FUZZ_BYTE_SOURCE_H_
#define TRIMARAN_TESTS_FUZZ_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trimaran {

// Turns a fuzzer's bytes into decisions. Every string of bytes means something,
// and a byte changed or cut off changes little before that place, so that a
// failing input can be made smaller by cutting.
//
// Thread: owner.
class ByteSource {
 public:
  // `bytes` outlive this.
  explicit ByteSource(std::string_view bytes) : bytes_(bytes) {}

  bool done() const { return next_ >= bytes_.size(); }

  // 0 when there are none left.
  uint8_t Byte() {
    return done() ? uint8_t{0} : static_cast<uint8_t>(bytes_[next_++]);
  }

  // In [0, bound); 0 < bound <= 256. One byte, so not without bias.
  uint64_t Below(uint64_t bound) { return Byte() % bound; }

  // Seldom for a large `n`; never when there are no bytes left.
  bool OneIn(uint64_t n) { return Byte() % n == 1 % n && n > 1; }

  bool Coin() { return (Byte() & 1) != 0; }

 private:
  std::string_view bytes_;
  size_t next_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_BYTE_SOURCE_H_

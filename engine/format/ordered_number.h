#ifndef TRIMARAN_ENGINE_FORMAT_ORDERED_NUMBER_H_
#define TRIMARAN_ENGINE_FORMAT_ORDERED_NUMBER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"

// Numbers in keys of which there are many: as short as they can be, and still
// in the order of the numbers. Up to 247 a number is one byte; else the first
// byte is 247 plus the count of big-endian bytes that follow, the first of
// which is not 0. So no number's encoding begins with another's. On disk: never
// change.
//
// Thread: any.

namespace trimaran::engine {

inline constexpr uint64_t kOrderedNumberByteMax = 247;

inline void WriteOrderedNumber(uint64_t number, ByteWriter& writer) {
  if (number <= kOrderedNumberByteMax) {
    writer.WriteU8(static_cast<uint8_t>(number));
    return;
  }
  const int width = (static_cast<int>(std::bit_width(number)) + 7) / 8;
  writer.WriteU8(static_cast<uint8_t>(kOrderedNumberByteMax +
                                      static_cast<uint64_t>(width)));
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    writer.WriteU8(static_cast<uint8_t>(number >> shift));
  }
}

// False for what is cut off and for what is longer than the shortest encoding;
// the reader then stands anywhere within it.
[[nodiscard]] inline bool ReadOrderedNumber(ByteReader& reader,
                                            uint64_t& number) {
  uint8_t first = 0;
  if (!reader.ReadU8(first)) return false;
  if (first <= kOrderedNumberByteMax) {
    number = first;
    return true;
  }
  std::string_view bytes;
  if (!reader.ReadBytes(first - kOrderedNumberByteMax, bytes)) return false;
  if (bytes.front() == '\0') return false;
  uint64_t result = 0;
  for (const char byte : bytes) {
    result = result << 8 | static_cast<unsigned char>(byte);
  }
  if (result <= kOrderedNumberByteMax) return false;
  number = result;
  return true;
}

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_ORDERED_NUMBER_H_

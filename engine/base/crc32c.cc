#include "engine/base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "engine/base/check.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace trimaran {
namespace crc32c_internal {
namespace {

// The polynomial's coefficients, lowest power in the highest bit.
constexpr uint32_t kPolynomial = 0x82f63b78;

using Table = std::array<uint32_t, 256>;

// kTables[k][b]: what byte b adds to the remainder when k more bytes follow
// it. With eight of them, eight bytes are looked up independently of each
// other (Kounavis and Berry, "slicing-by-8").
constexpr std::array<Table, 8> MakeTables() {
  std::array<Table, 8> tables = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
    }
    tables[0][byte] = remainder;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t shorter = tables[k - 1][byte];
      tables[k][byte] = (shorter >> 8) ^ tables[0][shorter & 0xff];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = MakeTables();

// Little-endian on every machine, and at any alignment.
uint32_t LoadLittleEndian32(const char* in) {
  unsigned char b[4];
  std::memcpy(b, in, sizeof(b));
  return uint32_t{b[0]} | uint32_t{b[1]} << 8 | uint32_t{b[2]} << 16 |
         uint32_t{b[3]} << 24;
}

}  // namespace

uint32_t ExtendPortable(uint32_t crc, std::string_view data) {
  const char* in = data.data();
  size_t left = data.size();
  uint32_t state = ~crc;
  for (; left >= 8; in += 8, left -= 8) {
    const uint32_t low = LoadLittleEndian32(in) ^ state;
    const uint32_t high = LoadLittleEndian32(in + 4);
    state = kTables[7][low & 0xff] ^ kTables[6][(low >> 8) & 0xff] ^
            kTables[5][(low >> 16) & 0xff] ^ kTables[4][low >> 24] ^
            kTables[3][high & 0xff] ^ kTables[2][(high >> 8) & 0xff] ^
            kTables[1][(high >> 16) & 0xff] ^ kTables[0][high >> 24];
  }
  for (; left > 0; ++in, --left) {
    const auto byte = static_cast<unsigned char>(*in);
    state = (state >> 8) ^ kTables[0][(state ^ byte) & 0xff];
  }
  return ~state;
}

#if defined(__x86_64__)

// Reads a word that the compiler's runtime has filled in at start.
bool HasHardware() { return __builtin_cpu_supports("sse4.2") != 0; }

// The instruction takes three cycles and a new one can begin in each, so that
// three parts of a long run of bytes are gone through side by side.
constexpr size_t kPartBytes = 1024;
constexpr size_t kParts = 3;

// kShift[k][b]: what byte k of a remainder, if it is b, becomes when a part of
// zeros follows it. Remainders add up bit by bit, so that a whole one is four
// of these.
constexpr std::array<Table, 4> MakeShift() {
  std::array<uint32_t, 32> bits = {};
  for (size_t bit = 0; bit < bits.size(); ++bit) {
    uint32_t remainder = uint32_t{1} << bit;
    for (size_t i = 0; i < kPartBytes; ++i) {
      remainder = (remainder >> 8) ^ kTables[0][remainder & 0xff];
    }
    bits[bit] = remainder;
  }
  std::array<Table, 4> shift = {};
  for (size_t k = 0; k < shift.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      for (size_t bit = 0; bit < 8; ++bit) {
        if ((byte >> bit & 1) != 0) shift[k][byte] ^= bits[8 * k + bit];
      }
    }
  }
  return shift;
}

constexpr std::array<Table, 4> kShift = MakeShift();

uint32_t ShiftByPart(uint64_t state) {
  return kShift[0][state & 0xff] ^ kShift[1][(state >> 8) & 0xff] ^
         kShift[2][(state >> 16) & 0xff] ^ kShift[3][(state >> 24) & 0xff];
}

uint64_t LoadWord(const char* in) {
  uint64_t word;
  std::memcpy(&word, in, sizeof(word));
  return word;
}

__attribute__((target("sse4.2"))) uint32_t ExtendHardware(
    uint32_t crc, std::string_view data) {
  const char* in = data.data();
  size_t left = data.size();
  uint64_t wide_state = static_cast<uint32_t>(~crc);
  for (; left >= kParts * kPartBytes;
       in += kParts * kPartBytes, left -= kParts * kPartBytes) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t at = 0; at < kPartBytes; at += sizeof(uint64_t)) {
      wide_state = _mm_crc32_u64(wide_state, LoadWord(in + at));
      second = _mm_crc32_u64(second, LoadWord(in + kPartBytes + at));
      third = _mm_crc32_u64(third, LoadWord(in + 2 * kPartBytes + at));
    }
    wide_state = ShiftByPart(wide_state) ^ second;
    wide_state = ShiftByPart(wide_state) ^ third;
  }
  for (; left >= 8; in += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, in, sizeof(word));
    wide_state = _mm_crc32_u64(wide_state, word);
  }
  auto state = static_cast<uint32_t>(wide_state);
  for (; left > 0; ++in, --left) {
    state = _mm_crc32_u8(state, static_cast<unsigned char>(*in));
  }
  return ~state;
}

#elif defined(__ARM_FEATURE_CRC32) && defined(__AARCH64EL__)

bool HasHardware() { return true; }

uint32_t ExtendHardware(uint32_t crc, std::string_view data) {
  const char* in = data.data();
  size_t left = data.size();
  uint32_t state = ~crc;
  for (; left >= 8; in += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, in, sizeof(word));
    state = __crc32cd(state, word);
  }
  for (; left > 0; ++in, --left) {
    state = __crc32cb(state, static_cast<unsigned char>(*in));
  }
  return ~state;
}

#else

bool HasHardware() { return false; }

uint32_t ExtendHardware(uint32_t crc, std::string_view data) {
  TRIMARAN_CHECK(HasHardware());
  return ExtendPortable(crc, data);
}

#endif

}  // namespace crc32c_internal

uint32_t ExtendCrc32c(uint32_t crc, std::string_view data) {
  if (crc32c_internal::HasHardware()) {
    return crc32c_internal::ExtendHardware(crc, data);
  }
  return crc32c_internal::ExtendPortable(crc, data);
}

uint32_t Crc32c(std::string_view data) { return ExtendCrc32c(0, data); }

}  // namespace trimaran

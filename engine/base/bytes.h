#ifndef TRIMARAN_ENGINE_BASE_BYTES_H_
#define TRIMARAN_ENGINE_BASE_BYTES_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Numbers as bytes. Fixed-width ones are big-endian, so that keys sort as the
// numbers in them do. A varint has seven bits in each byte, the lowest first,
// and the eighth bit says that another byte follows; every number has exactly
// one encoding, the shortest. On disk and on the wire: never change.
//
// Thread: a reader and a writer belong to their owner; functions: any.

namespace trimaran {

inline constexpr size_t kVarint64BytesMax = 10;

// How many bytes WriteVarint64 takes.
constexpr size_t Varint64Bytes(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// Appends to a string of the caller's, which must outlive the writer.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void WriteU8(uint8_t value) { out_ += static_cast<char>(value); }
  void WriteU16(uint16_t value) { WriteBigEndian<2>(value); }
  void WriteU32(uint32_t value) { WriteBigEndian<4>(value); }
  void WriteU64(uint64_t value) { WriteBigEndian<8>(value); }

  void WriteVarint64(uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>((value & 0x7f) | 0x80);
      value >>= 7;
    }
    out_ += static_cast<char>(value);
  }

  void WriteBytes(std::string_view bytes) { out_ += bytes; }

  // The number of bytes as a varint, then the bytes.
  void WriteLengthPrefixed(std::string_view bytes) {
    WriteVarint64(bytes.size());
    WriteBytes(bytes);
  }

 private:
  template <size_t kWidth>
  void WriteBigEndian(uint64_t value) {
    char bytes[kWidth];
    for (size_t i = 0; i < kWidth; ++i) {
      bytes[i] = static_cast<char>((value >> (8 * (kWidth - 1 - i))) & 0xff);
    }
    out_.append(bytes, kWidth);
  }

  std::string& out_;
};

// Reads untrusted bytes from front to back and never beyond their end. A
// failed call returns false, and leaves the position and its argument as they
// were. The bytes must outlive the reader and the views that it hands out.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  size_t remaining() const { return rest_.size(); }
  // What has not been read yet.
  std::string_view rest() const { return rest_; }

  [[nodiscard]] bool ReadU8(uint8_t& value) { return ReadBigEndian(value); }
  [[nodiscard]] bool ReadU16(uint16_t& value) { return ReadBigEndian(value); }
  [[nodiscard]] bool ReadU32(uint32_t& value) { return ReadBigEndian(value); }
  [[nodiscard]] bool ReadU64(uint64_t& value) { return ReadBigEndian(value); }

  // Refuses what is cut off, what does not fit 64 bits, and what is longer
  // than the shortest encoding.
  [[nodiscard]] bool ReadVarint64(uint64_t& value) {
    uint64_t result = 0;
    for (size_t i = 0; i < rest_.size() && i < kVarint64BytesMax; ++i) {
      const auto byte = static_cast<unsigned char>(rest_[i]);
      // The tenth byte has room for the 64th bit only.
      if (i == kVarint64BytesMax - 1 && byte > 1) return false;
      result |= uint64_t{byte & 0x7fu} << (7 * i);
      if (byte < 0x80) {
        if (byte == 0 && i > 0) return false;
        rest_.remove_prefix(i + 1);
        value = result;
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool ReadBytes(size_t count, std::string_view& bytes) {
    if (count > rest_.size()) return false;
    bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }

  // The counterpart of WriteLengthPrefixed. The length is compared with what
  // is there before anything else is done with it.
  [[nodiscard]] bool ReadLengthPrefixed(std::string_view& bytes) {
    ByteReader ahead(rest_);
    uint64_t size = 0;
    if (!ahead.ReadVarint64(size) || size > ahead.remaining()) return false;
    if (!ahead.ReadBytes(static_cast<size_t>(size), bytes)) return false;
    *this = ahead;
    return true;
  }

 private:
  template <typename T>
  bool ReadBigEndian(T& value) {
    if (rest_.size() < sizeof(T)) return false;
    uint64_t result = 0;
    for (size_t i = 0; i < sizeof(T); ++i) {
      result = result << 8 | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(sizeof(T));
    value = static_cast<T>(result);
    return true;
  }

  std::string_view rest_;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_BYTES_H_

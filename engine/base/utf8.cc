#include "engine/base/utf8.h"

namespace trimaran {
namespace {

uint32_t ByteAt(std::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// What a first byte promises; 0 if it cannot begin a sequence.
size_t PromisedLength(uint32_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

// Not in the shortest form, half a pair, or beyond the last one.
bool IsForbidden(uint32_t code, size_t length) {
  if (length == 3) return code < 0x800 || (code >= 0xd800 && code <= 0xdfff);
  return length == 4 && (code < 0x10000 || code > 0x10ffff);
}

}  // namespace

size_t Utf8SequenceLength(std::string_view bytes) {
  const size_t length = PromisedLength(ByteAt(bytes, 0));
  if (length == 0 || length > bytes.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((ByteAt(bytes, i) & 0xc0) != 0x80) return 0;
  }
  return IsForbidden(Utf8CodePoint(bytes, length), length) ? 0 : length;
}

uint32_t Utf8CodePoint(std::string_view bytes, size_t length) {
  if (length == 1) return ByteAt(bytes, 0);
  uint32_t code = ByteAt(bytes, 0) & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    code = code << 6 | (ByteAt(bytes, i) & 0x3f);
  }
  return code;
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string_view Utf8Prefix(std::string_view bytes, size_t bytes_max) {
  if (bytes.size() <= bytes_max) return bytes;
  size_t end = bytes_max;
  // A character has at most three bytes behind its first one.
  for (size_t back = 0; back < 4 && back <= bytes_max; ++back) {
    const std::string_view rest = bytes.substr(bytes_max - back);
    if (PromisedLength(ByteAt(rest, 0)) == 0) continue;
    if (back > 0 && Utf8SequenceLength(rest) > back) end = bytes_max - back;
    break;
  }
  return bytes.substr(0, end);
}

}  // namespace trimaran

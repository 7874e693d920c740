#include "tools/trimaran/escape.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::tool {
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

// Of a sequence of that length.
uint32_t CodePoint(std::string_view bytes, size_t length) {
  if (length == 1) return ByteAt(bytes, 0);
  uint32_t code = ByteAt(bytes, 0) & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    code = code << 6 | (ByteAt(bytes, i) & 0x3f);
  }
  return code;
}

// Not in the shortest form, half a pair, or beyond the last one.
bool IsForbidden(uint32_t code, size_t length) {
  if (length == 3) return code < 0x800 || (code >= 0xd800 && code <= 0xdfff);
  return length == 4 && (code < 0x10000 || code > 0x10ffff);
}

// Whether a terminal shows the character, and does nothing else about it.
bool IsReadable(uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool separator = code == 0x2028 || code == 0x2029 || code == 0xfeff;
  const bool direction = code == 0x200e || code == 0x200f || code == 0x061c ||
                         (code >= 0x202a && code <= 0x202e) ||
                         (code >= 0x2066 && code <= 0x2069);
  return !control && !separator && !direction;
}

void AppendByte(uint32_t byte, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 0xf];
}

// The first `bytes_max` bytes at most, without a part of a character.
std::string_view Shorten(std::string_view bytes, size_t bytes_max) {
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

std::string Ending(std::string_view bytes) {
  return absl::StrCat("... (", bytes.size(), " bytes)");
}

}  // namespace

size_t Utf8SequenceLength(std::string_view bytes) {
  const size_t length = PromisedLength(ByteAt(bytes, 0));
  if (length == 0 || length > bytes.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((ByteAt(bytes, i) & 0xc0) != 0x80) return 0;
  }
  return IsForbidden(CodePoint(bytes, length), length) ? 0 : length;
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string Escape(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = Utf8SequenceLength(bytes);
    const std::string_view character =
        bytes.substr(0, std::max<size_t>(1, length));
    if (length == 0 || !IsReadable(CodePoint(bytes, length))) {
      for (size_t i = 0; i < character.size(); ++i) {
        AppendByte(ByteAt(character, i), out);
      }
    } else {
      if (character == "\\" || character == "\"") out += '\\';
      out += character;
    }
    bytes.remove_prefix(character.size());
  }
  return out;
}

std::string Quote(std::string_view bytes) {
  return absl::StrCat("\"", Escape(bytes), "\"");
}

std::string QuoteShort(std::string_view bytes, size_t bytes_max) {
  const std::string_view shown = Shorten(bytes, bytes_max);
  if (shown.size() == bytes.size()) return Quote(bytes);
  return absl::StrCat(Quote(shown), Ending(bytes));
}

absl::StatusOr<std::string> Unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '\\') {
      out += text.front();
      text.remove_prefix(1);
    } else if (text.size() >= 2 && (text[1] == '\\' || text[1] == '"')) {
      out += text[1];
      text.remove_prefix(2);
    } else if (text.size() >= 4 && text[1] == 'x' &&
               absl::ascii_isxdigit(static_cast<unsigned char>(text[2])) &&
               absl::ascii_isxdigit(static_cast<unsigned char>(text[3]))) {
      out += absl::HexStringToBytes(ToAbsl(text.substr(2, 2)));
      text.remove_prefix(4);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("a backslash begins \\xNN, \\\\ or \\\", and not ",
                       Quote(text.substr(0, 4))));
    }
  }
  return out;
}

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(ToAbsl(bytes));
}

std::string HexShort(std::string_view bytes, size_t bytes_max) {
  if (bytes.size() <= bytes_max) return Hex(bytes);
  return absl::StrCat(Hex(bytes.substr(0, bytes_max)), Ending(bytes));
}

}  // namespace trimaran::tool

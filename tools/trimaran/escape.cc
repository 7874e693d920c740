#include "tools/trimaran/escape.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/utf8.h"

namespace trimaran::tool {
namespace {

// Whether a terminal shows the character, and does nothing else about it.
bool IsReadable(uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool separator = code == 0x2028 || code == 0x2029 || code == 0xfeff;
  const bool direction = code == 0x200e || code == 0x200f || code == 0x061c ||
                         (code >= 0x202a && code <= 0x202e) ||
                         (code >= 0x2066 && code <= 0x2069);
  return !control && !separator && !direction;
}

void AppendByte(char character, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  out += "\\x";
  out += digits[byte >> 4];
  out += digits[byte & 0xf];
}

// With a backslash before the characters of `marked`.
std::string Escaped(std::string_view bytes, std::string_view marked) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = Utf8SequenceLength(bytes);
    const std::string_view character =
        bytes.substr(0, std::max<size_t>(1, length));
    if (length == 0 || !IsReadable(Utf8CodePoint(bytes, length))) {
      for (const char byte : character) AppendByte(byte, out);
    } else {
      if (marked.find(character.front()) != std::string_view::npos) out += '\\';
      out += character;
    }
    bytes.remove_prefix(character.size());
  }
  return out;
}

std::string Ending(std::string_view bytes) {
  return absl::StrCat("... (", bytes.size(), " bytes)");
}

}  // namespace

std::string Escape(std::string_view bytes) { return Escaped(bytes, "\\\""); }

std::string EscapeUnreadable(std::string_view text) {
  return Escaped(text, "");
}

std::string Quote(std::string_view bytes) {
  return absl::StrCat("\"", Escape(bytes), "\"");
}

std::string QuoteShort(std::string_view bytes, size_t bytes_max) {
  const std::string_view shown = Utf8Prefix(bytes, bytes_max);
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

#include "engine/base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "engine/base/utf8.h"

namespace trimaran {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

void AppendControl(char character, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(character);
  out += "\\u00";
  out += digits[code >> 4];
  out += digits[code & 0xf];
}

void AppendAscii(char character, std::string& out) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(character) < 0x20 || character == '\x7f') {
    AppendControl(character, out);
  } else {
    out += character;
  }
}

}  // namespace

JsonWriter& JsonWriter::Name(std::string_view name) {
  Separate();
  Quote(name);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

void JsonWriter::Text(std::string_view text) {
  Separate();
  Quote(text);
}

void JsonWriter::Number(uint64_t number) {
  Separate();
  absl::StrAppend(&text_, number);
}

void JsonWriter::Real(double number) {
  if (!std::isfinite(number)) return Null();
  Separate();
  // The longest is "-2.2250738585072014e-308".
  std::array<char, 32> digits;
  const std::to_chars_result end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number);
  text_.append(digits.data(), end.ptr);
}

void JsonWriter::Bool(bool value) {
  Separate();
  text_ += value ? "true" : "false";
}

void JsonWriter::Null() {
  Separate();
  text_ += "null";
}

void JsonWriter::Begin(char bracket) {
  Separate();
  text_ += bracket;
  needs_comma_ = false;
}

void JsonWriter::End(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
}

void JsonWriter::Separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

void JsonWriter::Quote(std::string_view text) {
  text_ += '"';
  while (!text.empty()) {
    const size_t length = Utf8SequenceLength(text);
    if (length == 0) {
      text_ += kReplacement;
    } else if (length == 1) {
      AppendAscii(text.front(), text_);
    } else {
      text_ += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  text_ += '"';
}

}  // namespace trimaran

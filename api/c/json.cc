#include "api/c/json.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace trimaran::c {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// How many bytes the character takes that `text` begins with: 0 if they are no
// UTF-8, which also surrogates and longer forms than need be are not.
size_t CharacterSize(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  size_t size = 0;
  uint32_t least = 0;
  uint32_t code = 0;
  if ((first & 0xe0) == 0xc0) {
    size = 2, least = 0x80, code = first & 0x1f;
  } else if ((first & 0xf0) == 0xe0) {
    size = 3, least = 0x800, code = first & 0x0f;
  } else if ((first & 0xf8) == 0xf0) {
    size = 4, least = 0x10000, code = first & 0x07;
  }
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code < least || code > 0x10ffff || surrogate ? 0 : size;
}

void AppendAscii(char character, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(character);
  if (character == '"' || character == '\\') {
    out += '\\';
    out += character;
  } else if (code < 0x20) {
    out += "\\u00";
    out += digits[code >> 4];
    out += digits[code & 0xf];
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

void JsonWriter::Seconds(double seconds) {
  Separate();
  absl::StrAppend(&text_, seconds);
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
    const size_t size = CharacterSize(text);
    if (size == 0) {
      text_ += kReplacement;
    } else if (size == 1) {
      AppendAscii(text.front(), text_);
    } else {
      text_ += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  text_ += '"';
}

}  // namespace trimaran::c

#include "tools/serve/json_writer.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace trimaran::serve {

void JsonWriter::Text(std::string_view name, std::string_view value) {
  Begin(name);
  Quote(value);
}

void JsonWriter::Number(std::string_view name, uint64_t value) {
  Begin(name);
  absl::StrAppend(&text_, value);
}

void JsonWriter::Flag(std::string_view name, bool value) {
  Begin(name);
  text_.append(value ? "true" : "false");
}

void JsonWriter::Real(std::string_view name, double value) {
  Begin(name);
  text_.append(std::isfinite(value) ? absl::StrFormat("%.6g", value) : "null");
}

void JsonWriter::Begin(std::string_view name) {
  if (comma_) text_.push_back(',');
  comma_ = true;
  if (name.empty()) return;
  Quote(name);
  text_.push_back(':');
}

void JsonWriter::Open(std::string_view name, char bracket) {
  Begin(name);
  text_.push_back(bracket);
  comma_ = false;
}

void JsonWriter::Close(char bracket) {
  text_.push_back(bracket);
  comma_ = true;
}

void JsonWriter::Quote(std::string_view value) {
  text_.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text_.push_back('\\');
      text_.push_back(c);
    } else if (byte < 0x20 || byte >= 0x7f) {
      text_.append(absl::StrFormat("\\u%04x", byte));
    } else {
      text_.push_back(c);
    }
  }
  text_.push_back('"');
}

}  // namespace trimaran::serve

#include "tools/trimaran/json.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

void AppendControl(char character, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(character);
  out += "\\u00";
  out += kDigits[code >> 4];
  out += kDigits[code & 0xf];
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

template <typename Element, typename Format>
std::string JsonArray(const std::vector<Element>& elements, Format format) {
  std::string out = "[";
  for (const Element& element : elements) {
    if (out.size() > 1) out += ',';
    absl::StrAppend(&out, format(element));
  }
  return out + "]";
}

// `"name":value`, with what belongs beside it.
struct FieldWriter {
  std::string_view name;
  std::string& out;

  void Write(std::string_view value) const {
    absl::StrAppend(&out, ",", JsonString(name), ":", ToAbsl(value));
  }

  void operator()(uint64_t value) const { Write(std::to_string(value)); }
  void operator()(bool value) const { Write(value ? "true" : "false"); }
  void operator()(const std::string& value) const { Write(JsonString(value)); }
  void operator()(const Binary& value) const {
    if (IsUtf8(value.bytes)) {
      Write(JsonString(value.bytes));
      return;
    }
    Write(JsonString(Escape(value.bytes)));
    absl::StrAppend(&out, ",\"", ToAbsl(name), "_base64\":\"",
                    absl::Base64Escape(value.bytes), "\"");
  }
  void operator()(const std::vector<uint64_t>& value) const {
    Write(JsonArray(value, [](uint64_t n) { return std::to_string(n); }));
  }
  void operator()(const std::vector<std::string>& value) const {
    Write(JsonArray(value, [](const std::string& s) { return JsonString(s); }));
  }
};

}  // namespace

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = Utf8SequenceLength(text);
    if (length == 0) {
      out += kReplacement;
    } else if (length == 1) {
      AppendAscii(text.front(), out);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
  return out;
}

std::string JsonLine(const Record& record) {
  std::string out = absl::StrCat("{\"type\":", JsonString(record.type()));
  for (const Field& field : record.fields()) {
    std::visit(FieldWriter{field.name, out}, field.value);
  }
  out += '}';
  return out;
}

}  // namespace trimaran::tool

#include "tools/trimaran/printer.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/absl_compat.h"
#include "tools/trimaran/escape.h"
#include "tools/trimaran/json.h"

namespace trimaran::tool {
namespace {

// A value of which a person sees no more. Keys are never that long.
constexpr size_t kShownBytesMax = 1024;

class JsonPrinter final : public Printer {
 public:
  explicit JsonPrinter(Output& out) : out_(out) {}

  void Heading(std::string_view) override {}
  void Block(const Record& record) override { Line(record); }
  void Line(const Record& record) override {
    out_.Write(JsonLine(record));
    out_.Write("\n");
  }
  void Remark(std::string_view) override {}
  bool closed() const override { return out_.closed(); }

 private:
  Output& out_;
};

// A field's value for people.
struct ValueText {
  BytesStyle style;

  std::string operator()(uint64_t value) const { return std::to_string(value); }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const Binary& value) const {
    return style == BytesStyle::kHex ? HexShort(value.bytes, kShownBytesMax)
                                     : QuoteShort(value.bytes, kShownBytesMax);
  }
  std::string operator()(const std::vector<uint64_t>& value) const {
    return absl::StrCat("(", absl::StrJoin(value, " "), ")");
  }
  std::string operator()(const std::vector<std::string>& value) const {
    return absl::StrJoin(value, "; ");
  }
};

class TextPrinter final : public Printer {
 public:
  TextPrinter(Output& out, BytesStyle style) : out_(out), style_(style) {}

  void Heading(std::string_view text) override {
    if (!first_) out_.Write("\n");
    first_ = false;
    const bool bold = out_.is_terminal();
    out_.Write(bold ? "\x1b[1m" : "");
    out_.Write(text);
    out_.Write(bold ? "\x1b[0m\n" : "\n");
  }

  void Block(const Record& record) override {
    size_t width = 0;
    for (const Field& field : record.fields()) {
      if (field.show == Show::kNever) continue;
      width = std::max(width, field.shown_name().size());
    }
    for (const Field& field : record.fields()) {
      if (field.show == Show::kNever) continue;
      std::string name(field.shown_name());
      std::replace(name.begin(), name.end(), '_', ' ');
      out_.Write(
          absl::StrCat("  ", name, std::string(width + 2 - name.size(), ' '),
                       std::visit(ValueText{style_}, field.value), "\n"));
    }
  }

  void Line(const Record& record) override {
    std::string line;
    for (const Field& field : record.fields()) {
      if (field.show == Show::kNever) continue;
      std::string text = std::visit(ValueText{style_}, field.value);
      if (field.show == Show::kNamed) {
        text = absl::StrCat(ToAbsl(field.shown_name()), "=", text);
      }
      if (text.size() < field.width) text.resize(field.width, ' ');
      absl::StrAppend(&line, "  ", text);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out_.Write(line);
    out_.Write("\n");
  }

  void Remark(std::string_view text) override {
    out_.Write(absl::StrCat("  ", ToAbsl(text), "\n"));
  }

  bool closed() const override { return out_.closed(); }

 private:
  Output& out_;
  const BytesStyle style_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Printer> MakePrinter(Output& out,
                                     const PrinterOptions& options) {
  if (options.format == PrinterOptions::Format::kJson) {
    return std::make_unique<JsonPrinter>(out);
  }
  return std::make_unique<TextPrinter>(out, options.bytes);
}

}  // namespace trimaran::tool

#include "api/src/prometheus_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"

namespace trimaran {
namespace {

std::string Seconds(absl::Duration duration) {
  return absl::StrFormat("%.9f", absl::ToDoubleSeconds(duration));
}

std::string Bound(int64_t nanos) {
  return absl::StrCat(absl::ToDoubleSeconds(absl::Nanoseconds(nanos)));
}

// What a label may hold: the three escapes that the format knows, and in place
// of what is not printable, and might not even be UTF-8, its number.
std::string Escape(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "\\\\x%02x", static_cast<uint8_t>(c));
    }
  }
  return out;
}

}  // namespace

void PrometheusText::Head(std::string_view type, std::string_view help) {
  absl::StrAppend(&text_, "# HELP ", name_, " ", ToAbsl(help), "\n# TYPE ",
                  name_, " ", ToAbsl(type), "\n");
}

void PrometheusText::Begin(std::string_view name, Type type,
                           std::string_view help) {
  name_ = absl::StrCat("trimaran_", ToAbsl(name));
  Head(type == Type::kCounter ? "counter" : "gauge", help);
}

void PrometheusText::Sample(const std::vector<Label>& labels, uint64_t value) {
  text_ += name_;
  absl::string_view separator = "{";
  for (const Label& label : labels) {
    absl::StrAppend(&text_, separator, ToAbsl(label.name), "=\"",
                    Escape(label.value), "\"");
    separator = ",";
  }
  absl::StrAppend(&text_, labels.empty() ? "" : "}", " ", value, "\n");
}

void PrometheusText::Add(std::string_view name, Type type,
                         std::string_view help, uint64_t value) {
  Begin(name, type, help);
  Sample({}, value);
}

void PrometheusText::Add(std::string_view name, std::string_view help,
                         const Histogram::Reading& reading) {
  name_ = absl::StrCat("trimaran_", ToAbsl(name));
  Head("histogram", help);
  uint64_t count = 0;
  for (size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    count += reading.counts[i];
    absl::StrAppend(&text_, name_, "_bucket{le=\"",
                    Bound(Histogram::kBounds[i]), "\"} ", count, "\n");
  }
  count += reading.counts.back();
  absl::StrAppend(&text_, name_, "_bucket{le=\"+Inf\"} ", count, "\n", name_,
                  "_sum ", Seconds(reading.sum), "\n", name_, "_count ", count,
                  "\n");
}

}  // namespace trimaran

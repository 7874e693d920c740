#include "tools/serve/settings_file.h"

#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"

namespace trimaran::serve {
namespace {

bool IsBare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Reads one line.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  void SkipSpace() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' ||
                              rest_.front() == '\r')) {
      rest_.remove_prefix(1);
    }
  }
  // Nothing, or a comment.
  bool AtEnd() {
    SkipSpace();
    return rest_.empty() || rest_.front() == '#';
  }
  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  absl::StatusOr<std::string> Key() {
    SkipSpace();
    if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'')) {
      return Quoted();
    }
    const std::string bare = Bare();
    if (bare.empty()) return absl::InvalidArgumentError("a key is expected");
    return bare;
  }
  absl::StatusOr<SettingValue> Value() {
    SkipSpace();
    if (rest_.empty()) return absl::InvalidArgumentError("a value is missing");
    if (rest_.front() == '"' || rest_.front() == '\'') {
      TRIMARAN_ASSIGN_OR_RETURN(std::string text, Quoted());
      return SettingValue(std::move(text));
    }
    const std::string word = Bare();
    if (word == "true") return SettingValue(true);
    if (word == "false") return SettingValue(false);
    if (const auto number = Number(word)) return SettingValue(*number);
    return absl::InvalidArgumentError(
        "the value is neither a \"string\", nor a whole number, nor true or "
        "false");
  }

 private:
  std::string Bare() {
    size_t size = 0;
    while (size < rest_.size() && IsBare(rest_[size])) ++size;
    const std::string word(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return word;
  }

  // "1_000_000" is a million.
  static std::optional<int64_t> Number(const std::string& word) {
    std::string digits;
    for (const char c : word) {
      if (c != '_') digits.push_back(c);
    }
    int64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || rest != end) return std::nullopt;
    return number;
  }

  absl::StatusOr<std::string> Quoted() {
    const char mark = rest_.front();
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty() && rest_.front() != mark) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\\' && mark == '"') {
        TRIMARAN_ASSIGN_OR_RETURN(c, Escaped());
      }
      text.push_back(c);
    }
    if (rest_.empty()) {
      return absl::InvalidArgumentError("a string is not closed");
    }
    rest_.remove_prefix(1);
    return text;
  }

  absl::StatusOr<char> Escaped() {
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (!rest_.empty()) rest_.remove_prefix(1);
    switch (c) {
      case '"':
      case '\\':
        return c;
      case 'n':
        return '\n';
      case 't':
        return '\t';
      default:
        return absl::InvalidArgumentError(
            "escapes in strings are \\\", \\\\, \\n and \\t");
    }
  }

  std::string_view rest_;
};

class FileReader {
 public:
  absl::Status Read(std::string_view line, int number) {
    LineReader reader(line);
    if (reader.AtEnd()) return absl::OkStatus();
    if (reader.Take('[')) return ReadTable(reader);
    TRIMARAN_ASSIGN_OR_RETURN(const std::string key, reader.Key());
    if (!reader.Take('=')) {
      return absl::InvalidArgumentError(
          absl::StrCat("'=' is expected behind ", EscapeForLog(key)));
    }
    const std::string whole = absl::StrCat(table_, key);
    auto value = reader.Value();
    if (!value.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(EscapeForLog(whole), ": ", value.status().message()));
    }
    if (!reader.AtEnd()) {
      return absl::InvalidArgumentError(absl::StrCat(
          EscapeForLog(whole), ": something stands behind the value"));
    }
    const auto [place, added] = lines_of_.emplace(whole, number);
    if (!added) {
      return absl::InvalidArgumentError(
          absl::StrCat(EscapeForLog(whole), ": it is set in line ",
                       place->second, " already"));
    }
    lines_.push_back(
        {.key = whole, .value = *std::move(value), .line = number});
    return absl::OkStatus();
  }

  std::vector<SettingLine> Take() { return std::move(lines_); }

 private:
  absl::Status ReadTable(LineReader& reader) {
    TRIMARAN_ASSIGN_OR_RETURN(table_, reader.Key());
    table_.push_back('.');
    if (!reader.Take(']') || !reader.AtEnd()) {
      return absl::InvalidArgumentError("a table is written [name]");
    }
    return absl::OkStatus();
  }

  std::string table_;
  std::map<std::string, int> lines_of_;
  std::vector<SettingLine> lines_;
};

}  // namespace

absl::StatusOr<std::vector<SettingLine>> ParseSettings(std::string_view text) {
  FileReader reader;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const absl::Status status = reader.Read(text.substr(0, end), number);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", status.message()));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.Take();
}

}  // namespace trimaran::serve

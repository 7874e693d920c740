#include "tools/trimaran/shell_words.h"

#include <algorithm>

#include "engine/base/status_macros.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// Where a word ends whose quotation mark stands at the front: behind the other
// one.
absl::StatusOr<size_t> EndOfQuoted(std::string_view line) {
  for (size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == '"') {
      return at + 1;
    }
  }
  return absl::InvalidArgumentError("a quotation mark has no other one");
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos || line[begin] == '#') return words;
    line.remove_prefix(begin);
    size_t end = std::min(line.find_first_of(kBlanks), line.size());
    std::string_view raw = line.substr(0, end);
    if (line.front() == '"') {
      TRIMARAN_ASSIGN_OR_RETURN(end, EndOfQuoted(line));
      raw = line.substr(1, end - 2);
      if (end < line.size() &&
          kBlanks.find(line[end]) == std::string_view::npos) {
        return absl::InvalidArgumentError(
            "a blank has to follow a quotation mark");
      }
    }
    TRIMARAN_ASSIGN_OR_RETURN(words.emplace_back(), Unescape(raw));
    line.remove_prefix(end);
  }
}

}  // namespace trimaran::tool

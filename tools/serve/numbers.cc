#include "tools/serve/numbers.h"

#include <charconv>

#include "absl/strings/str_cat.h"

namespace trimaran::serve {

std::optional<int64_t> ParseInteger(std::string_view word) {
  int64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  // "-0", "007": other ways to write the number, which a counter never has.
  const size_t sign = word.front() == '-' ? 1 : 0;
  if (word[sign] == '0' && word.size() > 1) return std::nullopt;
  return number;
}

std::string TooLargeReply(size_t bytes_max) {
  return absl::StrCat("ERR the answer would have more than ", bytes_max,
                      " bytes (limits.reply_bytes)");
}

}  // namespace trimaran::serve

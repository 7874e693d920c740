#include "tools/serve/glob.h"

#include <cstddef>
#include <utility>

namespace trimaran::serve {
namespace {

// A pattern's piece that stands for one byte.
struct OneByte {
  bool matches = false;
  // Of the pattern.
  size_t size = 1;
};

// "[...]"; one that is not closed ends with the pattern.
OneByte MatchSet(std::string_view pattern, unsigned char byte) {
  size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  const auto at_byte = [&pattern](size_t place) {
    return static_cast<unsigned char>(pattern[place]);
  };
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    unsigned char low = at_byte(at);
    unsigned char high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      high = at_byte(at + 2);
      if (low > high) std::swap(low, high);
      at += 2;
    }
    found = found || (low <= byte && byte <= high);
    ++at;
  }
  if (at < pattern.size()) ++at;
  return {.matches = found != negated, .size = at};
}

OneByte MatchOne(std::string_view pattern, char c) {
  switch (pattern.front()) {
    case '?':
      return {.matches = true};
    case '[':
      return MatchSet(pattern, static_cast<unsigned char>(c));
    case '\\':
      if (pattern.size() > 1) return {.matches = pattern[1] == c, .size = 2};
      break;
    default:
      break;
  }
  return {.matches = pattern.front() == c};
}

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  // Behind the last "*", and where what it stands for ends so far. An earlier
  // one need never be thought over again.
  size_t star = std::string_view::npos;
  size_t star_end = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_end = t;
      continue;
    }
    if (p < pattern.size()) {
      const OneByte one = MatchOne(pattern.substr(p), text[t]);
      if (one.matches) {
        p += one.size;
        ++t;
        continue;
      }
    }
    if (star == std::string_view::npos) return false;
    p = star;
    t = ++star_end;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string GlobPrefix(std::string_view pattern) {
  std::string prefix;
  for (size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '*' || c == '?' || c == '[') break;
    if (c == '\\' && at + 1 < pattern.size()) ++at;
    prefix.push_back(pattern[at]);
  }
  return prefix;
}

}  // namespace trimaran::serve

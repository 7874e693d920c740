// Goal: patterns mean what they mean in Redis. Method: a table.

#include "tools/serve/glob.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trimaran::serve {
namespace {

TEST(GlobTest, MatchesWhatTheTableSays) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  constexpr Case cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "abc", true},
      {"a*c", "abbbc", true},
      {"a*c", "abcd", false},
      {"a*b*c", "axbxbxc", true},
      {"?", "", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[a-c]x", "bx", true},
      {"[c-a]x", "bx", true},
      {"[^a-c]", "b", false},
      {"[^a-c]", "d", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"[\\]]", "]", true},
      {"[ab", "a", true},
      {"[ab", "c", false},
      {"\\", "\\", true},
      {"**a", "bba", true},
      {"a\\?b", "a?b", true},
      {"*a*a*a*b", "aaaaaaaa", false},
      {"h[ae]llo", "hallo", true},
      {"key:*", "key:", true},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(GlobMatches(each.pattern, each.text), each.matches)
        << each.pattern << " and " << each.text;
  }
}

TEST(GlobTest, HostilePatternEndsSoon) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(2000, 'a')));
}

TEST(GlobTest, PrefixIsWhatAllBeginWith) {
  EXPECT_EQ(GlobPrefix("user:*"), "user:");
  EXPECT_EQ(GlobPrefix("a\\*b?"), "a*b");
  EXPECT_EQ(GlobPrefix("[ab]c"), "");
  EXPECT_EQ(GlobPrefix("whole"), "whole");
}

}  // namespace
}  // namespace trimaran::serve

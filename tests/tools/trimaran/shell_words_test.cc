// Goal: a line of the shell is taken apart into the bytes that were meant.

#include "tools/trimaran/shell_words.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ShellWordsTest, BlanksSeparateAndMarksHoldTogether) {
  EXPECT_THAT(*SplitWords("put a b"), ElementsAre("put", "a", "b"));
  EXPECT_THAT(*SplitWords("  put\t\"a key\"  \"\" \r"),
              ElementsAre("put", "a key", ""));
  EXPECT_THAT(*SplitWords(""), IsEmpty());
  EXPECT_THAT(*SplitWords("   "), IsEmpty());
}

TEST(ShellWordsTest, EscapesAreBytes) {
  EXPECT_THAT(*SplitWords(R"(put \x00\xff "\"\\ \x20")"),
              ElementsAre("put", std::string("\0\xff", 2), "\"\\  "));
}

TEST(ShellWordsTest, RemarksAreSkipped) {
  EXPECT_THAT(*SplitWords("# all of it"), IsEmpty());
  EXPECT_THAT(*SplitWords("get a # the rest"), ElementsAre("get", "a"));
  EXPECT_THAT(*SplitWords("get a#b \"#c\""), ElementsAre("get", "a#b", "#c"));
}

TEST(ShellWordsTest, WhatDoesNotEndIsRefused) {
  for (const char* line : {"get \"a", "get \"a\\\"", "get \"a\"b", "get \\q"}) {
    EXPECT_EQ(SplitWords(line).status().code(),
              absl::StatusCode::kInvalidArgument)
        << line;
  }
}

}  // namespace
}  // namespace trimaran::tool

// Goal: text is told from other bytes, and never cut within a character.

#include "engine/base/utf8.h"

#include "gtest/gtest.h"

namespace trimaran {
namespace {

TEST(Utf8Test, OverlongFormsAndSurrogatesAreNoText) {
  EXPECT_FALSE(IsUtf8("\xc0\x80"));
  EXPECT_FALSE(IsUtf8("\xe0\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80"));
  EXPECT_TRUE(IsUtf8("\xf0\x9f\x98\x80"));
  EXPECT_TRUE(IsUtf8(""));
}

TEST(Utf8Test, HalfACharacterIsNone) {
  EXPECT_EQ(Utf8SequenceLength("\xe2\x82\xac"), 3);
  EXPECT_EQ(Utf8SequenceLength("\xe2\x82"), 0);
  EXPECT_EQ(Utf8SequenceLength("\x82\xac"), 0);
  EXPECT_EQ(Utf8CodePoint("\xe2\x82\xac", 3), 0x20acu);
}

TEST(Utf8Test, TextIsCutBetweenCharacters) {
  EXPECT_EQ(Utf8Prefix("abc", 3), "abc");
  EXPECT_EQ(Utf8Prefix("ab\xe2\x82\xac", 4), "ab");
  EXPECT_EQ(Utf8Prefix("ab\xe2\x82\xac"
                       "c",
                       5),
            "ab\xe2\x82\xac");
  // What is no text is cut anywhere.
  EXPECT_EQ(Utf8Prefix("\xff\xff\xff", 2), "\xff\xff");
}

}  // namespace
}  // namespace trimaran

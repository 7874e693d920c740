// Goal: whatever bytes are shown to people, they stay on their line, drive no
// terminal, and can be typed in again.

#include "tools/trimaran/escape.h"

#include <string>

#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST(EscapeTest, ReadableTextStaysAsItIs) {
  EXPECT_EQ(Escape("key 1: gr\xc3\xb6\xc3\x9f"
                   "e \xe2\x82\xac"),
            "key 1: gr\xc3\xb6\xc3\x9f"
            "e \xe2\x82\xac");
}

TEST(EscapeTest, ControlsQuotesAndBrokenUtf8AreEscaped) {
  EXPECT_EQ(Escape(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(Escape("\x1b[2J\n"), "\\x1b[2J\\x0a");
  EXPECT_EQ(Escape("\"\\"), "\\\"\\\\");
  EXPECT_EQ(Escape("\xff\xc3"), "\\xff\\xc3");
  // The direction of text, and a control beyond ASCII.
  EXPECT_EQ(Escape("\xe2\x80\xae"), "\\xe2\\x80\\xae");
  EXPECT_EQ(Escape("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(EscapeTest, TextWithEscapesInItIsNotEscapedAgain) {
  EXPECT_EQ(EscapeUnreadable(Quote("a\"\xff")), Quote("a\"\xff"));
  EXPECT_EQ(EscapeUnreadable("a\x1b[2J\n"), "a\\x1b[2J\\x0a");
}

TEST(EscapeTest, UnescapeReturnsWhatWasEscaped) {
  const auto back = Unescape(Escape(AllBytes()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, AllBytes());
}

TEST(EscapeTest, UnescapeRefusesWhatEscapeDoesNotWrite) {
  for (const char* text : {"\\", "\\n", "\\x", "\\x0", "\\xg0"}) {
    EXPECT_FALSE(Unescape(text).ok()) << text;
  }
}

TEST(EscapeTest, LongBytesAreCutBetweenCharacters) {
  EXPECT_EQ(QuoteShort("abc", 3), "\"abc\"");
  EXPECT_EQ(QuoteShort("abcd", 3), "\"abc\"... (4 bytes)");
  EXPECT_EQ(QuoteShort("ab\xe2\x82\xac!", 4), "\"ab\"... (6 bytes)");
  EXPECT_EQ(HexShort("abc", 2), "6162... (3 bytes)");
}

}  // namespace
}  // namespace trimaran::tool

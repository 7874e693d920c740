// Goal: answers are read whatever pieces they come in; what is no answer, or
// too much, is an error, and never more memory than has been sent.

#include "tools/trimaran/resp_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

using Kind = RespValue::Kind;

constexpr size_t kBytesMax = 100'000;

// As a person would write it.
std::string Shown(const RespValue& value) {
  switch (value.kind) {
    case Kind::kSimple:
      return "+" + value.text;
    case Kind::kError:
      return "-" + value.text;
    case Kind::kInteger:
      return absl::StrCat(value.integer);
    case Kind::kBulk:
      return absl::StrCat("'", value.text, "'");
    case Kind::kNull:
      return "null";
    case Kind::kArray:
      break;
  }
  std::string out = "[";
  for (const RespValue& element : value.elements) {
    if (out.size() > 1) out += " ";
    out += Shown(element);
  }
  return out + "]";
}

// Everything that `bytes` say, in pieces of so many; "?..." for an error.
std::vector<std::string> Read(const std::string& bytes, size_t piece) {
  RespReader reader(kBytesMax);
  std::vector<std::string> found;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    reader.Append(std::string_view(bytes).substr(at, piece));
    while (true) {
      const auto next = reader.Next();
      if (!next.ok()) {
        found.push_back(absl::StrCat("?", next.status().message()));
        return found;
      }
      if (!next->has_value()) break;
      found.push_back(Shown(**next));
    }
  }
  return found;
}

TEST(RespReaderTest, ReadsEveryKindInPiecesOfAnySize) {
  const std::string bytes =
      "+OK\r\n-ERR no\r\n:-12\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
      "*3\r\n$1\r\nk\r\n*2\r\n:1\r\n*1\r\n+x\r\n$-1\r\n+last\r\n";
  const std::vector<std::string> wanted = {
      "+OK",      "-ERR no", "-12",
      "'a\r\nb'", "''",      "null",
      "null",     "[]",      "['k' [1 [+x]] null]",
      "+last"};
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_EQ(Read(bytes, piece), wanted) << piece;
  }
}

TEST(RespReaderTest, WhatIsNoAnswerIsAnError) {
  for (const char* const bytes :
       {"\r\n", "HTTP/1.1 400 Bad Request\r\n", ":\r\n", ":1x\r\n",
        ":99999999999999999999\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n",
        "*1\r\n?\r\n", "$1\r\nab\r\n", "$1\r\na\n\n", "%1\r\n", "$ \r\n"}) {
    const auto found = Read(bytes, 3);
    ASSERT_EQ(found.size(), 1u) << bytes;
    EXPECT_EQ(found.front().rfind("?the answer is not RESP", 0), 0u) << bytes;
  }
}

TEST(RespReaderTest, NothingIsTakenOnTrust) {
  // More elements and bytes than there is memory for: nothing comes of it.
  EXPECT_TRUE(Read("*9000000000000000000\r\n:1\r\n", 100).empty());
  EXPECT_EQ(
      Read("$9000000000000000000\r\n", 100),
      std::vector<std::string>{"?the answer takes more than 100000 bytes"});
  // A line without end.
  EXPECT_EQ(Read(std::string(70'000, '+'), 1000).size(), 1u);
  // Arrays in arrays, each of which costs whoever reads it a level.
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "*1\r\n";
  EXPECT_EQ(Read(deep, 7), std::vector<std::string>{
                               "?the answer is not RESP: it is too deep"});
}

TEST(RespReaderTest, ElementsCountWithWhatTheyTakeHere) {
  std::string many = "*1000000\r\n";
  while (many.size() < kBytesMax / 2) many += "$-1\r\n";
  EXPECT_EQ(Read(many, 4096), std::vector<std::string>{
                                  "?the answer takes more than 100000 bytes"});
}

TEST(RespReaderTest, TheLimitIsOfOneAnswer) {
  const std::string one =
      absl::StrCat("$60000\r\n", std::string(60'000, 'v'), "\r\n");
  EXPECT_EQ(Read(one + one + one, 10'000).size(), 3u);
  EXPECT_EQ(
      Read("*2\r\n" + one + one, 10'000),
      std::vector<std::string>{"?the answer takes more than 100000 bytes"});
}

}  // namespace
}  // namespace trimaran::tool

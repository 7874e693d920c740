// Goal: what one side of a pipe says is what the other side hears, whatever the
// bytes, and what is no line of the protocol is refused.

#include "tests/net/line_protocol.h"

#include "gtest/gtest.h"

namespace trimaran::net {
namespace {

std::string AllBytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

TEST(LineProtocolTest, RequestsComeBackAsTheyWere) {
  const Request request{.id = 7,
                        .timeout_ms = 1500,
                        .operation = "put",
                        .arguments = {"", "a key", AllBytes(), "%", "="}};
  const std::string line = Encode(request);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(DecodeRequest(line), request);
}

TEST(LineProtocolTest, AnswersComeBackAsTheyWere) {
  Answer answer{.id = 8, .ok = true};
  answer.Add("value", AllBytes());
  answer.Add("", "");
  answer.Add("row", "one");
  answer.Add("row", "two");
  answer.Add("index", uint64_t{12});
  const std::string line = Encode(answer);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto decoded = DecodeAnswer(line);
  EXPECT_EQ(decoded, answer);
  EXPECT_EQ(decoded->Text("row"), "one");
  EXPECT_EQ(decoded->Number("index"), 12u);
  EXPECT_EQ(decoded->Find("absent"), std::nullopt);
  EXPECT_EQ(decoded->Number("absent"), 0u);
}

TEST(LineProtocolTest, WhatIsNoLineIsRefused) {
  for (const char* line : {"", "7", "7 0", "x 0 put", "7 x put", "7 0 put  a",
                           "7 0 put %4", "7 0 put %zz", "7 0 p\tt"}) {
    EXPECT_EQ(DecodeRequest(line), std::nullopt) << line;
  }
  for (const char* line : {"", "7", "x ok", "7 fine", "7 ok index",
                           "7 ok a=b=c", "7 ok =", "7 error "}) {
    EXPECT_EQ(DecodeAnswer(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace trimaran::net

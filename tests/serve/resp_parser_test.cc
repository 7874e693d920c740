// Goal: commands are what was sent, however the bytes are cut, and nothing that
// is claimed is believed. Method: a table of inputs, each given whole and cut
// at every byte.

#include "tools/serve/resp_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace trimaran::serve {
namespace {

using Commands = std::vector<std::vector<std::string>>;

struct Parsed {
  Commands commands;
  std::string error;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

void Feed(RespParser& parser, std::string_view input, Parsed& parsed) {
  while (true) {
    switch (parser.Next(input)) {
      case RespParser::Result::kNeedMore:
        EXPECT_TRUE(input.empty());
        return;
      case RespParser::Result::kError:
        parsed.error = parser.error();
        return;
      case RespParser::Result::kCommand:
        break;
    }
    const Command command = parser.Take();
    std::vector<std::string> words;
    for (size_t i = 0; i < command.size(); ++i) words.emplace_back(command[i]);
    parsed.commands.push_back(words);
  }
}

Parsed ParseWhole(std::string_view input, const ParserLimits& limits = {}) {
  RespParser parser(limits);
  Parsed parsed;
  Feed(parser, input, parsed);
  return parsed;
}

struct Case {
  std::string input;
  Parsed parsed;
};

std::vector<Case> Cases() {
  const std::string protocol = "ERR Protocol error: ";
  return {
      {"*1\r\n$4\r\nPING\r\n", {{{"PING"}}, ""}},
      {"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", {{{"GET", ""}}, ""}},
      {"*2\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\n", {{{"a", "\r\n\r\n"}}, ""}},
      {"*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", {{{"a"}, {"b"}}, ""}},
      // Empty arrays and lines are no commands.
      {"*0\r\n*-1\r\n\r\n\n*1\r\n$1\r\na\r\n", {{{"a"}}, ""}},
      {"PING\r\nget  key\n", {{{"PING"}, {"get", "key"}}, ""}},
      {"set \"a b\\n\\x41\" 'c \\' d'\r\n", {{{"set", "a b\nA", "c ' d"}}, ""}},
      {"set \"\" ''\r\n", {{{"set", "", ""}}, ""}},
      {"set \"a\r\n", {{}, protocol + "unbalanced quotes in request"}},
      {"set \"a\"b\r\n", {{}, protocol + "unbalanced quotes in request"}},
      {"*x\r\n", {{}, protocol + "invalid multibulk length"}},
      {"*\r\n", {{}, protocol + "invalid multibulk length"}},
      {"*99999999999\r\n", {{}, protocol + "invalid multibulk length"}},
      {"*1\r\n:1\r\n", {{}, protocol + "expected '$', got ':'"}},
      {"*1\r\n$-1\r\n", {{}, protocol + "invalid bulk length"}},
      {"*1\r\n$1x\r\n", {{}, protocol + "invalid bulk length"}},
      {"*1\r\n$99999999999\r\n", {{}, protocol + "invalid bulk length"}},
      {"*1\r\n$1\r\nab\r\n", {{}, protocol + "expected the end of a bulk"}},
      {"*1\n$1\r\na\r\n", {{}, protocol + "expected \\r\\n behind a length"}},
      {"*1\r\n$1\r\na\r\n*1\r\n$x\r\n",
       {{{"a"}}, protocol + "invalid bulk length"}},
      {"*" + std::string(30, '1'),
       {{}, protocol + "too big mbulk count string"}},
  };
}

TEST(RespParserTest, ReadsWhatTheTableSays) {
  for (const Case& each : Cases()) {
    const Parsed parsed = ParseWhole(each.input);
    EXPECT_EQ(parsed.commands, each.parsed.commands) << each.input;
    EXPECT_EQ(parsed.error, each.parsed.error) << each.input;
  }
}

TEST(RespParserTest, BytesMayBeCutAnywhere) {
  for (const Case& each : Cases()) {
    for (size_t cut = 0; cut <= each.input.size(); ++cut) {
      RespParser parser(ParserLimits{});
      Parsed parsed;
      Feed(parser, std::string_view(each.input).substr(0, cut), parsed);
      if (parsed.error.empty()) {
        Feed(parser, std::string_view(each.input).substr(cut), parsed);
      }
      EXPECT_EQ(parsed, each.parsed) << each.input << " cut at " << cut;
    }
    RespParser parser(ParserLimits{});
    Parsed parsed;
    for (const char c : each.input) {
      if (parsed.error.empty()) Feed(parser, {&c, 1}, parsed);
    }
    EXPECT_EQ(parsed, each.parsed) << each.input << " byte by byte";
  }
}

TEST(RespParserTest, LimitsAreCheckedBeforeAnythingComes) {
  const ParserLimits limits{
      .bulk_bytes_max = 10, .words_max = 3, .command_bytes_max = 15};
  EXPECT_EQ(
      ParseWhole("*3\r\n$5\r\naaaaa\r\n$5\r\nbbbbb\r\n$5\r\nccccc\r\n", limits)
          .commands.size(),
      1u);
  EXPECT_EQ(ParseWhole("*4\r\n", limits).error,
            "ERR Protocol error: invalid multibulk length");
  EXPECT_EQ(ParseWhole("*1\r\n$11\r\n", limits).error,
            "ERR Protocol error: invalid bulk length");
  EXPECT_EQ(ParseWhole("*2\r\n$8\r\naaaaaaaa\r\n$8\r\n", limits).error,
            "ERR Protocol error: too big command");
  EXPECT_EQ(ParseWhole("a b c d\r\n", limits).error,
            "ERR Protocol error: too big inline request");
}

TEST(RespParserTest, LimitsOfACommandStayWhatTheyWereWhenItBegan) {
  RespParser parser(
      {.bulk_bytes_max = 10, .words_max = 100, .command_bytes_max = 15});
  Parsed parsed;
  Feed(parser, "*9\r\n$9\r\naaaaaaaaa\r\n", parsed);
  parser.set_limits(
      {.bulk_bytes_max = 9, .words_max = 2, .command_bytes_max = 5});
  Feed(parser, "$5\r\nbbbbb\r\n", parsed);
  EXPECT_EQ(parsed.error, "");
  Feed(parser, "$5\r\nccccc\r\n", parsed);
  EXPECT_EQ(parsed.error, "ERR Protocol error: too big command");
}

TEST(RespParserTest, LineWithoutEndIsGivenUp) {
  RespParser parser(ParserLimits{});
  const std::string piece(1000, 'a');
  Parsed parsed;
  for (int i = 0; i < 100 && parsed.error.empty(); ++i) {
    Feed(parser, piece, parsed);
    EXPECT_LT(parser.buffered(), 66'000u);
  }
  EXPECT_EQ(parsed.error, "ERR Protocol error: too big inline request");
}

TEST(RespParserTest, ClaimedLengthTakesNoMemory) {
  RespParser parser(ParserLimits{});
  Parsed parsed;
  Feed(parser, "*131073\r\n$16777216\r\nabc", parsed);
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parser.buffered(), 3u);
}

}  // namespace
}  // namespace trimaran::serve

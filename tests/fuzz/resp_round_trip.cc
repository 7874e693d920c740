#include "tests/fuzz/resp_round_trip.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "tools/serve/glob.h"
#include "tools/serve/reply.h"
#include "tools/serve/resp_parser.h"

namespace trimaran::serve {
namespace {

using Commands = std::vector<std::vector<std::string>>;

struct Parsed {
  Commands commands;
  std::string error;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

const ParserLimits kLimits = {
    .bulk_bytes_max = 4096, .words_max = 64, .command_bytes_max = 16384};

void Feed(RespParser& parser, std::string_view input, Parsed& parsed) {
  while (parsed.error.empty()) {
    const size_t before = input.size();
    switch (parser.Next(input)) {
      case RespParser::Result::kNeedMore:
        TRIMARAN_CHECK(input.empty());
        return;
      case RespParser::Result::kError:
        parsed.error = parser.error();
        TRIMARAN_CHECK(!parsed.error.empty());
        return;
      case RespParser::Result::kCommand:
        break;
    }
    TRIMARAN_CHECK_LT(input.size(), before);
    const Command command = parser.Take();
    TRIMARAN_CHECK(!command.empty());
    TRIMARAN_CHECK_LE(command.size(), kLimits.words_max);
    TRIMARAN_CHECK_LE(command.bytes(), kLimits.command_bytes_max);
    auto& words = parsed.commands.emplace_back();
    for (size_t i = 0; i < command.size(); ++i) words.emplace_back(command[i]);
  }
}

Parsed ParsePieces(std::string_view input, size_t piece) {
  RespParser parser(kLimits);
  Parsed parsed;
  while (!input.empty() && parsed.error.empty()) {
    Feed(parser, input.substr(0, piece), parsed);
    input.remove_prefix(std::min(piece, input.size()));
  }
  return parsed;
}

std::string WriteDown(const Commands& commands) {
  std::string text;
  Reply reply(text);
  for (const auto& words : commands) {
    reply.Array(words.size());
    for (const std::string& word : words) reply.Bulk(word);
  }
  return text;
}

}  // namespace

size_t CheckRespInput(std::string_view input) {
  if (input.empty()) return 0;
  const size_t piece = static_cast<unsigned char>(input.front()) + size_t{1};
  input.remove_prefix(1);
  const Parsed whole = ParsePieces(input, input.size() + 1);
  TRIMARAN_CHECK(ParsePieces(input, 1) == whole);
  TRIMARAN_CHECK(ParsePieces(input, piece) == whole);
  // A line may say in fewer bytes what would break a limit on bulks.
  bool bulks_fit = true;
  for (const auto& words : whole.commands) {
    for (const std::string& word : words) {
      bulks_fit = bulks_fit && word.size() <= kLimits.bulk_bytes_max;
    }
    const std::string_view text = words.back();
    const bool matches = GlobMatches(words.front(), text);
    // What a pattern matches begins with its prefix.
    const std::string prefix = GlobPrefix(words.front());
    TRIMARAN_CHECK(!matches || text.substr(0, prefix.size()) == prefix);
  }
  if (bulks_fit) {
    const std::string again = WriteDown(whole.commands);
    const Parsed parsed = ParsePieces(again, again.size() + 1);
    TRIMARAN_CHECK(parsed.commands == whole.commands);
    TRIMARAN_CHECK(parsed.error.empty());
  }
  return whole.commands.size();
}

}  // namespace trimaran::serve

// Goal: what clients are told of commands is about all that there are, and no
// other, in the form that redis-cli makes its hints of.

#include "tools/serve/command_docs.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/serve/talker.h"
#include "tools/serve/command_table.h"

namespace trimaran::serve {
namespace {

// As redis-cli shows it.
std::string HintOf(const std::vector<DocsArgument>& arguments) {
  std::string hint;
  for (const DocsArgument& each : arguments) {
    std::string one = each.token;
    if (each.type == "oneof") {
      for (const DocsArgument& other : each.inside) {
        absl::StrAppend(&one, one.empty() ? "" : "|", HintOf({other}));
      }
    } else if (each.type != "pure-token") {
      absl::StrAppend(&one, one.empty() ? "" : " ",
                      each.type == "block" ? HintOf(each.inside) : each.name);
    }
    if (each.multiple) one = absl::StrCat(one, " [", one, " ...]");
    if (each.optional) one = absl::StrCat("[", one, "]");
    absl::StrAppend(&hint, hint.empty() ? "" : " ", one);
  }
  return hint;
}

std::string Hint(std::string_view words) {
  return HintOf(ParseDocsWords(words));
}

TEST(CommandDocsTest, WordsBecomeHints) {
  EXPECT_EQ(Hint(""), "");
  EXPECT_EQ(Hint("key..."), "key [key ...]");
  EXPECT_EQ(Hint("key value [NX|XX] [GET]"), "key value [NX|XX] [GET]");
  EXPECT_EQ(Hint("{key value}..."), "key value [key value ...]");
  EXPECT_EQ(Hint("cursor [MATCH pattern]"), "cursor [MATCH pattern]");
  EXPECT_EQ(Hint("[AUTH {username password}] [name...]"),
            "[AUTH username password] [name [name ...]]");
  EXPECT_EQ(Hint("GET pattern..."), "GET pattern [GET pattern ...]");
}

TEST(CommandDocsTest, EveryCommandHasDocs) {
  std::set<std::string_view> there;
  for (const auto& group : AllCommands()) {
    for (const CommandSpec& spec : group) there.insert(spec.name);
  }
  std::set<std::string_view> told;
  for (const CommandDocsGroup& group : AllCommandDocs()) {
    std::string_view last;
    for (const CommandDocs& docs : group.commands) {
      EXPECT_TRUE(told.insert(docs.name).second) << docs.name;
      EXPECT_LT(last, docs.name) << "the order";
      last = docs.name;
      EXPECT_TRUE(docs.summary.ends_with('.')) << docs.name;
    }
  }
  EXPECT_EQ(told, there);
}

TEST(CommandDocsTest, RequiredWordsAreThoseOfTheArity) {
  for (const CommandDocsGroup& group : AllCommandDocs()) {
    for (const CommandDocs& docs : group.commands) {
      const CommandSpec& spec = *FindCommand(docs.name);
      int least = 1;
      bool open_ended = false;
      for (const DocsArgument& each : ParseDocsWords(docs.words)) {
        open_ended = open_ended || each.optional || each.multiple;
        if (each.optional) continue;
        least +=
            each.type == "block" ? static_cast<int>(each.inside.size()) : 1;
        if (!each.token.empty() && each.type != "pure-token") ++least;
      }
      // Where there are subcommands the table says less than is needed.
      if (spec.name == "config") least = 2;
      // It ignores whatever is behind it.
      if (spec.name == "quit") open_ended = true;
      EXPECT_EQ(spec.arity, open_ended ? -least : least) << docs.name;
    }
  }
}

TEST(CommandDocsTest, CountInfoListAndDocsAgree) {
  SmallServer server;
  Talker talker(server);
  const std::string count = talker.Say("COMMAND COUNT\r\n").substr(1);
  for (const char* const question :
       {"COMMAND\r\n", "COMMAND INFO\r\n", "COMMAND LIST\r\n"}) {
    const std::string answer = talker.Say(question);
    EXPECT_EQ(answer.substr(0, answer.find('\n') + 1), "*" + count) << question;
  }
  const std::string docs = talker.Say("COMMAND DOCS\r\n");
  EXPECT_EQ(docs.substr(0, docs.find('\n') + 1),
            absl::StrCat("*", 2 * std::stoi(count), "\r\n"));
  EXPECT_EQ(talker.Say("COMMAND DOCS Get nothing\r\n"),
            absl::StrCat("*2\r\n$3\r\nget\r\n*8\r\n"
                         "$7\r\nsummary\r\n$19\r\nThe value of a row.\r\n"
                         "$5\r\nsince\r\n$5\r\n0.1.0\r\n"
                         "$5\r\ngroup\r\n$6\r\nstring\r\n"
                         "$9\r\narguments\r\n*1\r\n"
                         "*4\r\n$4\r\nname\r\n$3\r\nkey\r\n"
                         "$4\r\ntype\r\n$3\r\nkey\r\n"));
}

}  // namespace
}  // namespace trimaran::serve

// Goal: options are understood as people expect, and a wrong one is answered
// with a hint.

#include "tools/trimaran/command_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr OptionSpec kOptions[] = {
    {"limit", "N", "no more than so many"},
    {"json", "", "for programs"},
    {"from", "KEY", "the first key\nincluded"},
};

absl::StatusOr<Arguments> Parse(const std::vector<std::string_view>& words) {
  return ParseArguments(kOptions, words);
}

std::string ErrorOf(const std::vector<std::string_view>& words) {
  return std::string(Parse(words).status().message());
}

TEST(CommandLineTest, OptionsAndOperandsStandInAnyOrder) {
  const auto arguments = Parse({"a", "--limit", "3", "--json", "b"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_THAT(arguments->operands(), ElementsAre("a", "b"));
  EXPECT_EQ(**arguments->Number("limit"), 3u);
  EXPECT_TRUE(arguments->Has("json"));
  EXPECT_FALSE(arguments->Has("from"));
  EXPECT_EQ(*arguments->Number("absent"), std::nullopt);
}

TEST(CommandLineTest, EqualsSignAndDoubleDashWork) {
  const auto arguments = Parse({"--limit=3", "--from=", "--", "--json"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->Value("limit"), "3");
  EXPECT_EQ(arguments->Value("from"), "");
  EXPECT_THAT(arguments->operands(), ElementsAre("--json"));
}

TEST(CommandLineTest, MistakesAreNamed) {
  EXPECT_EQ(ErrorOf({"--limmit=3"}),
            "unknown option --limmit; did you mean --limit?");
  EXPECT_EQ(ErrorOf({"--quite-another"}), "unknown option --quite-another");
  EXPECT_EQ(ErrorOf({"--limit"}), "--limit needs a value: N");
  EXPECT_EQ(ErrorOf({"--json=1"}), "--json takes no value");
  EXPECT_THAT(ErrorOf({"-l"}), HasSubstr("two dashes"));
}

TEST(CommandLineTest, ValuesAreChecked) {
  const auto arguments = Parse({"--limit=3x", "--from=\\q"});
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(std::string(arguments->Number("limit").status().message()),
              HasSubstr("--limit: \"3x\" is not a number"));
  EXPECT_THAT(std::string(arguments->Bytes("from").status().message()),
              HasSubstr("--from: a backslash begins"));
}

TEST(CommandLineTest, OptionsThatAreGivenAgainAreAllKept) {
  const auto arguments = Parse({"--from=a", "--from", "b", "--limit="});
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(arguments->Values("from"), ::testing::ElementsAre("a", "b"));
  EXPECT_EQ(arguments->Value("from"), "b");
  EXPECT_THAT(arguments->Values("json"), ::testing::IsEmpty());
  EXPECT_EQ(*arguments->Required("from"), "b");
  EXPECT_THAT(std::string(arguments->Required("limit").status().message()),
              HasSubstr("--limit: it is needed"));
}

TEST(CommandLineTest, HelpIsAligned) {
  EXPECT_EQ(DescribeOptions(kOptions),
            "  --limit N   no more than so many\n"
            "  --json      for programs\n"
            "  --from KEY  the first key\n"
            "              included\n");
}

}  // namespace
}  // namespace trimaran::tool

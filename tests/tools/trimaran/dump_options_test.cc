// Goal: what is asked for is what is dumped.

#include "tools/trimaran/dump_options.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<DumpOptions> Parse(const std::vector<std::string_view>& words) {
  return ParseDumpOptions(*ParseArguments(DumpOptionSpecs(), words));
}

std::string ErrorOf(const std::vector<std::string_view>& words) {
  return std::string(Parse(words).status().message());
}

TEST(DumpOptionsTest, EverythingIsTheDefault) {
  const DumpOptions options = *Parse({});
  EXPECT_EQ(options.parts.size(), 10u);
  EXPECT_FALSE(options.parts_given);
}

TEST(DumpOptionsTest, PartsAreChosenByName) {
  EXPECT_THAT(Parse({"--what=log,floor"})->parts,
              ElementsAre(DumpPart::kFloor, DumpPart::kLog));
  EXPECT_EQ(Parse({"--what", "all"})->parts.size(), 10u);
  EXPECT_EQ(ErrorOf({"--what=logs"}),
            "--what: there is no part \"logs\"; did you mean log?");
}

TEST(DumpOptionsTest, ChoosingKeysOrEntriesChoosesTheirPart) {
  EXPECT_THAT(Parse({"--prefix=a"})->parts, ElementsAre(DumpPart::kData));
  EXPECT_THAT(Parse({"--log-from=7"})->parts, ElementsAre(DumpPart::kLog));
  EXPECT_THAT(Parse({"--prefix=a", "--what=apply"})->parts,
              ElementsAre(DumpPart::kApply));
}

TEST(DumpOptionsTest, KeysMayHaveEscapes) {
  const DumpOptions options = *Parse({"--from=a\\x00", "--to", "b\\\\"});
  EXPECT_EQ(options.from, std::string("a\0", 2));
  EXPECT_EQ(options.to, "b\\");
}

TEST(DumpOptionsTest, EmptyRangesAreMistakes) {
  EXPECT_EQ(ErrorOf({"--from=b", "--to=a"}), "--to is before --from");
  EXPECT_THAT(ErrorOf({"--to="}), HasSubstr("--to"));
  EXPECT_THAT(ErrorOf({"--log-from=9", "--log-to=8"}), HasSubstr("--log-to"));
  EXPECT_THAT(ErrorOf({"--limit=-1"}), HasSubstr("--limit"));
}

}  // namespace
}  // namespace trimaran::tool

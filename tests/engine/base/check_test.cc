// Goal: a check that holds costs nothing but its operands, and one that fails
// ends the process with a line that tells where, what and which values.

#include "engine/base/check.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

enum class Colour : uint8_t { kRed = 3, kGreen = 4 };

// Compiles only if the compiler knows that a failed check does not return.
int NumberOf(Colour colour) {
  switch (colour) {
    case Colour::kRed:
      return 1;
    case Colour::kGreen:
      return 2;
  }
  TRIMARAN_CHECK(false) << "colour " << static_cast<int>(colour);
}

TEST(CheckTest, PassesWithoutEvaluatingTheMessage) {
  int messages = 0;
  const auto message = [&messages] { return ++messages; };
  TRIMARAN_CHECK(true) << message();
  TRIMARAN_CHECK_EQ(1, 1) << message();
  EXPECT_EQ(messages, 0);
}

TEST(CheckTest, EvaluatesOperandsOnce) {
  int left = 0;
  int right = 0;
  TRIMARAN_CHECK(++left == 1);
  TRIMARAN_CHECK_LT(++left, ++right + 2);
  EXPECT_EQ(left, 2);
  EXPECT_EQ(right, 1);
}

TEST(CheckTest, EveryComparisonHoldsWhereItShould) {
  TRIMARAN_CHECK_EQ(2, 2);
  TRIMARAN_CHECK_NE(1, 2);
  TRIMARAN_CHECK_LT(1, 2);
  TRIMARAN_CHECK_LE(2, 2);
  TRIMARAN_CHECK_GT(2, 1);
  TRIMARAN_CHECK_GE(2, 2);
  TRIMARAN_CHECK_EQ(Colour::kRed, Colour::kRed);
  TRIMARAN_CHECK_EQ(std::string("a"), "a");
  TRIMARAN_CHECK_EQ(LogIndex(3), LogIndex(2) + 1);
}

// The built-in operators would turn -1 into the largest number.
TEST(CheckTest, ComparesIntegersOfDifferentSignByValue) {
  TRIMARAN_CHECK_LT(-1, uint64_t{0});
  TRIMARAN_CHECK_NE(-1, std::numeric_limits<uint64_t>::max());
  TRIMARAN_CHECK_GT(std::numeric_limits<uint32_t>::max(), -1);
  TRIMARAN_CHECK_EQ(std::string("abc").size(), 3);
}

TEST(CheckTest, LeavesAnElseToTheCallersIf) {
  bool otherwise = false;
  // No braces, for these statements are what is tested.
  if (otherwise)
    TRIMARAN_CHECK(false);
  else
    otherwise = true;
  EXPECT_TRUE(otherwise);
  if (!otherwise)
    TRIMARAN_CHECK_EQ(1, 2);
  else
    otherwise = false;
  EXPECT_FALSE(otherwise);
}

TEST(CheckTest, NestsInItsOwnMessage) {
  const auto checked = [](int value) {
    TRIMARAN_CHECK_GT(value, 0);
    return value;
  };
  TRIMARAN_CHECK_EQ(checked(1), checked(1)) << checked(2);
}

TEST(CheckDeathTest, TellsWhereAndWhat) {
  const bool open = false;
  EXPECT_DEATH(TRIMARAN_CHECK(open) << "log " << 7,
               "check_test\\.cc:[0-9]+: check failed: open log 7\n");
}

TEST(CheckDeathTest, PrintsBothValues) {
  const int have = 1;
  EXPECT_DEATH(TRIMARAN_CHECK_EQ(have, 2) << "replicas",
               "check failed: have == 2 \\(1 vs\\. 2\\) replicas\n");
  EXPECT_DEATH(TRIMARAN_CHECK_NE(have, 1), "have != 1 \\(1 vs\\. 1\\)\n");
  EXPECT_DEATH(TRIMARAN_CHECK_LT(have, 1), "have < 1 \\(1 vs\\. 1\\)\n");
  EXPECT_DEATH(TRIMARAN_CHECK_LE(have, 0), "have <= 0 \\(1 vs\\. 0\\)\n");
  EXPECT_DEATH(TRIMARAN_CHECK_GT(have, 1), "have > 1 \\(1 vs\\. 1\\)\n");
  EXPECT_DEATH(TRIMARAN_CHECK_GE(have, 2), "have >= 2 \\(1 vs\\. 2\\)\n");
}

TEST(CheckDeathTest, PrintsTheTypesOfThisProject) {
  EXPECT_DEATH(TRIMARAN_CHECK_EQ(Term(3), Term(4)), "\\(3 vs\\. 4\\)");
  EXPECT_DEATH(TRIMARAN_CHECK_EQ((EntryId{LogIndex(5), Term(1)}),
                                 (EntryId{LogIndex(6), Term(2)})),
               "\\(5/1 vs\\. 6/2\\)");
  EXPECT_DEATH(TRIMARAN_CHECK_EQ(Colour::kRed, Colour::kGreen),
               "\\(3 vs\\. 4\\)");
  EXPECT_DEATH(TRIMARAN_CHECK(false) << Term(9), "false 9\n");
}

TEST(CheckDeathTest, PrintsOtherCommonTypes) {
  const std::string text = "left";
  const int* const nothing = nullptr;
  EXPECT_DEATH(TRIMARAN_CHECK_EQ(text, std::string_view("right")),
               "\\(left vs\\. right\\)");
  EXPECT_DEATH(TRIMARAN_CHECK_NE(nothing, nullptr), "nothing != nullptr \\(");
  EXPECT_DEATH(TRIMARAN_CHECK_EQ(true, false), "\\(true vs\\. false\\)");
  // As numbers: an unprintable character would say nothing.
  EXPECT_DEATH(TRIMARAN_CHECK_EQ('\1', '\2'), "\\(1 vs\\. 2\\)");
  EXPECT_DEATH(TRIMARAN_CHECK_EQ(uint8_t{65}, uint8_t{66}),
               "\\(65 vs\\. 66\\)");
  EXPECT_DEATH(TRIMARAN_CHECK(false)
                   << absl::DataLossError("torn") << absl::string_view(" page"),
               "DATA_LOSS: torn page\n");
}

TEST(CheckDeathTest, EndsAFunctionThatHasNothingToReturn) {
  EXPECT_EQ(NumberOf(Colour::kRed), 1);
  EXPECT_EQ(NumberOf(Colour::kGreen), 2);
  EXPECT_DEATH(NumberOf(static_cast<Colour>(9)), "colour 9\n");
}

}  // namespace
}  // namespace trimaran

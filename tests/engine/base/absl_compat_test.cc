// Goal: the two string views convert into each other without a copy and
// without losing bytes.

#include "engine/base/absl_compat.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

TEST(AbslCompatTest, ConvertsBothWaysWithoutCopying) {
  const std::string text("a\0b", 3);
  const std::string_view standard = text;

  const absl::string_view abseil = ToAbsl(standard);
  const std::string_view back = ToStd(abseil);

  EXPECT_EQ(abseil.data(), text.data());
  EXPECT_EQ(abseil.size(), 3u);
  EXPECT_EQ(back.data(), text.data());
  EXPECT_EQ(back, standard);
}

TEST(AbslCompatTest, KeepsTheEmptyViewEmpty) {
  EXPECT_TRUE(ToAbsl(std::string_view()).empty());
  EXPECT_TRUE(ToStd(absl::string_view()).empty());
}

}  // namespace
}  // namespace trimaran

// Goal: TRIMARAN_DCHECK checks where TRIMARAN_DCHECKS is defined, release
// build or not.

#ifndef TRIMARAN_DCHECKS
#define TRIMARAN_DCHECKS
#endif

#include "engine/base/check.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

static_assert(TRIMARAN_DCHECK_IS_ON == 1);

TEST(DcheckOnDeathTest, FailsAsCheckDoes) {
  const int have = 1;
  EXPECT_DEATH(TRIMARAN_DCHECK(have == 2) << "why", "have == 2 why\n");
  EXPECT_DEATH(TRIMARAN_DCHECK_EQ(have, 2), "have == 2 \\(1 vs\\. 2\\)");
  EXPECT_DEATH(TRIMARAN_DCHECK_NE(have, 1), "have != 1 \\(1 vs\\. 1\\)");
  EXPECT_DEATH(TRIMARAN_DCHECK_LT(have, 1), "have < 1 \\(1 vs\\. 1\\)");
  EXPECT_DEATH(TRIMARAN_DCHECK_LE(have, 0), "have <= 0 \\(1 vs\\. 0\\)");
  EXPECT_DEATH(TRIMARAN_DCHECK_GT(have, 1), "have > 1 \\(1 vs\\. 1\\)");
  EXPECT_DEATH(TRIMARAN_DCHECK_GE(have, 2), "have >= 2 \\(1 vs\\. 2\\)");
}

}  // namespace
}  // namespace trimaran

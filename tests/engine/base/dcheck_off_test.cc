// Goal: without TRIMARAN_DCHECKS a release build compiles the operands of
// TRIMARAN_DCHECK, so that they do not rot, and evaluates none of them.

#undef TRIMARAN_DCHECKS
#ifndef NDEBUG
#define NDEBUG
#endif

#include "engine/base/check.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

static_assert(TRIMARAN_DCHECK_IS_ON == 0);

TEST(DcheckOffTest, EvaluatesNothing) {
  int calls = 0;
  const auto call = [&calls] { return ++calls; };
  TRIMARAN_DCHECK(call() == 0) << call();
  TRIMARAN_DCHECK_EQ(call(), 0) << call();
  TRIMARAN_DCHECK_NE(call(), 1);
  TRIMARAN_DCHECK_LT(call(), 0);
  TRIMARAN_DCHECK_LE(call(), 0);
  TRIMARAN_DCHECK_GT(call(), 2);
  TRIMARAN_DCHECK_GE(call(), 2);
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace trimaran

// Goal: what a disk has taken for itself is compared with a put only where the
// two were measured under the same conditions.

#include "tools/trimaran/bench_report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;

TEST(CompareWithDiskTest, APutTakesAtLeastOneSync) {
  EXPECT_EQ(CompareWithDisk(3'000, 2'000),
            "One put takes 1.50 times what the disk needs for a write and a "
            "sync.");
  EXPECT_THAT(CompareWithDisk(2'000, 2'000), HasSubstr("takes 1.00 times"));
  EXPECT_THAT(CompareWithDisk(0, 0), HasSubstr("takes 0.00 times"));
}

TEST(CompareWithDiskTest, WhatWasMeasuredOnABusyDiskIsNotCompared) {
  EXPECT_THAT(CompareWithDisk(140, 2'000), HasSubstr("cannot be compared"));
  EXPECT_THAT(CompareWithDisk(1'999, 2'000), HasSubstr("cannot be compared"));
}

}  // namespace
}  // namespace trimaran::tool

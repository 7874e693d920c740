// Goal: `trimaran bench` measures every kind of operation, leaves nothing, and
// touches nothing that is there. What it measures depends on the machine.

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/test_directory.h"
#include "tests/tools/trimaran/program_run.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

class BenchTest : public ::testing::Test {
 protected:
  TestDirectory directory_;
  const std::string scratch_ = directory_.path("scratch");
};

TEST_F(BenchTest, MeasuresEverythingAndLeavesNothing) {
  const Outcome run =
      Trimaran(absl::StrCat("bench --milliseconds 50 --json ", scratch_));
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* name :
       {"bare write and sync", "put, 1 writer", "put, 64 writers",
        "batch of 100, 1 writer", "get, 1 reader", "get, 8 readers",
        "scan of 100, 1 reader"}) {
    const size_t at = run.out.find(absl::StrCat("\"name\":\"", name, "\""));
    ASSERT_NE(at, std::string::npos) << name;
    const std::string line = run.out.substr(at, run.out.find('\n', at) - at);
    EXPECT_NE(JsonField(line, "operations"), "0");
    EXPECT_NE(JsonField(line, "p50_nanos"), "0");
    EXPECT_THAT(line, HasSubstr("\"counts\":["));
  }
  EXPECT_FALSE(fs::exists(scratch_));
}

TEST_F(BenchTest, WhatIsThereIsNotTouched) {
  fs::create_directory(scratch_);
  std::ofstream(scratch_ + "/notes") << "mine";
  EXPECT_EQ(Trimaran("bench " + scratch_).code, 9);
  EXPECT_EQ(Contents(scratch_ + "/notes"), "mine");
}

TEST_F(BenchTest, WrongUsageIsTwo) {
  EXPECT_EQ(Trimaran("bench").code, 2);
  EXPECT_EQ(Trimaran("bench --milliseconds 0 " + scratch_).code, 2);
  EXPECT_EQ(Trimaran("bench --milliseconds 60001 " + scratch_).code, 2);
  EXPECT_EQ(Trimaran("bench --value-bytes 2000000 " + scratch_).code, 2);
  EXPECT_EQ(Trimaran(absl::StrCat("bench ", scratch_, "/not/there")).code, 3);
}

TEST_F(BenchTest, InterruptedItLeavesNothing) {
  const Outcome run =
      Trimaran(absl::StrCat("bench --milliseconds 5000 ", scratch_),
               "timeout --foreground --signal=INT 0.7 ");
  EXPECT_EQ(run.code, 124) << "timeout says that it was needed";
  EXPECT_THAT(run.err, HasSubstr("interrupted"));
  EXPECT_FALSE(fs::exists(scratch_));
}

}  // namespace
}  // namespace trimaran::tool

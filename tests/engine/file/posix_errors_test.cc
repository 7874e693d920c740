// Goal: every kind of failure that callers tell apart has its code, and the
// message names the call and the path.

#include "engine/file/posix_errors.h"

#include <errno.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

absl::StatusCode CodeOf(int error_number) {
  return PosixError(error_number, "call", "path").code();
}

TEST(PosixErrorsTest, MessageNamesCallAndPath) {
  const absl::Status status = PosixError(ENOSPC, "pwrite", "log/seg-000001");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("pwrite log/seg-000001: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("space"));
}

TEST(PosixErrorsTest, KindsOfFailureAreToldApart) {
  EXPECT_EQ(CodeOf(ENOENT), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(EACCES), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeOf(EROFS), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeOf(ELOOP), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(EISDIR), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(ENOTEMPTY), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(EDQUOT), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(EMFILE), absl::StatusCode::kResourceExhausted);
}

TEST(PosixErrorsTest, WhatIsNotKnownIsAFailedDevice) {
  EXPECT_EQ(CodeOf(EIO), absl::StatusCode::kInternal);
  EXPECT_EQ(CodeOf(ESTALE), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace trimaran::engine

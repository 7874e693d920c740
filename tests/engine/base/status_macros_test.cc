// Goal: errors are passed on unchanged and at once, values are moved, and the
// expression is evaluated once.

#include "engine/base/status_macros.h"

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

absl::Status Counted(int& calls, absl::Status result) {
  ++calls;
  return result;
}

template <typename T>
absl::StatusOr<T> CountedValue(int& calls, T value) {
  ++calls;
  return value;
}

TEST(ReturnIfErrorTest, GoesOnAfterOk) {
  int calls = 0;
  const auto function = [&calls]() -> absl::Status {
    TRIMARAN_RETURN_IF_ERROR(Counted(calls, absl::OkStatus()));
    return absl::AlreadyExistsError("end");
  };
  EXPECT_EQ(function(), absl::AlreadyExistsError("end"));
  EXPECT_EQ(calls, 1);
}

TEST(ReturnIfErrorTest, ReturnsTheErrorWithItsPayload) {
  int calls = 0;
  const absl::Status error = NotLeaderError(ReplicaId(2));
  const auto function = [&calls, &error]() -> absl::Status {
    TRIMARAN_RETURN_IF_ERROR(Counted(calls, error));
    ADD_FAILURE() << "went on";
    return absl::OkStatus();
  };
  EXPECT_EQ(function(), error);
  EXPECT_EQ(calls, 1);
}

TEST(ReturnIfErrorTest, ServesAFunctionThatReturnsAValue) {
  const auto function = []() -> absl::StatusOr<int> {
    TRIMARAN_RETURN_IF_ERROR(absl::NotFoundError("none"));
    return 1;
  };
  EXPECT_EQ(function().status(), absl::NotFoundError("none"));
}

TEST(ReturnIfErrorTest, IsOneStatement) {
  const auto function = [](bool first) -> absl::Status {
    // No braces, for these statements are what is tested.
    if (first)
      TRIMARAN_RETURN_IF_ERROR(absl::NotFoundError("first"));
    else
      TRIMARAN_RETURN_IF_ERROR(absl::NotFoundError("second"));
    return absl::OkStatus();
  };
  EXPECT_EQ(function(true).message(), "first");
  EXPECT_EQ(function(false).message(), "second");
}

TEST(ReturnIfErrorTest, NestsInItsOwnExpression) {
  const auto function = []() -> absl::Status {
    TRIMARAN_RETURN_IF_ERROR([]() -> absl::Status {
      TRIMARAN_RETURN_IF_ERROR(absl::NotFoundError("inner"));
      return absl::OkStatus();
    }());
    return absl::OkStatus();
  };
  EXPECT_EQ(function().message(), "inner");
}

TEST(AssignOrReturnTest, DeclaresAndAssigns) {
  int calls = 0;
  const auto function = [&calls]() -> absl::StatusOr<int> {
    TRIMARAN_ASSIGN_OR_RETURN(const int declared, CountedValue(calls, 40));
    int assigned = 0;
    TRIMARAN_ASSIGN_OR_RETURN(assigned, CountedValue(calls, 2));
    return declared + assigned;
  };
  EXPECT_EQ(*function(), 42);
  EXPECT_EQ(calls, 2);
}

TEST(AssignOrReturnTest, MovesTheValue) {
  const auto function = []() -> absl::StatusOr<int> {
    absl::StatusOr<std::unique_ptr<int>> source = std::make_unique<int>(5);
    TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<int> owner,
                              std::move(source));
    return *owner;
  };
  EXPECT_EQ(*function(), 5);
}

TEST(AssignOrReturnTest, ReturnsTheErrorAndLeavesTheTarget) {
  int target = 1;
  const absl::Status error = OutcomeUnknownError("lost");
  const auto function = [&target, &error]() -> absl::Status {
    TRIMARAN_ASSIGN_OR_RETURN(target, absl::StatusOr<int>(error));
    return absl::OkStatus();
  };
  EXPECT_EQ(function(), error);
  EXPECT_EQ(target, 1);
}

TEST(AssignOrReturnTest, TakesAnExpressionWithCommas) {
  const auto function = []() -> absl::StatusOr<size_t> {
    TRIMARAN_ASSIGN_OR_RETURN(
        const auto map,
        absl::StatusOr<std::map<int, int>>(std::map<int, int>{{1, 2}}));
    return map.size();
  };
  EXPECT_EQ(*function(), 1u);
}

}  // namespace
}  // namespace trimaran

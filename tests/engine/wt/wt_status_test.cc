// The table of return codes, row by row: what a caller gets to see, and what
// ends the life of a connection.

#include "engine/wt/wt_status.h"

#include <gtest/gtest.h>
#include <wiredtiger.h>

#include <cerrno>
#include <vector>

#include "engine/base/errors.h"

namespace trimaran::wt {
namespace {

constexpr Operation kAllOperations[] = {
    Operation::kOpen,       Operation::kClose,      Operation::kOpenSession,
    Operation::kOpenCursor, Operation::kRead,       Operation::kWrite,
    Operation::kBulkLoad,   Operation::kBegin,      Operation::kCommit,
    Operation::kRollback,   Operation::kCheckpoint, Operation::kCreateTable,
    Operation::kDropTable,  Operation::kStatistics,
};

TEST(WtStatusTest, EachCodeHasItsStatus) {
  const struct {
    int code;
    absl::StatusCode status;
  } kTable[] = {
      {0, absl::StatusCode::kOk},
      {WT_ROLLBACK, absl::StatusCode::kAborted},
      {EBUSY, absl::StatusCode::kUnavailable},
      {WT_NOTFOUND, absl::StatusCode::kNotFound},
      {ENOENT, absl::StatusCode::kNotFound},
      {WT_DUPLICATE_KEY, absl::StatusCode::kAlreadyExists},
      {EEXIST, absl::StatusCode::kAlreadyExists},
      {ENOSPC, absl::StatusCode::kResourceExhausted},
      {EDQUOT, absl::StatusCode::kResourceExhausted},
      {EFBIG, absl::StatusCode::kResourceExhausted},
      {ENOMEM, absl::StatusCode::kResourceExhausted},
      {EMFILE, absl::StatusCode::kResourceExhausted},
      {ENFILE, absl::StatusCode::kResourceExhausted},
      {WT_CACHE_FULL, absl::StatusCode::kResourceExhausted},
      {EACCES, absl::StatusCode::kPermissionDenied},
      {EPERM, absl::StatusCode::kPermissionDenied},
      {EROFS, absl::StatusCode::kPermissionDenied},
      {EINVAL, absl::StatusCode::kInvalidArgument},
      {WT_RUN_RECOVERY, absl::StatusCode::kFailedPrecondition},
      {WT_TRY_SALVAGE, absl::StatusCode::kDataLoss},
      {WT_PANIC, absl::StatusCode::kInternal},
      {WT_ERROR, absl::StatusCode::kInternal},
      {EIO, absl::StatusCode::kInternal},
      {WT_PREPARE_CONFLICT, absl::StatusCode::kInternal},
      {-99999, absl::StatusCode::kInternal},
  };
  for (const auto& [code, status] : kTable) {
    EXPECT_EQ(ToStatus(code, Operation::kRead, "kv_g1").code(), status) << code;
  }
}

TEST(WtStatusTest, MessageNamesOperationSubjectAndCause) {
  EXPECT_EQ(ToStatus(EBUSY, Operation::kDropTable, "kv_g1").message(),
            "WiredTiger: drop table kv_g1: Device or resource busy");
  EXPECT_EQ(ToStatus(EIO, Operation::kCommit, "").message(),
            "WiredTiger: commit: Input/output error");
}

TEST(WtStatusTest, SalvageIsCorruption) {
  EXPECT_TRUE(IsCorruption(ToStatus(WT_TRY_SALVAGE, Operation::kOpen, "/h")));
}

TEST(WtStatusTest, RollbackAndBusyAreToldFromOthersOfTheirKind) {
  const absl::Status rollback = ToStatus(WT_ROLLBACK, Operation::kWrite, "t");
  const absl::Status busy = ToStatus(EBUSY, Operation::kDropTable, "t");

  EXPECT_TRUE(IsRollback(rollback));
  EXPECT_FALSE(IsRollback(busy));
  EXPECT_FALSE(IsRollback(absl::AbortedError("by something else")));
  EXPECT_FALSE(IsRollback(absl::OkStatus()));
  EXPECT_TRUE(IsBusy(busy));
  EXPECT_FALSE(IsBusy(rollback));
  EXPECT_FALSE(IsBusy(absl::UnavailableError("something else")));
}

TEST(WtStatusTest, OnlyARollbackIsCertainNotToHaveBeenApplied) {
  EXPECT_EQ(OutcomeOf(ToStatus(WT_ROLLBACK, Operation::kCommit, "")),
            WriteOutcome::kNotApplied);
  EXPECT_EQ(OutcomeOf(ToStatus(EIO, Operation::kCommit, "")),
            WriteOutcome::kUnknown);
}

TEST(WtStatusTest, CodeCanBeReadBack) {
  EXPECT_EQ(CodeOf(ToStatus(WT_PANIC, Operation::kRead, "")), WT_PANIC);
  EXPECT_EQ(CodeOf(absl::InternalError("not from WiredTiger")), std::nullopt);
}

TEST(WtStatusTest, CleanRefusalsNeverPoison) {
  for (const Operation operation : kAllOperations) {
    for (const int code : {0, WT_ROLLBACK, WT_DUPLICATE_KEY, WT_NOTFOUND, EBUSY,
                           ENOENT, EEXIST}) {
      EXPECT_FALSE(Poisons(code, operation))
          << OperationName(operation) << " " << code;
    }
  }
}

TEST(WtStatusTest, EndOfWiredTigerAlwaysPoisons) {
  for (const Operation operation : kAllOperations) {
    for (const int code :
         {WT_PANIC, WT_TRY_SALVAGE, WT_RUN_RECOVERY, WT_ERROR}) {
      EXPECT_TRUE(Poisons(code, operation))
          << OperationName(operation) << " " << code;
    }
  }
}

TEST(WtStatusTest, DeviceErrorPoisonsWhereverSomethingIsWritten) {
  const std::vector<Operation> reading = {
      Operation::kOpen, Operation::kOpenSession, Operation::kOpenCursor,
      Operation::kRead, Operation::kBegin,       Operation::kStatistics};
  for (const Operation operation : kAllOperations) {
    const bool reads =
        std::find(reading.begin(), reading.end(), operation) != reading.end();
    EXPECT_EQ(Poisons(EIO, operation), !reads) << OperationName(operation);
  }
}

TEST(WtStatusTest, FullDiskPoisonsWhatCannotBeTakenBack) {
  EXPECT_TRUE(Poisons(ENOSPC, Operation::kCheckpoint));
  EXPECT_TRUE(Poisons(ENOSPC, Operation::kCommit));
  EXPECT_TRUE(Poisons(ENOSPC, Operation::kCreateTable));
  EXPECT_FALSE(Poisons(ENOSPC, Operation::kWrite));
  EXPECT_FALSE(Poisons(ENOSPC, Operation::kBulkLoad));
}

TEST(WtStatusTest, ReportOfDamagePoisons) {
  EXPECT_TRUE(ReportPoisons(WT_PANIC, "the process must exit", "/home"));
  EXPECT_TRUE(ReportPoisons(WT_TRY_SALVAGE, "database must be salvaged", "/h"));
  EXPECT_TRUE(ReportPoisons(0, "block header Corrupted at 4096", "/h"));
  EXPECT_TRUE(ReportPoisons(EINVAL, "read checksum error for 4096B", "/h"));
  EXPECT_FALSE(ReportPoisons(EBUSY, "file:kv.wt: busy", "/h"));
  EXPECT_FALSE(ReportPoisons(0, "recovery is done", "/h"));
}

TEST(WtStatusTest, MakesNoSenseIsNeitherTheDeviceNorARefusal) {
  for (const int code : {EINVAL, WT_ERROR}) {
    EXPECT_TRUE(MakesNoSense(ToStatus(code, Operation::kOpenCursor, "t")));
  }
  for (const int code : {0, EIO, ENOSPC, ENOENT, EBUSY, WT_ROLLBACK}) {
    EXPECT_FALSE(MakesNoSense(ToStatus(code, Operation::kOpenCursor, "t")));
  }
}

TEST(WtStatusTest, WordsOfThePathAreNoReport) {
  EXPECT_FALSE(ReportPoisons(ENOENT, "/data/corrupt/x.wt: no such file",
                             "/data/corrupt"));
  EXPECT_TRUE(
      ReportPoisons(ENOENT, "/data/corrupt/x.wt: corrupted", "/data/corrupt"));
}

}  // namespace
}  // namespace trimaran::wt

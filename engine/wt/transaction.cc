#include "engine/wt/transaction.h"

#include <wiredtiger.h>

#include <utility>

#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/wt/connection.h"
#include "engine/wt/transaction_order.h"

namespace trimaran::wt {

absl::StatusOr<Transaction> Transaction::Begin(Session& session) {
  if (session.poisoned()) return session.poison();
  TRIMARAN_CHECK(!session.in_transaction());
  RawSession* raw = session.raw();
  if (const int code = raw->begin_transaction(raw, nullptr); code != 0) {
    return session.Fail(code, Operation::kBegin, "");
  }
  session.BeginTransaction();
  SeeEarlierTransactions(session.connection());
  return Transaction(&session);
}

Transaction::~Transaction() {
  if (session_ != nullptr) (void)Rollback();
}

Transaction::Transaction(Transaction&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)) {}

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this != &other) {
    if (session_ != nullptr) (void)Rollback();
    session_ = std::exchange(other.session_, nullptr);
  }
  return *this;
}

absl::Status Transaction::Commit() {
  TRIMARAN_CHECK(session_ != nullptr) << "the transaction has ended";
  if (!session_->poisoned() && !session_->transaction_failure().ok()) {
    absl::Status failure = session_->transaction_failure();
    TRIMARAN_RETURN_IF_ERROR(Rollback());
    return WithOutcome(std::move(failure), WriteOutcome::kNotApplied);
  }
  if (session_->poisoned()) return Rollback();
  Session& session = *std::exchange(session_, nullptr);
  session.EndTransaction();
  RawSession* raw = session.raw();
  BeSeenByLaterTransactions(session.connection());
  const int code = raw->commit_transaction(raw, nullptr);
  return code == 0 ? absl::OkStatus()
                   : session.Fail(code, Operation::kCommit, "");
}

absl::Status Transaction::Rollback() {
  TRIMARAN_CHECK(session_ != nullptr) << "the transaction has ended";
  Session& session = *std::exchange(session_, nullptr);
  session.EndTransaction();
  RawSession* raw = session.raw();
  // On a poisoned connection too, since it touches nothing but memory, and
  // closing waits for every transaction.
  const int code = raw->rollback_transaction(raw, nullptr);
  if (code == 0) return session.poison();
  session.connection().Abandon();
  return session.Fail(code, Operation::kRollback, "");
}

}  // namespace trimaran::wt

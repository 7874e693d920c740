#ifndef TRIMARAN_ENGINE_WT_TRANSACTION_H_
#define TRIMARAN_ENGINE_WT_TRANSACTION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/wt/session.h"

namespace trimaran::wt {

// A snapshot, taken when it begins, and the changes made on top of it. Other
// transactions see all of the changes after Commit, or none. Durable with the
// next full checkpoint; a crash before loses all of them.
//
// A session has at most one at a time (checked).
//
// Thread: that of its session. Must be destroyed before its session.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Session& session);

  // Rolls back if neither call below was made.
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&& other) noexcept;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  bool is_active() const { return session_ != nullptr; }

  // Ends the transaction, whatever it returns. Aborted (IsRollback): rolled
  // back, nothing was changed. Any other error poisons the connection, for it
  // is not known whether the changes were made.
  absl::Status Commit();
  // Ends the transaction and takes its changes back. Only a poisoned
  // connection can make it fail, or the failure poisons it.
  absl::Status Rollback();

 private:
  explicit Transaction(Session* session) : session_(session) {}

  // Null when it has ended.
  Session* session_;
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_TRANSACTION_H_

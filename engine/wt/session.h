#ifndef TRIMARAN_ENGINE_WT_SESSION_H_
#define TRIMARAN_ENGINE_WT_SESSION_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/wt/cursor.h"
#include "engine/wt/poison.h"
#include "engine/wt/wiredtiger_types.h"
#include "engine/wt/wt_status.h"

namespace trimaran::wt {

class Connection;

// Through which one thread at a time works with a connection.
//
// What WiredTiger could do and this class cannot, because in 3.2.1 it breaks
// the rule that after a crash all tables are of one moment, or is not safe
// against a crash: verify, salvage, alter, rename, upgrade, compact, truncate,
// checkpoints of single tables, timestamps, and objects other than files.
//
// All calls return the poison of the connection once there is one, without
// calling WiredTiger.
//
// Thread: one at a time. Must be destroyed before its connection, and after
// its cursors and transactions.
class Session {
 public:
  static absl::StatusOr<std::unique_ptr<Session>> Open(Connection& connection);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // ---- Tables (names as in config.h, checked) ----
  // To make or to drop one fails with ResourceExhausted, and nothing has
  // happened, where the process has no file descriptors left.

  // An empty table. AlreadyExists if there is one. Its existence is durable,
  // and its rows are with the next checkpoint.
  absl::Status CreateTable(std::string_view table);
  // Unavailable (IsBusy) while any cursor is open on it, in any session, or a
  // transaction that touched it is under way, or a checkpoint; NotFound. Not
  // inside a transaction (checked).
  absl::Status DropTable(std::string_view table);
  // The names of all tables, sorted.
  absl::StatusOr<std::vector<std::string>> ListTables();

  // ---- Cursors; NotFound if there is no such table or checkpoint ----

  absl::StatusOr<Cursor> OpenCursor(std::string_view table);
  // Reads the table as a named checkpoint saw it, whatever happens meanwhile.
  // Cursors on several tables see the same moment. Pins no snapshot.
  absl::StatusOr<Cursor> OpenCheckpointCursor(std::string_view table,
                                              std::string_view checkpoint);
  // Reads the table as the last completed checkpoint saw it: what a crash would
  // leave. NotFound before the first checkpoint that has the table. For one
  // table; two of them may see different checkpoints.
  absl::StatusOr<Cursor> OpenDurableCursor(std::string_view table);

  // The table must be empty, and open nowhere else (Unavailable).
  absl::StatusOr<BulkLoader> OpenBulkLoader(std::string_view table);

  // ---- State ----

  bool in_transaction() const { return in_transaction_; }
  // Puts all cursors on no row. Not inside a transaction (checked).
  absl::Status Reset();
  // Whether what it does pays no regard to the size of the cache: it is neither
  // kept waiting nor turned down while the cache is full. For what is bounded
  // in another way. Not inside a transaction (checked).
  absl::Status IgnoreCacheSize(bool ignore);
  // How many cursors and bulk loaders are open.
  size_t open_cursors() const { return open_cursors_; }

  Connection& connection() { return connection_; }

  // ---- For the other classes of this folder ----

  bool poisoned() const { return latch_.poisoned(); }
  absl::Status poison() const { return latch_.status(); }
  // The status of a code, after poisoning the connection if the code does.
  absl::Status Fail(int code, Operation operation, std::string_view subject);
  // The same, for what a transaction cannot survive: from now on it can only
  // be rolled back.
  absl::Status FailInTransaction(int code, Operation operation,
                                 std::string_view subject);
  // Why the transaction that is under way can only be rolled back; OK if it
  // can be committed.
  const absl::Status& transaction_failure() const {
    return transaction_failure_;
  }
  void BeginTransaction() { in_transaction_ = true; }
  void EndTransaction();
  void CursorOpened() { ++open_cursors_; }
  void CursorClosed() { --open_cursors_; }
  RawSession* raw() { return session_; }
  // A cursor on whatever there is, which must be closed.
  absl::StatusOr<RawCursor*> OpenRaw(const std::string& uri, const char* config,
                                     std::string_view subject);
  // Called with the URI and the configuration of each object. An error ends
  // the visit.
  using MetadataVisitor = std::function<absl::Status(std::string_view uri,
                                                     std::string_view config)>;
  absl::Status VisitMetadata(const MetadataVisitor& visitor);

 private:
  // Not open yet.
  explicit Session(Connection& connection);

  Connection& connection_;
  const PoisonLatch& latch_;
  RawSession* session_ = nullptr;
  bool in_transaction_ = false;
  absl::Status transaction_failure_;
  size_t open_cursors_ = 0;
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_SESSION_H_

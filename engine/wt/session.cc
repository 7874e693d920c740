#include "engine/wt/session.h"

#include <wiredtiger.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/wt/config.h"
#include "engine/wt/connection.h"
#include "engine/wt/spare_descriptors.h"

namespace trimaran::wt {

Session::Session(Connection& connection)
    : connection_(connection), latch_(connection.latch()) {}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(Connection& connection) {
  if (connection.poisoned()) return connection.Health();
  TRIMARAN_RETURN_IF_ERROR(connection.ReserveSession());
  absl::Cleanup release = [&connection] { connection.ReleaseSession(); };
  // Made first, so that what is opened for it has an owner.
  std::unique_ptr<Session> session(new Session(connection));
  std::move(release).Cancel();
  const int code = connection.raw()->open_session(connection.raw(), nullptr,
                                                  SessionConfigString().data(),
                                                  &session->session_);
  if (code == 0) return session;
  session->session_ = nullptr;
  return connection.Fail(code, Operation::kOpenSession, connection.home());
}

Session::~Session() {
  TRIMARAN_CHECK(!in_transaction_);
  TRIMARAN_CHECK_EQ(open_cursors_, 0u) << "of a session that is closed";
  connection_.ReleaseSession();
  // The end of a poisoned connection is the end of its sessions.
  if (session_ == nullptr || poisoned()) return;
  if (const int code = session_->close(session_, nullptr); code != 0) {
    (void)Fail(code, Operation::kRead, "while closing a session");
  }
}

absl::Status Session::Fail(int code, Operation operation,
                           std::string_view subject) {
  return connection_.Fail(code, operation, subject);
}

absl::Status Session::FailInTransaction(int code, Operation operation,
                                        std::string_view subject) {
  absl::Status status = Fail(code, operation, subject);
  if (in_transaction_ && transaction_failure_.ok()) {
    transaction_failure_ = status;
  }
  return status;
}

void Session::EndTransaction() {
  in_transaction_ = false;
  transaction_failure_ = absl::OkStatus();
}

absl::Status Session::CreateTable(std::string_view table) {
  if (poisoned()) return poison();
  TRIMARAN_CHECK(!in_transaction_) << "create table " << table;
  TRIMARAN_RETURN_IF_ERROR(CheckSpareDescriptors());
  const int code = session_->create(session_, TableUri(table).c_str(),
                                    TableConfigString().data());
  if (code == 0) return absl::OkStatus();
  return Fail(code, Operation::kCreateTable, table);
}

absl::Status Session::DropTable(std::string_view table) {
  if (poisoned()) return poison();
  TRIMARAN_CHECK(!in_transaction_) << "drop table " << table;
  TRIMARAN_RETURN_IF_ERROR(CheckSpareDescriptors());
  const int code = session_->drop(session_, TableUri(table).c_str(),
                                  DropConfigString().data());
  if (code == 0) return absl::OkStatus();
  return Fail(code, Operation::kDropTable, table);
}

absl::StatusOr<std::vector<std::string>> Session::ListTables() {
  std::vector<std::string> tables;
  TRIMARAN_RETURN_IF_ERROR(
      VisitMetadata([&](std::string_view uri, std::string_view) {
        const std::string_view table = TableOfUri(uri);
        if (!table.empty()) tables.emplace_back(table);
        return absl::OkStatus();
      }));
  std::sort(tables.begin(), tables.end());
  return tables;
}

absl::Status Session::VisitMetadata(const MetadataVisitor& visitor) {
  TRIMARAN_ASSIGN_OR_RETURN(RawCursor* const raw,
                            OpenRaw("metadata:", nullptr, "metadata"));
  // Closes it.
  const Cursor owner(this, raw);
  int code = 0;
  while ((code = raw->next(raw)) == 0) {
    const char* uri = nullptr;
    const char* config = nullptr;
    code = raw->get_key(raw, &uri);
    if (code == 0) code = raw->get_value(raw, &config);
    if (code != 0) break;
    TRIMARAN_RETURN_IF_ERROR(visitor(uri, config));
  }
  if (code == WT_NOTFOUND) return absl::OkStatus();
  return Fail(code, Operation::kRead, "metadata");
}

absl::StatusOr<RawCursor*> Session::OpenRaw(const std::string& uri,
                                            const char* config,
                                            std::string_view subject) {
  if (poisoned()) return poison();
  RawCursor* raw = nullptr;
  const int code =
      session_->open_cursor(session_, uri.c_str(), nullptr, config, &raw);
  if (code == 0) return raw;
  return FailInTransaction(code, Operation::kOpenCursor, subject);
}

absl::StatusOr<Cursor> Session::OpenCursor(std::string_view table) {
  TRIMARAN_ASSIGN_OR_RETURN(RawCursor* const raw,
                            OpenRaw(TableUri(table), nullptr, table));
  return Cursor(this, raw);
}

absl::StatusOr<Cursor> Session::OpenCheckpointCursor(
    std::string_view table, std::string_view checkpoint) {
  const std::string config = CheckpointCursorConfigString(checkpoint);
  TRIMARAN_ASSIGN_OR_RETURN(RawCursor* const raw,
                            OpenRaw(TableUri(table), config.c_str(), table));
  return Cursor(this, raw);
}

absl::StatusOr<Cursor> Session::OpenDurableCursor(std::string_view table) {
  TRIMARAN_ASSIGN_OR_RETURN(
      RawCursor* const raw,
      OpenRaw(TableUri(table), LastCheckpointCursorConfigString().data(),
              table));
  return Cursor(this, raw);
}

absl::StatusOr<BulkLoader> Session::OpenBulkLoader(std::string_view table) {
  TRIMARAN_CHECK(!in_transaction_) << "bulk load of table " << table;
  TRIMARAN_ASSIGN_OR_RETURN(
      RawCursor* const raw,
      OpenRaw(TableUri(table), BulkCursorConfigString().data(), table));
  return BulkLoader(this, raw);
}

absl::Status Session::Reset() {
  if (poisoned()) return poison();
  TRIMARAN_CHECK(!in_transaction_);
  const int code = session_->reset(session_);
  return code == 0 ? absl::OkStatus() : Fail(code, Operation::kRead, "reset");
}

absl::Status Session::IgnoreCacheSize(bool ignore) {
  if (poisoned()) return poison();
  TRIMARAN_CHECK(!in_transaction_);
  const char* config =
      ignore ? "ignore_cache_size=true" : "ignore_cache_size=false";
  const int code = session_->reconfigure(session_, config);
  return code == 0 ? absl::OkStatus()
                   : Fail(code, Operation::kOpenSession, config);
}

}  // namespace trimaran::wt

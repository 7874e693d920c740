#include "engine/wt/cursor.h"

#include <wiredtiger.h>

#include <string>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/wt/config.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"
#include "engine/wt/transaction_order.h"

namespace trimaran::wt {
namespace {

WT_ITEM ToItem(std::string_view bytes) {
  WT_ITEM item = {};
  item.data = bytes.data();
  item.size = bytes.size();
  return item;
}

std::string_view FromItem(const WT_ITEM& item) {
  return {static_cast<const char*>(item.data), item.size};
}

// What get_key and get_value would hand out, from where they take it for a
// format of plain bytes: the two calls would take longer than the step that a
// scan makes before them. As they do, it refuses (checked) a cursor that is on
// no row, which the end of a transaction makes of any.
std::string_view KeyUnder(const RawCursor& cursor) {
  TRIMARAN_CHECK_NE(cursor.flags & WT_CURSTD_KEY_SET, 0u);
  return FromItem(cursor.key);
}
std::string_view ValueUnder(const RawCursor& cursor) {
  TRIMARAN_CHECK_NE(cursor.flags & WT_CURSTD_VALUE_SET, 0u);
  return FromItem(cursor.value);
}

}  // namespace

Cursor::Cursor(Session* session, RawCursor* cursor)
    : session_(session), cursor_(cursor) {
  session_->CursorOpened();
}

Cursor::Cursor(Cursor&& other) noexcept
    : session_(other.session_),
      cursor_(std::exchange(other.cursor_, nullptr)),
      on_row_(other.on_row_) {}

Cursor& Cursor::operator=(Cursor&& other) noexcept {
  if (this != &other) {
    Close();
    session_ = other.session_;
    cursor_ = std::exchange(other.cursor_, nullptr);
    on_row_ = other.on_row_;
  }
  return *this;
}

void Cursor::Close() {
  if (cursor_ == nullptr) return;
  RawCursor* cursor = std::exchange(cursor_, nullptr);
  session_->CursorClosed();
  // Also on a poisoned connection: it touches nothing but memory, and what the
  // cursor pins would keep the connection from closing.
  const int code = cursor->close(cursor);
  if (code == 0) return;
  if (on_row_) session_->connection().Abandon();
  (void)session_->Fail(code, Operation::kRead, "while closing a cursor");
}

absl::Status Cursor::Fail(int code, Operation operation) {
  on_row_ = false;
  const absl::Status status =
      session_->FailInTransaction(code, operation, TableOfUri(cursor_->uri));
  if (!session_->poisoned()) (void)cursor_->reset(cursor_);
  return status;
}

absl::StatusOr<bool> Cursor::Moved(int code) {
  on_row_ = code == 0;
  if (ABSL_PREDICT_TRUE(on_row_)) return true;
  if (code == WT_NOTFOUND) return false;
  return Fail(code, Operation::kRead);
}

absl::StatusOr<bool> Cursor::Seek(std::string_view key) {
  if (session_->poisoned()) return session_->poison();
  const WT_ITEM item = ToItem(key);
  cursor_->set_key(cursor_, &item);
  const int code = cursor_->search(cursor_);
  // A read outside a transaction is one by itself.
  SeeEarlierTransactions(session_->connection());
  return Moved(code);
}

absl::StatusOr<Landing> Cursor::SeekNear(std::string_view key) {
  if (session_->poisoned()) return session_->poison();
  const WT_ITEM item = ToItem(key);
  cursor_->set_key(cursor_, &item);
  int relation = 0;
  TRIMARAN_ASSIGN_OR_RETURN(const bool found,
                            Moved(cursor_->search_near(cursor_, &relation)));
  if (!found) return Landing::kEmpty;
  if (relation == 0) return Landing::kExact;
  return relation < 0 ? Landing::kBefore : Landing::kAfter;
}

absl::StatusOr<bool> Cursor::SeekAtOrAfter(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const Landing landing, SeekNear(key));
  if (landing == Landing::kBefore) return Next();
  return landing != Landing::kEmpty;
}

absl::StatusOr<bool> Cursor::SeekAtOrBefore(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const Landing landing, SeekNear(key));
  if (landing == Landing::kAfter) return Prev();
  return landing != Landing::kEmpty;
}

absl::StatusOr<bool> Cursor::Next() {
  if (session_->poisoned()) return session_->poison();
  return Moved(cursor_->next(cursor_));
}

absl::StatusOr<bool> Cursor::Prev() {
  if (session_->poisoned()) return session_->poison();
  return Moved(cursor_->prev(cursor_));
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline Step Cursor::Stepped(
    int code, CursorRow& row, absl::Status& failure) {
  on_row_ = code == 0;
  if (ABSL_PREDICT_FALSE(!on_row_)) {
    if (code == WT_NOTFOUND) return Step::kEnd;
    failure = Fail(code, Operation::kRead);
    return Step::kFailed;
  }
  row = {KeyUnder(*cursor_), ValueUnder(*cursor_)};
  return Step::kRow;
}

Step Cursor::NextRow(CursorRow& row, absl::Status& failure) {
  if (ABSL_PREDICT_FALSE(session_->poisoned())) {
    failure = session_->poison();
    return Step::kFailed;
  }
  return Stepped(cursor_->next(cursor_), row, failure);
}

Step Cursor::PrevRow(CursorRow& row, absl::Status& failure) {
  if (ABSL_PREDICT_FALSE(session_->poisoned())) {
    failure = session_->poison();
    return Step::kFailed;
  }
  return Stepped(cursor_->prev(cursor_), row, failure);
}

absl::Status Cursor::Reset() {
  if (session_->poisoned()) return session_->poison();
  if (!on_row_) return absl::OkStatus();
  on_row_ = false;
  const int code = cursor_->reset(cursor_);
  return code == 0 ? absl::OkStatus() : Fail(code, Operation::kRead);
}

std::string_view Cursor::key() const {
  TRIMARAN_CHECK(on_row_) << "the cursor is on no row";
  return KeyUnder(*cursor_);
}

std::string_view Cursor::value() const {
  TRIMARAN_CHECK(on_row_) << "the cursor is on no row";
  return ValueUnder(*cursor_);
}

absl::Status Cursor::Put(std::string_view key, std::string_view value) {
  if (session_->poisoned()) return session_->poison();
  TRIMARAN_CHECK(session_->in_transaction());
  on_row_ = false;
  const WT_ITEM key_item = ToItem(key);
  const WT_ITEM value_item = ToItem(value);
  cursor_->set_key(cursor_, &key_item);
  cursor_->set_value(cursor_, &value_item);
  const int code = cursor_->insert(cursor_);
  return code == 0 ? absl::OkStatus() : Fail(code, Operation::kWrite);
}

absl::Status Cursor::Remove(std::string_view key) {
  if (session_->poisoned()) return session_->poison();
  TRIMARAN_CHECK(session_->in_transaction());
  on_row_ = false;
  const WT_ITEM item = ToItem(key);
  cursor_->set_key(cursor_, &item);
  const int code = cursor_->remove(cursor_);
  if (code == 0 || code == WT_NOTFOUND) return absl::OkStatus();
  return Fail(code, Operation::kWrite);
}

BulkLoader::BulkLoader(Session* session, RawCursor* cursor)
    : session_(session), cursor_(cursor) {
  session_->CursorOpened();
}

BulkLoader::BulkLoader(BulkLoader&& other) noexcept
    : session_(other.session_),
      cursor_(std::exchange(other.cursor_, nullptr)) {}

BulkLoader::~BulkLoader() {
  if (cursor_ != nullptr) (void)Finish();
}

absl::Status BulkLoader::Add(std::string_view key, std::string_view value) {
  TRIMARAN_CHECK(cursor_ != nullptr) << "after Finish";
  if (session_->poisoned()) return session_->poison();
  const WT_ITEM key_item = ToItem(key);
  const WT_ITEM value_item = ToItem(value);
  cursor_->set_key(cursor_, &key_item);
  cursor_->set_value(cursor_, &value_item);
  const int code = cursor_->insert(cursor_);
  if (code == 0) return absl::OkStatus();
  return session_->Fail(code, Operation::kBulkLoad, TableOfUri(cursor_->uri));
}

absl::Status BulkLoader::Finish() {
  TRIMARAN_CHECK(cursor_ != nullptr) << "after Finish";
  RawCursor* cursor = std::exchange(cursor_, nullptr);
  session_->CursorClosed();
  if (session_->poisoned()) return session_->poison();
  const std::string table(TableOfUri(cursor->uri));
  const int code = cursor->close(cursor);
  if (code == 0) return absl::OkStatus();
  return session_->Fail(code, Operation::kBulkLoad, table);
}

}  // namespace trimaran::wt

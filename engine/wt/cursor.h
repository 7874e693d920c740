#ifndef TRIMARAN_ENGINE_WT_CURSOR_H_
#define TRIMARAN_ENGINE_WT_CURSOR_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/wt/wiredtiger_types.h"
#include "engine/wt/wt_status.h"

namespace trimaran::wt {

class Session;

// Where SeekNear has put a cursor.
enum class Landing : uint8_t {
  // There is no row at all; the cursor is on none.
  kEmpty,
  kExact,
  // On a neighbour of the key, which itself is not there: the next smaller
  // row or the next larger one, whichever was quicker to find.
  kBefore,
  kAfter,
};

struct CursorRow {
  std::string_view key;
  std::string_view value;
};

// What a step has led to.
enum class Step : uint8_t { kRow, kEnd, kFailed };

// A position in one table. While it is on a row it pins that row's page, and
// outside a transaction a snapshot as well: Reset it when done.
//
// Errors of all calls that move it or change rows: Aborted (IsRollback: the
// transaction must be rolled back), InvalidArgument for an empty key, which no
// row can have, the poison of the connection, and others of ToStatus. After an
// error the cursor is on no row, and a transaction cannot be committed.
//
// The end of a transaction puts its session's cursors on no row.
//
// Thread: that of its session. Must be destroyed before its session.
class Cursor {
 public:
  Cursor() = default;
  // For Session.
  Cursor(Session* session, RawCursor* cursor);
  ~Cursor() { Close(); }
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&& other) noexcept;
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  bool is_open() const { return cursor_ != nullptr; }

  // ---- Moving ----

  // To the row of `key`. False, and on no row, if there is none.
  absl::StatusOr<bool> Seek(std::string_view key);
  absl::StatusOr<Landing> SeekNear(std::string_view key);
  // To the first row at or behind `key`, or to the last one at or before it.
  // False if there is none.
  absl::StatusOr<bool> SeekAtOrAfter(std::string_view key);
  absl::StatusOr<bool> SeekAtOrBefore(std::string_view key);

  // To the next or previous row; from no row, to the first or to the last.
  // False, and on no row, at the end.
  absl::StatusOr<bool> Next();
  absl::StatusOr<bool> Prev();

  // The same with the row that it leads to, for whoever takes so many steps
  // that a status for each would be felt. `row` is valid as key() and value()
  // are; `failure` is set by kFailed only.
  Step NextRow(CursorRow& row, absl::Status& failure);
  Step PrevRow(CursorRow& row, absl::Status& failure);

  // Onto no row.
  absl::Status Reset();

  // ---- The row ----

  // Only on a row (checked), and valid until the cursor moves, its table is
  // written through it, or its transaction ends.
  std::string_view key() const;
  std::string_view value() const;

  // ---- Changing rows, only inside a transaction (checked) ----

  // Writes the row, whether it is there or not. Leaves the cursor on no row.
  absl::Status Put(std::string_view key, std::string_view value);
  // Removes the row, if there is one. Leaves the cursor on no row.
  absl::Status Remove(std::string_view key);

  // Gives the cursor back to WiredTiger. Nothing may be called afterwards.
  void Close();

 private:
  absl::Status Fail(int code, Operation operation);
  absl::StatusOr<bool> Moved(int code);
  Step Stepped(int code, CursorRow& row, absl::Status& failure);

  Session* session_ = nullptr;
  RawCursor* cursor_ = nullptr;
  // As far as this object knows; the end of a transaction is not told to it.
  bool on_row_ = false;
};

// Fills a new table, in rising order of keys and much faster than Put. The rows
// are durable after the next checkpoint that begins after Finish, and not
// before. Nobody else can open the table meanwhile.
//
// Thread: that of its session. Must be destroyed before its session.
class BulkLoader {
 public:
  // For Session.
  BulkLoader(Session* session, RawCursor* cursor);
  // Without Finish: the table is left with any part of the rows.
  ~BulkLoader();
  BulkLoader(BulkLoader&& other) noexcept;
  BulkLoader& operator=(BulkLoader&& other) = delete;
  BulkLoader(const BulkLoader&) = delete;
  BulkLoader& operator=(const BulkLoader&) = delete;

  // InvalidArgument if `key` is not larger than all before it.
  absl::Status Add(std::string_view key, std::string_view value);
  // Nothing may be called afterwards. After an error the table is useless.
  absl::Status Finish();

 private:
  Session* session_;
  RawCursor* cursor_;
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_CURSOR_H_

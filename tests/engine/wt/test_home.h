#ifndef TRIMARAN_TESTS_ENGINE_WT_TEST_HOME_H_
#define TRIMARAN_TESTS_ENGINE_WT_TEST_HOME_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"
#include "engine/wt/transaction.h"

// What the tests of the wrapper share: a directory that goes away, and rows
// as values.

namespace trimaran::wt {

// A new directory, removed with all that is in it.
class TestDirectory {
 public:
  TestDirectory() {
    std::string pattern = testing::TempDir() + "/trimaran_wt_XXXXXX";
    TRIMARAN_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
    path_ = pattern;
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }

  bool Contains(std::string_view name) const {
    return std::filesystem::exists(std::filesystem::path(path_) / name);
  }
  void Remove(std::string_view name) const {
    std::filesystem::remove(std::filesystem::path(path_) / name);
  }
  // Puts the files of `home` here, as they are at this moment: what a killed
  // process would leave.
  void CopyFrom(const std::string& home) const {
    std::filesystem::copy(home, path_);
  }

 private:
  std::string path_;
};

inline absl::StatusOr<std::unique_ptr<Connection>> OpenHome(
    const std::string& home, HomeMode mode) {
  ConnectionOptions options;
  options.home = home;
  options.mode = mode;
  options.cache_bytes = 16 << 20;
  return Connection::Open(options);
}

// For tests that are not about opening.
inline std::unique_ptr<Connection> MustOpen(const std::string& home,
                                            HomeMode mode) {
  auto connection = OpenHome(home, mode);
  TRIMARAN_CHECK(connection.ok()) << connection.status();
  return *std::move(connection);
}

inline std::unique_ptr<Session> MustOpenSession(Connection& connection) {
  auto session = Session::Open(connection);
  TRIMARAN_CHECK(session.ok()) << session.status();
  return *std::move(session);
}

struct Row {
  std::string key;
  std::string value;

  friend bool operator==(const Row&, const Row&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.key << "=" << row.value;
  }
};
using Rows = std::vector<Row>;

// Writes rows in one transaction.
inline absl::Status PutRows(Session& session, std::string_view table,
                            const Rows& rows) {
  TRIMARAN_ASSIGN_OR_RETURN(Cursor cursor, session.OpenCursor(table));
  TRIMARAN_ASSIGN_OR_RETURN(Transaction transaction,
                            Transaction::Begin(session));
  for (const Row& row : rows) {
    TRIMARAN_RETURN_IF_ERROR(cursor.Put(row.key, row.value));
  }
  return transaction.Commit();
}

// All rows that a cursor sees, from the first to the last.
inline absl::StatusOr<Rows> Scan(Cursor& cursor) {
  Rows rows;
  TRIMARAN_RETURN_IF_ERROR(cursor.Reset());
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool on_row, cursor.Next());
    if (!on_row) break;
    rows.push_back({std::string(cursor.key()), std::string(cursor.value())});
  }
  return rows;
}

inline absl::StatusOr<Rows> ScanTable(Session& session,
                                      std::string_view table) {
  TRIMARAN_ASSIGN_OR_RETURN(Cursor cursor, session.OpenCursor(table));
  return Scan(cursor);
}

// "row 7" of a table: enough rows for many pages, all different.
inline Row NumberedRow(int number) {
  const std::string digits = std::to_string(1000000 + number);
  return {"key" + digits, std::string(100, 'v') + digits};
}

inline Rows NumberedRows(int begin, int end) {
  Rows rows;
  for (int i = begin; i < end; ++i) rows.push_back(NumberedRow(i));
  return rows;
}

}  // namespace trimaran::wt

#endif  // TRIMARAN_TESTS_ENGINE_WT_TEST_HOME_H_

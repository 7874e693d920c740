#ifndef TRIMARAN_TESTS_TOOLS_TRIMARAN_SAVED_DATABASE_H_
#define TRIMARAN_TESTS_TOOLS_TRIMARAN_SAVED_DATABASE_H_

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "trimaran/db.h"

// What tests of saving and restoring do with databases.

namespace trimaran::tool {

using Rows = std::map<std::string, std::string>;

// One that must be there.
inline std::unique_ptr<DB> OpenDatabase(const std::string& path,
                                        Options options = SmallOptions()) {
  options.create_if_missing = false;
  auto opened = DB::Open(options, path);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

// Puts `count` rows of `bytes` each, named by their numbers from `first` on,
// many at a time, and notes them.
inline void Fill(DB& db, int first, int count, size_t bytes, Rows& rows) {
  for (int begin = first; begin < first + count; begin += 500) {
    WriteBatch batch;
    const int end = std::min(begin + 500, first + count);
    for (int i = begin; i < end; ++i) {
      const std::string key = absl::StrCat("key", i);
      std::string value = absl::StrCat(i, ":");
      value.resize(bytes, static_cast<char>('a' + i % 26));
      batch.Put(key, value);
      rows[key] = value;
    }
    const auto written = db.Write(batch);
    ASSERT_TRUE(written.ok()) << written.status();
  }
}

// All of the default family.
inline Rows RowsOf(DB& db, const ReadOptions& read = {}) {
  Rows rows;
  ScanOptions options;
  options.read = read;
  auto scan = db.Scan(KeyRange(), options);
  EXPECT_TRUE(scan.ok()) << scan.status();
  if (!scan.ok()) return rows;
  for (; (*scan)->Valid(); (*scan)->Next()) {
    rows[std::string((*scan)->key())] = (*scan)->value();
  }
  EXPECT_TRUE((*scan)->status().ok()) << (*scan)->status();
  return rows;
}

// The first key in which two differ, for people; empty if they do not.
inline std::string Difference(const Rows& found, const Rows& expected) {
  for (const auto& [key, value] : expected) {
    const auto at = found.find(key);
    if (at == found.end()) return absl::StrCat(key, " is missing");
    if (at->second != value) return absl::StrCat(key, " has another value");
  }
  for (const auto& [key, value] : found) {
    if (!expected.contains(key)) return absl::StrCat(key, " is too many");
  }
  return "";
}

// What a process that is killed now would leave.
inline void CopyAsIs(const std::string& from, const std::string& to) {
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
  std::filesystem::permissions(to, std::filesystem::perms::owner_all);
}

}  // namespace trimaran::tool

#endif  // TRIMARAN_TESTS_TOOLS_TRIMARAN_SAVED_DATABASE_H_

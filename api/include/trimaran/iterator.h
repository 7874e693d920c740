#ifndef TRIMARAN_ITERATOR_H_
#define TRIMARAN_ITERATOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "trimaran/export.h"
#include "trimaran/options.h"
#include "trimaran/write_batch.h"

namespace trimaran {

// Keys in [begin, end), in the order of their bytes.
struct TRIMARAN_EXPORT KeyRange {
  // Empty: from the first key.
  std::string begin = {};
  // Empty: to the last key.
  std::string end = {};

  static KeyRange All() { return {}; }
  // The keys that begin with `prefix`.
  static KeyRange Prefix(std::string_view prefix);

  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

struct ScanOptions {
  ColumnFamily family = {};
  // From the last row to the first one.
  bool reverse = false;
  // Rows at most; 0 for all.
  uint64_t limit = 0;
  ReadOptions read = {};
};

// Walks over rows as they were at one moment, whatever is written meanwhile.
//
//   for (; rows->Valid(); rows->Next()) Use(rows->key(), rows->value());
//   if (!rows->status().ok()) ...  // it ended before the last row
//
// Keep it for seconds, not for minutes: it pins memory, and one that is older
// than Options::view_age_max ends with kAborted. May outlive its database,
// whose Close ends it with kFailedPrecondition.
//
// Thread: one at a time.
class TRIMARAN_EXPORT Iterator {
 public:
  virtual ~Iterator() = default;
  Iterator(const Iterator&) = delete;
  Iterator& operator=(const Iterator&) = delete;

  // Whether it stands at a row. It does at first, unless there is none.
  virtual bool Valid() const = 0;
  // To the next row in the direction of the scan. Only while Valid().
  virtual void Next() = 0;
  // To the first row at or behind `key` in the direction of the scan, which
  // stays within the range and begins to count anew. Also after the end.
  virtual void Seek(std::string_view key) = 0;

  // Only while Valid(), and until it is moved or its database is closed.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  // The index of the write that left the row as it is.
  virtual uint64_t version() const = 0;

  // OK while Valid(), and after the last row. ResourceExhausted when
  // std::bad_alloc has left Next or Seek, until another Seek.
  virtual absl::Status status() const = 0;
  // The last write that it sees.
  virtual uint64_t index() const = 0;

 protected:
  Iterator() = default;
};

}  // namespace trimaran

#endif  // TRIMARAN_ITERATOR_H_

#ifndef TRIMARAN_WRITE_BATCH_H_
#define TRIMARAN_WRITE_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trimaran/export.h"

namespace trimaran {

// A set of rows of its own, with keys of its own. Costs nothing to copy. Get
// one from DB::CreateColumnFamily or DB::FindColumnFamily; one that has been
// made by hand or outlived its family is answered with NotFound.
//
// Thread: a value; any.
class ColumnFamily {
 public:
  // "default", which always exists.
  constexpr ColumnFamily() = default;
  constexpr explicit ColumnFamily(uint64_t id) : id_(id) {}

  constexpr uint64_t id() const { return id_; }

  friend constexpr bool operator==(ColumnFamily, ColumnFamily) = default;

 private:
  uint64_t id_ = 1;
};

// A group of changes that are done together or not at all, in their order. Keys
// and values are copied into the batch. Limits are checked when it is written:
// a key has 1 to 1024 bytes, a value up to 16 MiB, a batch up to 65536 changes
// and 32 MiB.
//
// Thread: one at a time.
class TRIMARAN_EXPORT WriteBatch {
 public:
  void Put(std::string_view key, std::string_view value) {
    Put(ColumnFamily(), key, value);
  }
  void Put(ColumnFamily family, std::string_view key, std::string_view value);

  // It need not be there.
  void Delete(std::string_view key) { Delete(ColumnFamily(), key); }
  void Delete(ColumnFamily family, std::string_view key);

  // The keys in [begin, end); an empty `end` is the end of the family. At most
  // a million rows: a batch that would delete more is refused as a whole.
  void DeleteRange(std::string_view begin, std::string_view end) {
    DeleteRange(ColumnFamily(), begin, end);
  }
  void DeleteRange(ColumnFamily family, std::string_view begin,
                   std::string_view end);

  // Reads the row as it is between the changes before it and those after it.
  // Answered by DB::Commit only; see CommitResult::reads.
  void Get(std::string_view key) { Get(ColumnFamily(), key); }
  void Get(ColumnFamily family, std::string_view key);

  void Clear();
  bool empty() const { return changes_.empty(); }
  // Changes, and reads.
  size_t size() const { return changes_.size(); }
  // Of keys and values.
  size_t bytes() const { return bytes_.size(); }

  // ---- For those who look into a batch ----

  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange, kGet };
  struct Change {
    Kind kind = Kind::kPut;
    ColumnFamily family;
    // The key, or where the range begins; and the value, or where it ends.
    std::string_view first;
    std::string_view second;
  };
  // `at` < size(). The views are valid until the batch is changed.
  Change change(size_t at) const;

 private:
  // Where a change stands in bytes_: `first`, and behind it `second`.
  struct Place {
    Kind kind = Kind::kPut;
    ColumnFamily family;
    size_t offset = 0;
    size_t first_size = 0;
    size_t second_size = 0;
  };
  void Add(Kind kind, ColumnFamily family, std::string_view first,
           std::string_view second);

  std::string bytes_;
  std::vector<Place> changes_;
};

}  // namespace trimaran

#endif  // TRIMARAN_WRITE_BATCH_H_

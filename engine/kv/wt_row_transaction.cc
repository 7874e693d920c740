#include "engine/kv/wt_row_transaction.h"

#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

bool IsBefore(std::string_view key, std::string_view end) {
  return end.empty() || key < end;
}

}  // namespace

absl::StatusOr<bool> WtRowTransaction::Get(std::string_view key,
                                           std::string_view& value) {
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, rows_.Seek(key));
  if (found) value = rows_.value();
  return found;
}

absl::Status WtRowTransaction::Put(std::string_view key,
                                   std::string_view value) {
  return rows_.Put(key, value);
}

absl::StatusOr<bool> WtRowTransaction::Remove(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, rows_.Seek(key));
  if (found) TRIMARAN_RETURN_IF_ERROR(rows_.Remove(key));
  return found;
}

absl::StatusOr<uint64_t> WtRowTransaction::CountRange(const KeyRange& range,
                                                      uint64_t count_max) {
  uint64_t count = 0;
  TRIMARAN_ASSIGN_OR_RETURN(bool more, range_.SeekAtOrAfter(range.begin));
  while (more && count < count_max && IsBefore(range_.key(), range.end)) {
    ++count;
    TRIMARAN_ASSIGN_OR_RETURN(more, range_.Next());
  }
  TRIMARAN_RETURN_IF_ERROR(range_.Reset());
  return count;
}

absl::StatusOr<bool> WtRowTransaction::RemoveFirst(const KeyRange& range,
                                                   uint64_t count_max,
                                                   uint64_t& count) {
  TRIMARAN_ASSIGN_OR_RETURN(bool more, range_.SeekAtOrAfter(range.begin));
  for (count = 0; more && IsBefore(range_.key(), range.end); ++count) {
    if (count == count_max) return true;
    // Through the other cursor, so that this one stays where it is and need not
    // search for the next row.
    TRIMARAN_RETURN_IF_ERROR(rows_.Remove(range_.key()));
    TRIMARAN_ASSIGN_OR_RETURN(more, range_.Next());
  }
  return false;
}

absl::StatusOr<uint64_t> WtRowTransaction::RemoveRange(const KeyRange& range,
                                                       uint64_t count_max) {
  uint64_t count = 0;
  TRIMARAN_RETURN_IF_ERROR(RemoveFirst(range, count_max, count).status());
  TRIMARAN_RETURN_IF_ERROR(range_.Reset());
  return count;
}

absl::StatusOr<std::string> WtRowTransaction::RemoveSome(const KeyRange& range,
                                                         uint64_t count_max) {
  uint64_t count = 0;
  TRIMARAN_ASSIGN_OR_RETURN(const bool more,
                            RemoveFirst(range, count_max, count));
  std::string rest;
  if (more) rest = range_.key();
  TRIMARAN_RETURN_IF_ERROR(range_.Reset());
  return rest;
}

}  // namespace trimaran::engine

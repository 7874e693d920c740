#include "engine/kv/write_executor.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/limits.h"
#include "engine/format/row_value.h"
#include "engine/kv/pending_rows.h"
#include "engine/kv/read_view.h"
#include "engine/kv/row_errors.h"

namespace trimaran::engine {
namespace {

// So many changes of one row do no harm, and holding them back would cost more
// than doing them.
constexpr size_t kFewOperations = 2;

FamilyId FamilyOf(const Operation& operation) {
  return std::visit([](const auto& op) { return op.family; }, operation);
}

// A refusal, unless all families are there.
absl::Status CheckFamilies(const std::vector<Compare>& compares,
                           const FamilyCatalog& families) {
  for (const Compare& compare : compares) {
    if (!families.Contains(compare.family)) {
      return NoSuchFamilyError(compare.family);
    }
  }
  return absl::OkStatus();
}
absl::Status CheckFamilies(const std::vector<Operation>& operations,
                           const FamilyCatalog& families) {
  for (const Operation& operation : operations) {
    const FamilyId family = FamilyOf(operation);
    if (!families.Contains(family)) return NoSuchFamilyError(family);
  }
  return absl::OkStatus();
}

CommandResult Refusal(absl::Status status, LogIndex entry) {
  CommandResult result;
  result.status = std::move(status);
  result.index = entry;
  return result;
}

}  // namespace

absl::StatusOr<CommandResult> WriteExecutor::Execute(
    const WriteCommand& command, LogIndex entry, const FamilyCatalog& families,
    RowTransaction& rows) {
  CommandResult result;
  result.index = entry;
  absl::Status refusal = CheckFamilies(command.compares, families);
  if (!refusal.ok()) return Refusal(std::move(refusal), entry);
  for (const Compare& compare : command.compares) {
    TRIMARAN_ASSIGN_OR_RETURN(result.succeeded, Holds(compare, rows));
    if (!result.succeeded) break;
  }
  const std::vector<Operation>& operations =
      result.succeeded ? command.operations : command.otherwise;
  refusal = CheckFamilies(operations, families);
  if (!refusal.ok()) return Refusal(std::move(refusal), entry);
  TRIMARAN_RETURN_IF_ERROR(CheckRangeDeletions(operations, rows, refusal));
  if (!refusal.ok()) return Refusal(std::move(refusal), entry);

  read_bytes_ = 0;
  if (operations.size() <= kFewOperations) {
    TRIMARAN_RETURN_IF_ERROR(DoAll(operations, entry, rows, result));
  } else {
    PendingRows pending(rows);
    TRIMARAN_RETURN_IF_ERROR(DoAll(operations, entry, pending, result));
    TRIMARAN_RETURN_IF_ERROR(pending.Flush());
  }
  if (!result.reads_dropped) entry_read_bytes_ += read_bytes_;
  return result;
}

absl::StatusOr<bool> WriteExecutor::Holds(const Compare& compare,
                                          RowTransaction& rows) {
  const std::string_view key = keys_.Build(compare.family, compare.key);
  std::string_view bytes;
  TRIMARAN_ASSIGN_OR_RETURN(const bool exists, rows.Get(key, bytes));
  // An absent row has version 0, and is equal to no value.
  RowValue row;
  if (exists && !DecodeRowValue(bytes, row)) return UndecodableRowError(key);
  switch (compare.kind) {
    case CompareKind::kExists:
      return exists;
    case CompareKind::kAbsent:
      return !exists;
    case CompareKind::kValueEquals:
      return exists && row.value == compare.value;
    case CompareKind::kVersionEquals:
      return row.version == compare.version;
  }
  return CorruptionError(absl::StrCat("a compare of the unknown kind ",
                                      static_cast<int>(compare.kind)));
}

absl::Status WriteExecutor::CheckRangeDeletions(
    const std::vector<Operation>& operations, RowTransaction& rows,
    absl::Status& refusal) {
  uint64_t count = 0;
  for (const Operation& operation : operations) {
    const auto* const deletion = std::get_if<DeleteRangeOp>(&operation);
    if (deletion == nullptr) continue;
    // One more than allowed is enough to know.
    TRIMARAN_ASSIGN_OR_RETURN(
        const uint64_t met,
        rows.CountRange(RangeOf(*deletion), kDeleteRangeRowsMax - count + 1));
    count += met;
    if (count > kDeleteRangeRowsMax) {
      refusal = absl::ResourceExhaustedError(
          absl::StrCat("the range deletions of a command meet more than ",
                       kDeleteRangeRowsMax, " rows, the most that they can"));
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status WriteExecutor::DoAll(const std::vector<Operation>& operations,
                                  LogIndex entry, RowTransaction& rows,
                                  CommandResult& result) {
  for (const Operation& operation : operations) {
    TRIMARAN_RETURN_IF_ERROR(Do(operation, entry, rows, result));
  }
  return absl::OkStatus();
}

absl::Status WriteExecutor::Do(const Operation& operation, LogIndex entry,
                               RowTransaction& rows, CommandResult& result) {
  if (const auto* const put = std::get_if<PutOp>(&operation)) {
    EncodeRowValue({entry, put->value}, value_);
    return rows.Put(keys_.Build(put->family, put->key), value_);
  }
  if (const auto* const deletion = std::get_if<DeleteOp>(&operation)) {
    TRIMARAN_ASSIGN_OR_RETURN(
        const bool existed,
        rows.Remove(keys_.Build(deletion->family, deletion->key)));
    if (existed) ++result.value;
    return absl::OkStatus();
  }
  if (const auto* const deletion = std::get_if<DeleteRangeOp>(&operation)) {
    // The limit has been looked at; what this command has put into the range
    // goes with the rest.
    TRIMARAN_ASSIGN_OR_RETURN(
        const uint64_t removed_count,
        rows.RemoveRange(RangeOf(*deletion),
                         kDeleteRangeRowsMax + kOperationsMax));
    result.value += removed_count;
    return absl::OkStatus();
  }
  return DoGet(std::get<GetOp>(operation), rows, result);
}

absl::Status WriteExecutor::DoGet(const GetOp& get, RowTransaction& rows,
                                  CommandResult& result) {
  if (result.reads_dropped) return absl::OkStatus();
  const std::string_view key = keys_.Build(get.family, get.key);
  std::string_view bytes;
  TRIMARAN_ASSIGN_OR_RETURN(const bool exists, rows.Get(key, bytes));
  RowValue row;
  if (exists && !DecodeRowValue(bytes, row)) return UndecodableRowError(key);
  read_bytes_ += row.value.size() + kReadOverheadBytes;
  if (read_bytes_ > kSessionReadBytesMax &&
      entry_read_bytes_ + read_bytes_ > kReadBytesMax) {
    result.reads = {};
    result.reads_dropped = true;
  } else if (exists) {
    result.reads.emplace_back(row.value);
  } else {
    result.reads.emplace_back();
  }
  return absl::OkStatus();
}

KeyRange WriteExecutor::RangeOf(const DeleteRangeOp& deletion) {
  const std::string_view prefix = keys_.BuildPrefix(deletion.family);
  if (deletion.end.empty()) {
    end_key_ = PrefixEnd(prefix);
  } else {
    end_key_ = prefix;
    end_key_ += deletion.end;
  }
  return {keys_.Build(deletion.family, deletion.begin), end_key_};
}

}  // namespace trimaran::engine

#include "engine/kv/entry_applier.h"

#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/conf_state.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/chain.h"
#include "engine/format/command.h"
#include "engine/format/entry_decoder.h"

namespace trimaran::engine {
namespace {

std::string EntryName(const LogEntry& entry) {
  return absl::StrCat("entry ", entry.index.value(), "/", entry.term.value());
}

// What a batch may hold in results before it ends, beside those of its last
// entry: enough for any number of commands without reads, and little memory.
constexpr size_t kResultBytesMax = size_t{64} << 20;

// What a batch may do before it ends, beside what its last entry does. More
// would gain nothing; but where one row is changed again and again, WiredTiger
// takes time that grows with the square of it: two milliseconds for 4,000
// changes, five seconds for 16,000.
constexpr size_t kOperationsDoneMax = 4096;

size_t OperationsOf(const Command& command, const CommandResult& result) {
  const auto* const write = std::get_if<WriteCommand>(&command.body);
  if (write == nullptr) return 1;
  // One of the lists is done, and either counts; and so does each row that has
  // been deleted, of which a range can have many.
  return 1 + write->operations.size() + write->otherwise.size() +
         (result.repeated ? 0 : result.value);
}

size_t BytesOf(const std::vector<CommandResult>& results) {
  size_t bytes = results.size() * sizeof(CommandResult);
  for (const CommandResult& result : results) {
    bytes += result.reads.size() * sizeof(result.reads.front());
    for (const std::optional<std::string>& read : result.reads) {
      if (read.has_value()) bytes += read->size();
    }
  }
  return bytes;
}

absl::Status CheckConf(const CommittedEntry& committed) {
  if (committed.entry.type != EntryType::kConfChange) return absl::OkStatus();
  if (!committed.conf.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat(EntryName(committed.entry),
                     " changes the membership without saying to what"));
  }
  if (const absl::Status valid = committed.conf->Validate(); !valid.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(EntryName(committed.entry),
                     " leads to no configuration: ", valid.message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckEntries(const AppliedState& applied,
                          absl::Span<const CommittedEntry> entries) {
  EntryId before = applied.applied.id;
  for (const CommittedEntry& committed : entries) {
    const LogEntry& entry = committed.entry;
    if (entry.index != before.index + 1) {
      return absl::FailedPreconditionError(absl::StrCat(
          EntryName(entry), " cannot be applied after ", before.index.value(),
          entry.index <= before.index ? ": it is applied already"
                                      : ": there is a hole before it"));
    }
    if (entry.term < before.term || entry.term == Term()) {
      return absl::FailedPreconditionError(
          absl::StrCat(EntryName(entry), " cannot be applied after term ",
                       before.term.value()));
    }
    TRIMARAN_RETURN_IF_ERROR(CheckConf(committed));
    before = entry.id();
  }
  return absl::OkStatus();
}

absl::Status EntryApplier::Apply(absl::Span<const CommittedEntry> entries,
                                 RowTransaction& rows,
                                 std::vector<EntryResult>& results) {
  results.reserve(results.size() + entries.size());
  size_t result_bytes = 0;
  operations_done_ = 0;
  for (const CommittedEntry& committed : entries) {
    const LogEntry& entry = committed.entry;
    EntryResult& result = results.emplace_back();
    result.index = entry.index;
    TRIMARAN_RETURN_IF_ERROR(ApplyEntry(committed, rows, result));
    LogPosition& applied = state_.applied.applied;
    applied = {entry.id(), ExtendChain(applied.chain, entry)};
    result_bytes += BytesOf(result.commands);
    if (result_bytes > kResultBytesMax ||
        operations_done_ >= kOperationsDoneMax || !result.audits.empty()) {
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status EntryApplier::ApplyEntry(const CommittedEntry& committed,
                                      RowTransaction& rows,
                                      EntryResult& result) {
  const LogEntry& entry = committed.entry;
  switch (entry.type) {
    case EntryType::kNormal:
      return ApplyCommands(entry, rows, result);
    case EntryType::kConfChange:
      ApplyConf(*committed.conf);
      return absl::OkStatus();
  }
  return CorruptionError(absl::StrCat(EntryName(entry),
                                      " is of the unknown type ",
                                      static_cast<int>(entry.type)));
}

absl::Status EntryApplier::ApplyCommands(const LogEntry& entry,
                                         RowTransaction& rows,
                                         EntryResult& result) {
  if (entry.payload.empty()) return absl::OkStatus();
  executor_.BeginEntry();
  EntryDecoder decoder(entry.payload.bytes());
  while (decoder.Next(command_)) {
    TRIMARAN_ASSIGN_OR_RETURN(CommandResult done,
                              executor_.Execute(command_, entry.id(), rows));
    operations_done_ += OperationsOf(command_, done);
    result.commands.push_back(std::move(done));
    if (const auto* audit = std::get_if<AuditCommand>(&command_.body)) {
      result.audits.push_back(*audit);
    }
  }
  if (decoder.status().ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(
      EntryName(entry), " cannot be decoded: ", decoder.status().message());
  return IsNewerFormat(decoder.status()) ? NewerFormatError(text)
                                         : CorruptionError(text);
}

void EntryApplier::ApplyConf(const ConfState& conf) {
  RegionState& region = state_.region;
  for (auto at = region.members.begin(); at != region.members.end();) {
    auto& [id, member] = *at;
    const bool leaves = region.conf.Contains(id) && !conf.Contains(id);
    // Whose id it was stays known, so that nobody else speaks in its name.
    if (leaves) member = {.store = member.store, .name = {}, .address = {}};
    const bool forgotten = leaves && member.store == StoreId();
    at = forgotten ? region.members.erase(at) : std::next(at);
  }
  region.conf = conf;
  ++region.epoch.conf_version;
  state_.region_changed = true;
}

}  // namespace trimaran::engine

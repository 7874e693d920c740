#include "engine/kv/entry_applier.h"

#include <map>
#include <string>
#include <utility>

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
  for (const CommittedEntry& committed : entries) {
    const LogEntry& entry = committed.entry;
    EntryResult& result = results.emplace_back();
    result.index = entry.index;
    TRIMARAN_RETURN_IF_ERROR(ApplyEntry(committed, rows, result.commands));
    LogPosition& applied = state_.applied.applied;
    applied = {entry.id(), ExtendChain(applied.chain, entry)};
  }
  return absl::OkStatus();
}

absl::Status EntryApplier::ApplyEntry(const CommittedEntry& committed,
                                      RowTransaction& rows,
                                      std::vector<CommandResult>& results) {
  const LogEntry& entry = committed.entry;
  switch (entry.type) {
    case EntryType::kNormal:
      return ApplyCommands(entry, rows, results);
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
                                         std::vector<CommandResult>& results) {
  if (entry.payload.empty()) return absl::OkStatus();
  EntryDecoder decoder(entry.payload.bytes());
  while (decoder.Next(command_)) {
    TRIMARAN_ASSIGN_OR_RETURN(CommandResult result,
                              executor_.Execute(command_, entry.id(), rows));
    results.push_back(std::move(result));
  }
  if (decoder.status().ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(EntryName(entry), " cannot be decoded: ",
                                        decoder.status().message());
  return IsNewerFormat(decoder.status()) ? NewerFormatError(text)
                                         : CorruptionError(text);
}

void EntryApplier::ApplyConf(const ConfState& conf) {
  RegionState& region = state_.region;
  std::erase_if(region.members, [&](const auto& member) {
    return region.conf.Contains(member.first) && !conf.Contains(member.first);
  });
  region.conf = conf;
  ++region.epoch.conf_version;
  state_.region_changed = true;
}

}  // namespace trimaran::engine

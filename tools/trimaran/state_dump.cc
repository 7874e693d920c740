#include "tools/trimaran/state_dump.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/row_value.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

using engine::StateRecord;

std::string RemarkOnLimit(std::string_view things, uint64_t limit) {
  return absl::StrCat("(no more than ", limit, " ", ToAbsl(things), ")");
}

}  // namespace

absl::Status StateDump::CheckGoOn() const {
  return interrupted_.load(std::memory_order_relaxed)
             ? absl::CancelledError("interrupted")
             : absl::OkStatus();
}

void StateDump::NoteDamage(const engine::Key& key, const absl::Status& error) {
  const std::string where = DebugString(key);
  Record record("damaged");
  record.Text("where", where, Show::kBare)
      .Bytes("error", ToStd(error.message()), Show::kBare);
  printer_.Line(record);
  if (!damage_.ok()) return;
  const std::string text = absl::StrCat(where, ": ", error.message());
  damage_ =
      IsNewerFormat(error) ? NewerFormatError(text) : CorruptionError(text);
}

void StateDump::Keep(const engine::Key& key, std::string_view value) {
  const auto take = [&](auto decoded, auto store) {
    if (decoded.ok()) {
      store(*std::move(decoded));
    } else {
      NoteDamage(key, decoded.status());
    }
  };
  if (std::holds_alternative<engine::ApplyStateKey>(key)) {
    take(engine::DecodeApplyState(value),
         [&](auto record) { apply_state_ = record; });
  } else if (std::holds_alternative<engine::RegionStateKey>(key)) {
    take(engine::DecodeRegion(value),
         [&](auto record) { region_ = std::move(record); });
  } else if (std::holds_alternative<engine::SessionKey>(key)) {
    take(engine::DecodeSession(value), [&](const auto& record) {
      if (session_count_++ < options_.limit) {
        sessions_.push_back(DescribeSession(record));
      }
    });
  } else if (std::holds_alternative<engine::FamilyKey>(key)) {
    take(engine::DecodeFamily(value),
         [&](auto record) { families_[record.id] = std::move(record); });
  } else if (std::holds_alternative<engine::GarbageKey>(key)) {
    take(engine::DecodeFamily(value),
         [&](auto record) { dropped_[record.id] = std::move(record); });
  }
}

absl::Status StateDump::ReadRecords() {
  const std::string first_row = engine::FamilyPrefix(group_, FamilyId(0));
  StateRecord row;
  while (true) {
    TRIMARAN_RETURN_IF_ERROR(CheckGoOn());
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, rows_.Next(row));
    if (!more || row.key >= first_row) return absl::OkStatus();
    const absl::StatusOr<engine::Key> key = engine::DecodeKey(row.key);
    if (key.ok()) {
      Keep(*key, row.value);
    } else if (damage_.ok()) {
      damage_ = key.status();
    }
  }
}

void StateDump::PrintRecords() {
  if (options_.wants(DumpPart::kApply) && apply_state_.has_value()) {
    printer_.Heading("Apply state (RaftApplyState)");
    printer_.Block(DescribeApplyState(group_, *apply_state_));
  }
  if (options_.wants(DumpPart::kMembers) && region_.has_value()) {
    printer_.Heading("Members (RegionLocalState)");
    printer_.Block(DescribeRegion(*region_));
    for (const auto& [replica, member] : region_->region.members) {
      printer_.Line(DescribeMember(replica, member));
    }
  }
  if (options_.wants(DumpPart::kFamilies)) {
    printer_.Heading("Column families");
    for (const auto& [id, family] : families_) {
      printer_.Line(DescribeFamily(family, FamilyPhase::kAlive));
    }
    for (const auto& [id, family] : dropped_) {
      printer_.Line(DescribeFamily(family, FamilyPhase::kDropped));
    }
  }
  if (options_.wants(DumpPart::kSessions)) {
    printer_.Heading(absl::StrCat("Sessions: ", session_count_));
    for (const Record& session : sessions_) printer_.Line(session);
    if (session_count_ > sessions_.size()) {
      printer_.Remark(RemarkOnLimit("sessions", options_.limit));
    }
  }
}

absl::Status StateDump::PrintFamily(FamilyId family, const std::string& name) {
  const std::string prefix = engine::FamilyPrefix(group_, family);
  TRIMARAN_RETURN_IF_ERROR(
      rows_.SeekTo(prefix + std::max(options_.from, options_.prefix)));
  printer_.Heading(absl::StrCat("Rows of ", Quote(name)));
  StateRecord row;
  while (!printer_.closed()) {
    TRIMARAN_RETURN_IF_ERROR(CheckGoOn());
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, rows_.Next(row));
    if (!more || !absl::StartsWith(ToAbsl(row.key), prefix)) break;
    const std::string_view key = row.key.substr(prefix.size());
    if (!absl::StartsWith(ToAbsl(key), options_.prefix)) break;
    if (!options_.to.empty() && key >= options_.to) break;
    if (rows_left_ == 0) {
      printer_.Remark(RemarkOnLimit("rows", options_.limit));
      break;
    }
    --rows_left_;
    engine::RowValue value;
    if (engine::DecodeRowValue(row.value, value)) {
      printer_.Line(DescribeRow(name, key, value, options_.row_parts));
    } else {
      NoteDamage(engine::RowKey{group_, family, key},
                 CorruptionError("a value that no row has"));
    }
  }
  return absl::OkStatus();
}

absl::Status StateDump::PrintRows() {
  rows_left_ = options_.limit;
  bool found = false;
  for (const auto& [id, family] : families_) {
    if (options_.family.has_value() && *options_.family != family.name) {
      continue;
    }
    found = true;
    TRIMARAN_RETURN_IF_ERROR(PrintFamily(id, family.name));
  }
  if (found || !options_.family.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--family: there is no column family ", Quote(*options_.family)));
}

absl::Status StateDump::Run() {
  TRIMARAN_RETURN_IF_ERROR(rows_.SeekTo(""));
  TRIMARAN_RETURN_IF_ERROR(ReadRecords());
  PrintRecords();
  if (options_.wants(DumpPart::kData)) TRIMARAN_RETURN_IF_ERROR(PrintRows());
  return damage_;
}

}  // namespace trimaran::tool

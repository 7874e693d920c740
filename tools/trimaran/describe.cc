#include "tools/trimaran/describe.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/format/command.h"
#include "engine/format/keys.h"
#include "replication/raft/conf_change.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

template <typename AnyKey>
std::string KeyHex(const AnyKey& key) {
  return Hex(engine::KeyOf(key));
}

Record& AddIds(std::string_view name, const std::vector<ReplicaId>& ids,
               Record& record) {
  std::vector<uint64_t> numbers;
  numbers.reserve(ids.size());
  for (const ReplicaId id : ids) numbers.push_back(id.value());
  return record.Add({.name = name, .value = std::move(numbers)});
}

// What an entry asks for, command by command.
std::vector<std::string> DescribePayload(const LogEntry& entry) {
  if (entry.type == EntryType::kConfChange) {
    const auto change = raft::DecodeConfChange(entry.payload.bytes());
    if (!change.ok()) {
      return {absl::StrCat("undecodable: ", change.status().message())};
    }
    return {change->leaves_joint() ? "leave joint" : DebugString(*change)};
  }
  if (entry.payload.empty()) return {};
  const auto commands = engine::DecodeEntry(entry.payload.bytes());
  if (!commands.ok()) {
    return {absl::StrCat("undecodable: ", commands.status().message())};
  }
  std::vector<std::string> texts;
  for (const engine::Command& command : *commands) {
    texts.push_back(DebugString(command));
  }
  return texts;
}

std::string_view PhaseName(engine::RegionPhase phase) {
  return phase == engine::RegionPhase::kNormal ? "normal" : "tombstone";
}

}  // namespace

std::string HexNumber(uint64_t number) {
  return absl::StrCat(absl::Hex(number, absl::kZeroPad16));
}

Record DescribeIdentity(const engine::StoreIdentity& identity) {
  Record record("identity");
  record.Text("cluster", identity.cluster.ToString())
      .Text("store", HexNumber(identity.store.value()))
      .Number("group", identity.group.value())
      .Number("replica", identity.replica.value())
      .Text("key_hex", KeyHex(engine::LocalIdentKey{}), Show::kNever);
  return record;
}

Record DescribeFloor(const engine::FloorState& floor) {
  Record record("floor");
  record.Text("store", HexNumber(floor.store.value()))
      .Number("term", floor.term.value())
      .Number("vote", floor.vote.value())
      .Number("last_index", floor.last.index.value())
      .Number("last_term", floor.last.term.value())
      .Number("newest_segment", floor.newest_segment)
      .Number("generation", floor.generation);
  return record;
}

Record DescribeRaftState(GroupId group, const engine::LogState& state) {
  Record record("raft_state");
  record.Text("key_hex", KeyHex(engine::RaftStateKey{group}))
      .Number("term", state.hard_state.term.value())
      .Number("vote", state.hard_state.vote.value())
      .Number("commit", state.hard_state.commit.value())
      .Number("last_index", state.last.id.index.value())
      .Number("last_term", state.last.id.term.value())
      .Text("last_chain", HexNumber(state.last.chain.value))
      .Number("boundary_index", state.boundary.id.index.value())
      .Number("boundary_term", state.boundary.id.term.value())
      .Number("generation", state.generation);
  return record;
}

Record DescribeApplyState(GroupId group,
                          const engine::ApplyStateRecord& record) {
  const engine::AppliedState& state = record.state;
  Record result("apply_state");
  result.Text("key_hex", KeyHex(engine::ApplyStateKey{group}))
      .Number("applied_index", state.applied.id.index.value())
      .Number("applied_term", state.applied.id.term.value())
      .Text("applied_chain", HexNumber(state.applied.chain.value))
      .Number("truncated_index", state.truncated.index.value())
      .Number("truncated_term", state.truncated.term.value())
      .Number("last_session", record.last_session.value())
      .Number("last_family", record.last_family.value());
  return result;
}

Record DescribeRegion(const engine::RegionRecord& record) {
  const engine::RegionState& region = record.region;
  Record result("region_state");
  result.Text("key_hex", KeyHex(engine::RegionStateKey{record.group}))
      .Number("group", record.group.value())
      .Text("phase", PhaseName(record.phase))
      .Number("conf_version", region.epoch.conf_version)
      .Number("version", region.epoch.version);
  AddIds("voters", region.conf.voters, result);
  AddIds("voters_outgoing", region.conf.voters_outgoing, result);
  AddIds("learners", region.conf.learners, result);
  AddIds("learners_next", region.conf.learners_next, result);
  result.Flag("auto_leave", region.conf.auto_leave);
  return result;
}

Record DescribeMember(ReplicaId replica, const engine::MemberRecord& member) {
  Record record("member");
  record.Number("replica", replica.value())
      .Text("store", HexNumber(member.store.value()))
      .Bytes("name", member.name)
      .Bytes("address", member.address);
  return record;
}

Record DescribeEntry(GroupId group, const LogEntry& entry) {
  Record record("log_entry");
  const bool normal = entry.type == EntryType::kNormal;
  record.Add({.name = "index", .value = entry.index.value(), .width = 14})
      .Add({.name = "term", .value = entry.term.value(), .width = 8})
      .Add({.name = "kind",
            .value = std::string(normal ? "normal" : "conf change"),
            .show = Show::kBare,
            .width = 11})
      .Add({.name = "bytes", .value = entry.size_bytes(), .width = 10})
      .Add({.name = "commands",
            .value = DescribePayload(entry),
            .show = Show::kBare})
      .Text("key_hex", KeyHex(engine::LogEntryKey{group, entry.index}),
            Show::kNever);
  return record;
}

Record DescribeSession(const engine::SessionRecord& session) {
  Record record("session");
  std::vector<uint64_t> sequences;
  for (const auto& [sequence, answer] : session.answers) {
    sequences.push_back(sequence);
  }
  record.Add({.name = "session", .value = session.id.value(), .width = 14})
      .Add({.name = "last_used",
            .value = session.last_used.value(),
            .width = 18})
      .Number("first_unanswered", session.first_unanswered)
      .Add({.name = "answered", .value = std::move(sequences)});
  return record;
}

Record DescribeFamily(const engine::FamilyRecord& family, FamilyPhase phase) {
  Record record("family");
  record.Add({.name = "id", .value = family.id.value(), .width = 8})
      .Bytes("name", family.name)
      .Flag("dropped", phase == FamilyPhase::kDropped);
  return record;
}

Record DescribeRow(std::string_view family, std::string_view key,
                   const engine::RowValue& row, RowParts parts) {
  Record record("row");
  record.Bytes("family", family, Show::kNever)
      .Add({.name = "key",
            .value = Binary{std::string(key)},
            .show = Show::kBare,
            .width = 24})
      .Add({.name = "version", .value = row.version.value(), .width = 16})
      .Add({.name = "bytes", .value = uint64_t{row.value.size()}, .width = 10});
  if (parts == RowParts::kKeyAndValue) {
    record.Bytes("value", row.value, Show::kBare);
  }
  return record;
}

Record DescribeStateRecord(const engine::StateRecord& record, RowParts parts) {
  const auto key = engine::DecodeKey(record.key);
  if (!key.ok()) {
    return Record("damaged").Bytes("error", ToStd(key.status().message()),
                                   Show::kBare);
  }
  const auto* const row_key = std::get_if<engine::RowKey>(&*key);
  engine::RowValue row;
  if (row_key != nullptr && engine::DecodeRowValue(record.value, row)) {
    return DescribeRow(absl::StrCat(row_key->family.value()), row_key->user_key,
                       row, parts);
  }
  Record result("record");
  result.Text("what", DebugString(*key), Show::kBare)
      .Text("key_hex", Hex(record.key), Show::kNever)
      .Number("bytes", record.value.size());
  return result;
}

Record DescribeManifest(const engine::SnapshotManifest& manifest) {
  Record record("snapshot");
  record.Text("id", HexNumber(manifest.id.value()))
      .Text("cluster", manifest.cluster.ToString())
      .Number("group", manifest.group.value())
      .Number("index", manifest.position.id.index.value())
      .Number("term", manifest.position.id.term.value())
      .Text("chain", HexNumber(manifest.position.chain.value));
  AddIds("voters", manifest.conf.voters, record);
  AddIds("voters_outgoing", manifest.conf.voters_outgoing, record);
  AddIds("learners", manifest.conf.learners, record);
  record.Number("chunks", manifest.chunks.size())
      .Number("chunk_bytes", manifest.chunk_bytes())
      .Records(manifest.state.rows)
      .Text("state_hash", ToString(manifest.state.hash));
  return record;
}

Record DescribeSummary(const engine::FamilySummary& family) {
  Record record("family");
  record.Add({.name = "id", .value = family.family.value(), .width = 8})
      .Bytes("name", family.name);
  // What is of no family is the group's own.
  if (family.family == engine::FamilyId()) {
    record.Records(family.rows);
  } else {
    record.Number("rows", family.rows);
  }
  record.Number("bytes", family.bytes).Text("hash", ToString(family.hash));
  return record;
}

void AddDigest(const engine::StateDigest& digest, Record& record) {
  record.Number("index", digest.position.id.index.value())
      .Number("term", digest.position.id.term.value())
      .Text("chain", HexNumber(digest.position.chain.value))
      .Records(digest.summary.rows)
      .Text("state_hash", ToString(digest.summary.hash));
}

}  // namespace trimaran::tool

#ifndef TRIMARAN_TOOLS_TRIMARAN_DESCRIBE_H_
#define TRIMARAN_TOOLS_TRIMARAN_DESCRIBE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/log_types.h"
#include "engine/format/manifest.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "engine/home/store_identity.h"
#include "engine/kv/transfer.h"
#include "engine/log/floor.h"
#include "engine/log/log_store.h"
#include "engine/maintenance/state_hash.h"
#include "tools/trimaran/record.h"

// What is stored, as records for a printer. Ids that are random, and chains and
// hashes, are text in hexadecimal digits: as JSON numbers they would not
// survive most programs.
//
// Thread: any.

namespace trimaran::tool {

// "00000000000000ff".
std::string HexNumber(uint64_t number);

Record DescribeIdentity(const engine::StoreIdentity& identity);
Record DescribeFloor(const engine::FloorState& floor);
// What TinyKV calls RaftLocalState, and more.
Record DescribeRaftState(GroupId group, const engine::LogState& state);
// RaftApplyState.
Record DescribeApplyState(GroupId group,
                          const engine::ApplyStateRecord& record);
// RegionLocalState, and each of its members.
Record DescribeRegion(const engine::RegionRecord& record);
Record DescribeMember(ReplicaId replica, const engine::MemberRecord& member);
Record DescribeEntry(GroupId group, const LogEntry& entry);
Record DescribeSession(const engine::SessionRecord& session);

enum class FamilyPhase : uint8_t { kAlive, kDropped };
Record DescribeFamily(const engine::FamilyRecord& family, FamilyPhase phase);

enum class RowParts : uint8_t { kKeyAndValue, kKeyOnly };
Record DescribeRow(std::string_view family, std::string_view key,
                   const engine::RowValue& row, RowParts parts);

// A record as a chunk holds it: a row, or what stands beside the rows.
Record DescribeStateRecord(const engine::StateRecord& record, RowParts parts);

Record DescribeManifest(const engine::SnapshotManifest& manifest);
Record DescribeSummary(const engine::FamilySummary& family);

// The position and the hash of a state, among other things that are said of it.
void AddDigest(const engine::StateDigest& digest, Record& record);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_DESCRIBE_H_

#ifndef TRIMARAN_ENGINE_FORMAT_RECORDS_H_
#define TRIMARAN_ENGINE_FORMAT_RECORDS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/region.h"
#include "engine/format/applied_state.h"
#include "engine/format/command.h"
#include "engine/format/command_result.h"
#include "engine/format/region_state.h"

// What the state machine keeps under the keys that are not rows (keys.h).
//
// The same record gives the same bytes on every replica, and whatever decodes
// encodes to the same bytes again.
//
// Each record is valid in the sense written beside its fields. Encoding one
// that is not is a programmer's error. Decoding returns Corruption, naming the
// kind of record, for bytes that do not hold a valid one, and
// NewerFormatError for an intact record of a later format version. A record
// does not say which key it belongs to: whoever reads it compares the ids in
// it.
//
// Thread: all functions may be called from any thread.

namespace trimaran::engine {

// Under ApplyStateKey.
struct ApplyStateRecord {
  // truncated is not beyond applied; an index is 0 exactly if its term is.
  AppliedState state;
  // The last ids that were given; the next ones are one more.
  SessionId last_session;
  // At least kDefaultFamily.
  FamilyId last_family = kDefaultFamily;

  friend bool operator==(const ApplyStateRecord&,
                         const ApplyStateRecord&) = default;
};

// On disk: never change a value.
enum class RegionPhase : uint8_t {
  kNormal = 1,
  // The replica was removed from the group, and must not come back.
  kTombstone = 2,
};

// Under RegionStateKey. RegionLocalState is its name in TinyKV.
struct RegionRecord {
  RegionPhase phase = RegionPhase::kNormal;
  // Not 0.
  GroupId group;
  // A valid configuration (ConfState::Validate); no member is replica 0.
  RegionState region;

  friend bool operator==(const RegionRecord&, const RegionRecord&) = default;
};

// Under SessionKey.
struct SessionRecord {
  // Not 0.
  SessionId id;
  // The last entry that used the session.
  LogIndex last_used;
  // At least 1.
  uint64_t first_unanswered = 1;
  // By sequence, all of them at or above first_unanswered. Of a status the code
  // is kept and not the text, which may differ between versions; `repeated` is
  // false.
  std::map<uint64_t, CommandResult> answers;

  friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
};

// What limits.h counts against kSessionReadBytesMax.
size_t ReadBytes(const CommandResult& answer);
// The same for kKeptBytesMax.
size_t KeptBytes(const CommandResult& answer);

// Under FamilyKey and, once it is dropped, under GarbageKey.
struct FamilyRecord {
  // Not 0.
  FamilyId id;
  // 1 to kFamilyNameBytesMax bytes.
  std::string name;

  friend bool operator==(const FamilyRecord&, const FamilyRecord&) = default;
};

// Under LocalIdentKey: which table this is, and of which data directory.
struct LocalIdentRecord {
  // Of the table as a whole: its keys and records.
  uint32_t format_version = 0;
  // Not 0.
  StoreId store;
  uint64_t generation = 0;

  friend bool operator==(const LocalIdentRecord&,
                         const LocalIdentRecord&) = default;
};

// The tables that this program writes, and the latest that it reads.
inline constexpr uint32_t kTableFormatVersion = 1;

// Under RaftStateKey, in dumps only: what the log says beside its entries.
// RaftLocalState is its name in TinyKV.
struct RaftStateRecord {
  HardState hard_state;
  EntryId last;

  friend bool operator==(const RaftStateRecord&,
                         const RaftStateRecord&) = default;
};

std::string EncodeRecord(const ApplyStateRecord& record);
std::string EncodeRecord(const RegionRecord& record);
std::string EncodeRecord(const SessionRecord& record);
std::string EncodeRecord(const FamilyRecord& record);
std::string EncodeRecord(const LocalIdentRecord& record);
std::string EncodeRecord(const RaftStateRecord& record);

absl::StatusOr<ApplyStateRecord> DecodeApplyState(std::string_view bytes);
absl::StatusOr<RegionRecord> DecodeRegion(std::string_view bytes);
absl::StatusOr<SessionRecord> DecodeSession(std::string_view bytes);
absl::StatusOr<FamilyRecord> DecodeFamily(std::string_view bytes);
// Does not look at format_version, so that it can be reported: see
// CheckTableFormat.
absl::StatusOr<LocalIdentRecord> DecodeLocalIdent(std::string_view bytes);
absl::StatusOr<RaftStateRecord> DecodeRaftState(std::string_view bytes);

// NewerFormatError, naming both versions, for a table of a later format.
absl::Status CheckTableFormat(const LocalIdentRecord& ident);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_RECORDS_H_

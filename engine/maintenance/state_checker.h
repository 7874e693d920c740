#ifndef TRIMARAN_ENGINE_MAINTENANCE_STATE_CHECKER_H_
#define TRIMARAN_ENGINE_MAINTENANCE_STATE_CHECKER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/region.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/maintenance/verify_report.h"

namespace trimaran::engine {

// Where the rows come from, and so what must and must not be among them.
struct StateSource {
  enum class Kind : uint8_t {
    // The table of a store: has an ident, may have garbage.
    kTable,
    // An export or a snapshot: nothing that is one store's own.
    kReplicated,
  };
  Kind kind = Kind::kTable;
  GroupId group;
  // Of a table.
  StoreId store;
  uint64_t generation = 0;
};

// Checks a state row by row, in the order of keys, without knowing where the
// rows are stored:
//  1. Keys rise, and each is one that such a source may have, of the group.
//  2. Every record decodes, and carries the ids of its key.
//  3. There is one apply state, one region state, and in a table one ident, of
//     this store and generation.
//  4. No row, session or answer is of a later entry than the applied one, no
//     session or family has an id that was not given yet.
//  5. Families: the default one exists, names are unique, a dropped one is not
//     alive, every row is of one of them; counts and sizes are within limits.
// Memory: the families, whatever the number of rows.
//
// Thread: owner.
class StateChecker {
 public:
  // `result` must outlive the checker.
  StateChecker(const StateSource& source, CheckResult& result)
      : source_(source), result_(result) {}

  void Add(std::string_view key, std::string_view value);
  // After the last row: what is missing.
  void Finish();

  // Valid after Add has seen them, in table order: before the first row of a
  // family.
  const std::optional<ApplyStateRecord>& apply_state() const {
    return apply_state_;
  }
  const std::optional<RegionRecord>& region() const { return region_; }
  uint64_t rows() const { return rows_; }
  uint64_t sessions() const { return sessions_; }
  size_t families() const { return families_.size(); }

 private:
  void Check(LocalIdentKey key, std::string_view value);
  void Check(LogEntryKey key, std::string_view value);
  void Check(RaftStateKey key, std::string_view value);
  void Check(ApplyStateKey key, std::string_view value);
  void Check(RegionStateKey key, std::string_view value);
  void Check(SessionKey key, std::string_view value);
  void Check(FamilyKey key, std::string_view value);
  void Check(GarbageKey key, std::string_view value);
  void Check(const RowKey& key, std::string_view value);

  void CheckAnswers(const SessionRecord& session);
  // Empty, after a finding, for a record of another id than its key.
  std::optional<FamilyRecord> DecodeFamilyOf(FamilyId family,
                                             std::string_view value);
  void CheckGroup(GroupId group);
  // Both name the present key.
  void Damage(std::string_view what);
  void Fail(const absl::Status& error);
  LogIndex applied() const;

  const StateSource source_;
  CheckResult& result_;

  // The present row's key, which is in the caller's memory while it is looked
  // at; and the last one, as bytes.
  Key present_;
  std::string last_key_;
  bool any_ = false;

  bool ident_seen_ = false;
  std::optional<ApplyStateRecord> apply_state_;
  std::optional<RegionRecord> region_;
  std::map<FamilyId, std::string> families_;
  std::set<std::string> family_names_;
  std::set<FamilyId> garbage_;
  uint64_t sessions_ = 0;
  uint64_t rows_ = 0;
  // Of rows, the last one seen, so that one that is unknown is reported once.
  FamilyId row_family_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_STATE_CHECKER_H_

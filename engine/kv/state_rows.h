#ifndef TRIMARAN_ENGINE_KV_STATE_ROWS_H_
#define TRIMARAN_ENGINE_KV_STATE_ROWS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/region.h"
#include "engine/format/applied_state.h"
#include "engine/format/records.h"
#include "engine/kv/family_catalog.h"
#include "engine/kv/replicated_state.h"
#include "engine/kv/row_transaction.h"
#include "engine/wt/cursor.h"

// Between the state in memory and the rows that hold it (FORMAT.md): everything
// in the table but the users' rows.
//
// Whatever is read is Corruption, naming the record, if it is absent, cannot be
// decoded, stands under a key that is not its own, or contradicts the rest.
//
// Thread: all functions may be called from any thread; a cursor and what it
// belongs to by one at a time.

namespace trimaran::engine {

// Writes all that has changed since the last call of ForgetChanges, and the
// apply state.
absl::Status WriteChanges(GroupId group, const ReplicatedState& state,
                          RowTransaction& rows);
void ForgetChanges(ReplicatedState& state);

// Writes a state that holds no session and no family but the default one.
absl::Status WriteInitialState(GroupId group, const ReplicatedState& state,
                               RowTransaction& rows);

// The whole state. Leaves the cursor on no row, as the other functions do.
absl::StatusOr<ReplicatedState> LoadState(GroupId group, wt::Cursor& cursor);

absl::StatusOr<ApplyStateRecord> LoadApplyState(GroupId group,
                                                wt::Cursor& cursor);
absl::StatusOr<RegionState> LoadRegion(GroupId group, wt::Cursor& cursor);
absl::StatusOr<FamilyCatalog> LoadFamilies(GroupId group, wt::Cursor& cursor);

// Which table this is.
struct TableIdentity {
  StoreId store;
  uint64_t generation = 0;
};
std::string EncodeIdent(const TableIdentity& identity);
// OK if the table says that it is this one. FailedPrecondition for one of
// another format.
absl::Status CheckIdent(const TableIdentity& identity, wt::Cursor& cursor);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_STATE_ROWS_H_

#ifndef TRIMARAN_ENGINE_KV_REPLICATED_STATE_H_
#define TRIMARAN_ENGINE_KV_REPLICATED_STATE_H_

#include <memory>
#include <vector>

#include "engine/format/applied_state.h"
#include "engine/format/region_state.h"
#include "engine/kv/family_catalog.h"
#include "engine/kv/session_table.h"

namespace trimaran::engine {

// What of the state is kept in memory as well: everything but the rows. It is
// changed by commands, written into their transaction (state_rows.h), and read
// back from the table if that fails.
struct ReplicatedState {
  AppliedState applied;

  RegionState region;
  // Since it was written last.
  bool region_changed = false;

  // Never null. Replaced, and not changed, since readers share it.
  SharedFamilyCatalog families = std::make_shared<const FamilyCatalog>();
  // The last id that was given.
  FamilyId last_family = kDefaultFamily;
  // Made or dropped since they were written last.
  std::vector<FamilyId> families_changed;
  // Dropped families of which there may be rows, in no order. This store's own:
  // not part of what is compared or sent.
  std::vector<Family> garbage;

  SessionTable sessions;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_REPLICATED_STATE_H_

#ifndef TRIMARAN_TOOLS_TRIMARAN_STORE_LOOK_H_
#define TRIMARAN_TOOLS_TRIMARAN_STORE_LOOK_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/maintenance/stored_parts.h"
#include "engine/maintenance/verifier.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// What an entry of type kConfChange makes of a configuration (ConfChanger).
absl::StatusOr<ConfState> ChangeConf(const ConfState& before,
                                     const LogEntry& entry);

// The data directory of a store that no process has open, locked, and not
// written to.
//
// Thread: one at a time.
struct StoreLook {
  InspectedPath place;
  // Without links.
  const std::string& path() const { return place.path; }
  StateHome state_home;
  engine::StoredStore stored;
};

// NotFound for anything but a store; the errors of InspectPath.
absl::StatusOr<std::unique_ptr<StoreLook>> LookAtStore(
    std::string_view path, Environment& environment);

// Verifies all of it (VerifyDepth::kFull), with a progress bar. The errors of
// VerifyStoredStore; what is damaged is in the result.
absl::StatusOr<engine::Verification> VerifyAll(const StoreLook& look,
                                               ProgressBar& progress);

// The record beside the rows that has this key, as of the last checkpoint.
absl::StatusOr<std::string> RecordAt(const engine::StoredParts& parts,
                                     const std::string& key);

// What of a verification makes the data themselves, the log and the state,
// untrustworthy: the first such damage, for people; empty if there is none. A
// snapshot that was being sent or received is a copy of something else.
std::string DataDamage(const engine::Verification& verification);

// Of the state alone: as if the store had no log.
std::string StateDamage(const engine::Verification& verification);

// As DataDamage, but that the log may have lost the end that it had
// acknowledged (StoredParts::Judge).
std::string DataDamageButOwed(const engine::Verification& verification,
                              const engine::StoredParts& parts);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_STORE_LOOK_H_

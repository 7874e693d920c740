#ifndef TRIMARAN_ENGINE_MAINTENANCE_REPLICATED_ROWS_H_
#define TRIMARAN_ENGINE_MAINTENANCE_REPLICATED_ROWS_H_

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/kv/state_inspector.h"
#include "engine/kv/transfer.h"

namespace trimaran::engine {

// Picks the records of the replicated state out of all rows of a table, as an
// export of its state machine would hand them out (transfer.h).
//
// Thread: owner.
class ReplicatedFilter {
 public:
  // Rows in the order of their keys. False if the row is one store's own; what
  // must be handed out otherwise than it is stored is replaced, and valid until
  // the next call. Corruption if the row cannot be understood.
  absl::StatusOr<bool> Admit(StateRecord& row);

 private:
  std::set<FamilyId> alive_;
  std::string apply_state_;
};

// The state in the home of a store that nobody has open.
//
// Thread: one at a time.
class StoredExport final : public StateExport {
 public:
  // Corruption if the rows do not say of which position they are. The inspector
  // must outlive the export.
  static absl::StatusOr<std::unique_ptr<StoredExport>> Open(
      StateInspector& inspector, uint64_t generation, GroupId group);

  LogPosition position() const override { return position_; }
  ConfState conf() const override { return conf_; }
  absl::StatusOr<bool> Next(StateRecord& record) override;
  // Reads from the beginning on.
  absl::Status SkipTo(std::string_view key) override;

 private:
  StoredExport(StateInspector& inspector, uint64_t generation)
      : inspector_(inspector), generation_(generation) {}

  absl::Status Rewind();
  absl::StatusOr<std::string> Find(std::string_view key);

  StateInspector& inspector_;
  const uint64_t generation_;
  std::unique_ptr<RawRows> rows_;
  ReplicatedFilter filter_;
  LogPosition position_;
  ConfState conf_;
  // Up to it nothing is handed out.
  std::string skipped_to_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_REPLICATED_ROWS_H_

#ifndef TRIMARAN_ENGINE_KV_WT_STATE_EXPORT_H_
#define TRIMARAN_ENGINE_KV_WT_STATE_EXPORT_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/format/applied_state.h"
#include "engine/format/chain.h"
#include "engine/kv/family_catalog.h"
#include "engine/kv/generation.h"
#include "engine/kv/leftovers.h"
#include "engine/kv/transfer.h"
#include "engine/wt/connection.h"
#include "engine/wt/cursor.h"
#include "engine/wt/session.h"

namespace trimaran::engine {

// Reads a named checkpoint of one generation, and leaves its name to be
// dropped. Left out are the rows that are one store's own, and those of
// families that do not exist. The apply state says that the log is truncated up
// to the position, as it will be wherever the state is imported.
class WtStateExport final : public StateExport {
 public:
  struct Source {
    GroupId group;
    SharedGeneration generation;
    // The name of a checkpoint that has been taken.
    std::string checkpoint;
  };

  // The last two must outlive the export. After an error the checkpoint is
  // among the leftovers as well.
  static absl::StatusOr<std::unique_ptr<WtStateExport>> Open(
      Source source, wt::Connection& connection, Leftovers& leftovers);
  ~WtStateExport() override;

  LogPosition position() const override { return applied_.applied; }
  ConfState conf() const override { return conf_; }

  absl::StatusOr<bool> Next(StateRecord& record) override;
  absl::Status SkipTo(std::string_view key) override;

  // As the checkpoint has it.
  const AppliedState& applied() const { return applied_; }

 private:
  // Where the cursor stands, seen from the caller.
  enum class Place : uint8_t {
    // On the row that was handed out last, or before the first one.
    kPassed,
    // On a row that is still to be handed out.
    kPending,
    kEnd,
  };

  WtStateExport(Source source, Leftovers& leftovers)
      : source_(std::move(source)), leftovers_(leftovers) {}

  absl::Status Begin(wt::Connection& connection);
  // As wt::Cursor::NextRow.
  wt::Step Advance(wt::CursorRow& row, absl::Status& failure);
  // Whether the row under the cursor belongs to the stream. If not, the cursor
  // may be moved to the row before the next one that can.
  absl::StatusOr<bool> IsWanted(std::string_view key);
  absl::Status SkipFamily(FamilyId family);

  const Source source_;
  Leftovers& leftovers_;
  std::unique_ptr<wt::Session> session_;
  wt::Cursor cursor_;
  AppliedState applied_;
  ConfState conf_;
  FamilyCatalog families_;
  std::string apply_state_key_;
  // The apply state as it is handed out.
  std::string apply_state_;
  // Rows that begin with it are of a family that exists. Empty: none are.
  std::string family_prefix_;
  Place place_ = Place::kPassed;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WT_STATE_EXPORT_H_

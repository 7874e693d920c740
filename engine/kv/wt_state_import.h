#ifndef TRIMARAN_ENGINE_KV_WT_STATE_IMPORT_H_
#define TRIMARAN_ENGINE_KV_WT_STATE_IMPORT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/file/file_system.h"
#include "engine/kv/generation.h"
#include "engine/kv/leftovers.h"
#include "engine/kv/replicated_state.h"
#include "engine/kv/state_rows.h"
#include "engine/kv/transfer.h"
#include "engine/wt/connection.h"
#include "engine/wt/cursor.h"
#include "engine/wt/session.h"

namespace trimaran::engine {

// Fills a new table in the order of its keys, and reads back what of it is
// durable before anybody may rely on it.
class WtStateImport final : public StateImport {
 public:
  // Takes over the state of a finished import and its table.
  using OnFinished =
      std::function<void(SharedGeneration generation, ReplicatedState state)>;
  // Takes a finished import back, unless it was switched to.
  using OnGivenUp = std::function<void(uint64_t generation)>;

  struct Target {
    GroupId group;
    TableIdentity identity;
    SharedGeneration generation;
    // Sees the disk that the connection is on, and outlives the import.
    FileSystem* files = nullptr;
  };

  struct Owner {
    OnFinished on_finished;
    OnGivenUp on_given_up;
  };

  // The last two must outlive the import.
  static absl::StatusOr<std::unique_ptr<WtStateImport>> Open(
      Target target, Owner owner, wt::Connection& connection,
      Leftovers& leftovers);
  ~WtStateImport() override;

  uint64_t generation() const override { return target_.generation->number; }
  absl::Status CheckRoom(uint64_t bytes, uint64_t free_bytes_min) override;
  absl::Status Add(const StateRecord& record) override;
  absl::Status Finish(const LogPosition& position) override;
  void GiveUp() override;

 private:
  WtStateImport(Target target, Owner owner, wt::Connection& connection,
                Leftovers& leftovers)
      : target_(std::move(target)),
        owner_(std::move(owner)),
        connection_(connection),
        leftovers_(leftovers) {}

  absl::Status Begin();
  absl::Status CheckRecord(const StateRecord& record);
  absl::Status CheckRow(FamilyId family, std::string_view value);
  absl::StatusOr<ReplicatedState> LoadDurable(const LogPosition& position);

  const Target target_;
  const Owner owner_;
  wt::Connection& connection_;
  Leftovers& leftovers_;
  std::unique_ptr<wt::Session> session_;
  std::optional<wt::BulkLoader> loader_;
  bool table_exists_ = false;
  std::string last_key_;
  // What the apply state says, which comes before all rows: none is of a later
  // entry. Where it is missing, Finish says so.
  LogIndex applied_ = kMaxLogIndex;
  // The families that were added so far, which come before all rows.
  std::vector<FamilyId> families_;
  // Rows that begin with it are of a family that was added. Empty: none are.
  std::string family_prefix_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WT_STATE_IMPORT_H_

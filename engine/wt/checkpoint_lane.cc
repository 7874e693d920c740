#include "engine/wt/checkpoint_lane.h"

#include <wiredtiger.h>

#include <set>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/wt/config.h"
#include "engine/wt/spare_descriptors.h"

namespace trimaran::wt {
namespace {

// Finds out at once that two threads are in the lane, where a lock would let
// them take turns without anybody noticing.
class Occupied {
 public:
  explicit Occupied(std::atomic<bool>& in_use) : in_use_(in_use) {
    TRIMARAN_CHECK(!in_use_.exchange(true)) << "two threads take checkpoints";
  }
  ~Occupied() { in_use_.store(false); }
  Occupied(const Occupied&) = delete;
  Occupied& operator=(const Occupied&) = delete;

 private:
  std::atomic<bool>& in_use_;
};

std::string_view ToView(const WT_CONFIG_ITEM& item) {
  return {item.str, item.len};
}

// Adds the names in the "checkpoint=(name=(...),...)" of a table's metadata.
int CollectNames(RawSession* session, std::string_view metadata,
                 std::set<std::string>& names) {
  WT_CONFIG_PARSER* outer = nullptr;
  int code = wiredtiger_config_parser_open(session, metadata.data(),
                                           metadata.size(), &outer);
  if (code != 0) return code;
  WT_CONFIG_PARSER* inner = nullptr;
  const absl::Cleanup close = [outer, &inner] {
    if (inner != nullptr) (void)inner->close(inner);
    (void)outer->close(outer);
  };
  WT_CONFIG_ITEM list = {};
  code = outer->get(outer, "checkpoint", &list);
  if (code == 0) {
    code = wiredtiger_config_parser_open(session, list.str, list.len, &inner);
  }
  WT_CONFIG_ITEM name = {};
  WT_CONFIG_ITEM value = {};
  while (code == 0 && (code = inner->next(inner, &name, &value)) == 0) {
    // Those that WiredTiger names itself are no names in this sense.
    if (IsValidCheckpointName(ToView(name))) names.emplace(ToView(name));
  }
  return code == WT_NOTFOUND ? 0 : code;
}

}  // namespace

CheckpointLane::CheckpointLane(std::unique_ptr<Session> session)
    : session_(std::move(session)) {}

absl::Status CheckpointLane::Run(const std::string& config) {
  const Occupied occupied(in_use_);
  if (session_->poisoned()) return session_->poison();
  TRIMARAN_RETURN_IF_ERROR(CheckSpareDescriptors());
  RawSession* raw = session_->raw();
  const int code = raw->checkpoint(raw, config.c_str());
  return code == 0 ? absl::OkStatus()
                   : session_->Fail(code, Operation::kCheckpoint, config);
}

absl::Status CheckpointLane::Take() {
  // Without "force" a checkpoint of unchanged tables is skipped.
  return Run("force=false");
}

absl::Status CheckpointLane::TakeNamed(std::string_view name) {
  TRIMARAN_CHECK(IsValidCheckpointName(name)) << "\"" << name << "\"";
  return Run(absl::StrCat("name=", ToAbsl(name)));
}

absl::Status CheckpointLane::DropNamed(absl::Span<const std::string> names) {
  for (const std::string& name : names) {
    TRIMARAN_CHECK(IsValidCheckpointName(name)) << "\"" << name << "\"";
  }
  return Run(absl::StrCat("drop=(", absl::StrJoin(names, ","), ")"));
}

absl::StatusOr<std::vector<std::string>> CheckpointLane::ListNamed() {
  const Occupied occupied(in_use_);
  std::set<std::string> names;
  TRIMARAN_RETURN_IF_ERROR(session_->VisitMetadata(
      [&](std::string_view uri, std::string_view metadata) {
        if (TableOfUri(uri).empty()) return absl::OkStatus();
        const int code = CollectNames(session_->raw(), metadata, names);
        return code == 0 ? absl::OkStatus()
                         : session_->Fail(code, Operation::kRead, uri);
      }));
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace trimaran::wt

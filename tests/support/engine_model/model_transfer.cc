#include "tests/support/engine_model/model_transfer.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

namespace {

// Whoever receives a state has no log before it.
ModelState WithoutLog(ModelState state) {
  state.progress.truncated = state.progress.applied.id;
  return state;
}

}  // namespace

ModelExport::ModelExport(GroupId group, const ModelState& state)
    : position_(state.progress.applied),
      conf_(state.region.conf),
      stream_(EncodeState(group, WithoutLog(state))),
      next_(stream_.begin()) {}

absl::StatusOr<bool> ModelExport::Next(StateRecord& record) {
  if (next_ == stream_.end()) return false;
  record = {next_->first, next_->second};
  ++next_;
  return true;
}

absl::Status ModelExport::SkipTo(std::string_view key) {
  next_ = stream_.upper_bound(key);
  return absl::OkStatus();
}

absl::Status ModelImport::Add(const StateRecord& record) {
  if (!stream_.empty() && record.key <= stream_.rbegin()->first) {
    return absl::InvalidArgumentError("keys do not rise");
  }
  TRIMARAN_RETURN_IF_ERROR(
      CheckRecord(disk_.group(), record.key, record.value));
  stream_.emplace(record.key, record.value);
  return absl::OkStatus();
}

absl::Status ModelImport::Finish(const LogPosition& position) {
  TRIMARAN_ASSIGN_OR_RETURN(ModelState state,
                            DecodeState(disk_.group(), stream_));
  if (state.progress.applied != position) {
    return CorruptionError(
        absl::StrCat("records of ", state.progress.applied.id.index.value(),
                     ", asked for ", position.id.index.value()));
  }
  disk_.KeepImport(generation_, std::make_shared<const ModelState>(
                                    WithoutLog(std::move(state))));
  return absl::OkStatus();
}

}  // namespace trimaran::engine

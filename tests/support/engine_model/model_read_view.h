#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_READ_VIEW_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_READ_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/kv/read_view.h"
#include "tests/support/engine_model/model_state_disk.h"

namespace trimaran::engine {

// What StateMachine::Get answers in `state`.
absl::StatusOr<bool> GetRow(const ModelState& state, FamilyId family,
                            std::string_view key, std::string& value);

// Thread: one at a time.
class ModelReadView final : public ReadView {
 public:
  explicit ModelReadView(SharedModelState state) : state_(std::move(state)) {}

  LogPosition position() const override { return state_->progress.applied; }
  absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                           std::string& value) override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      FamilyId family, absl::Span<const std::string_view> keys) override;
  absl::StatusOr<std::unique_ptr<RowIterator>> NewIterator(
      FamilyId family, const IterationBounds& bounds) override;

 private:
  const SharedModelState state_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_READ_VIEW_H_

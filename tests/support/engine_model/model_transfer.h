#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_TRANSFER_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_TRANSFER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/kv/transfer.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_stream.h"

namespace trimaran::engine {

// Thread: one at a time.
class ModelExport final : public StateExport {
 public:
  ModelExport(GroupId group, const ModelState& state);

  LogPosition position() const override { return position_; }
  ConfState conf() const override { return conf_; }
  absl::StatusOr<bool> Next(StateRecord& record) override;
  absl::Status SkipTo(std::string_view key) override;

 private:
  const LogPosition position_;
  const ConfState conf_;
  const StateStream stream_;
  StateStream::const_iterator next_;
};

// Thread: one at a time.
class ModelImport final : public StateImport {
 public:
  explicit ModelImport(ModelStateDisk& disk)
      : disk_(disk), generation_(disk.NewGeneration()) {}

  uint64_t generation() const override { return generation_; }
  // Its disk has no end.
  absl::Status CheckRoom(uint64_t, uint64_t) override {
    return absl::OkStatus();
  }
  absl::Status Add(const StateRecord& record) override;
  absl::Status Finish(const LogPosition& position) override;
  void GiveUp() override { disk_.DropImport(generation_); }

 private:
  ModelStateDisk& disk_;
  const uint64_t generation_;
  StateStream stream_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_TRANSFER_H_

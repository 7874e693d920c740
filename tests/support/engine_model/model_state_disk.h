#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_DISK_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "tests/support/engine_model/model_state.h"

namespace trimaran::engine {

// Shared by whoever still reads it; what changes is a copy.
using SharedModelState = std::shared_ptr<const ModelState>;

// What remains of a state machine when its machine stops: of each generation
// the last checkpoint. The disk under a ModelStateMachine.
//
// Thread: owner.
class ModelStateDisk {
 public:
  struct Options {
    GroupId group{1};
    uint64_t generation = 1;
    ModelState state;
  };
  explicit ModelStateDisk(Options options);
  // Machines point to their disk.
  ModelStateDisk(const ModelStateDisk&) = delete;
  ModelStateDisk& operator=(const ModelStateDisk&) = delete;

  // The machine stops. Machines opened before are of no use any more. A
  // checkpoint under way is there or is not.
  void Crash(Random& random);
  enum class UnderWay : uint8_t { kLost, kKept };
  void Crash(UnderWay fate);

  // What is durable, to be put back while no machine is open.
  using Image = std::map<uint64_t, SharedModelState>;
  const Image& durable() const { return durable_; }
  void Replace(Image image);

  // The next one fails with `error`, for good.
  void FailNextApply(absl::Status error) { fail_apply_ = std::move(error); }
  void FailNextCheckpoint(absl::Status error) {
    fail_checkpoint_ = std::move(error);
  }

  // ---- For ModelStateMachine ----

  GroupId group() const { return group_; }
  // The last checkpoint of a generation, null if there is none.
  SharedModelState Find(uint64_t generation) const;
  // Larger than any before.
  uint64_t NewGeneration() { return ++last_generation_; }
  void BeginCheckpoint(uint64_t generation, SharedModelState state);
  // Only with one under way.
  void FinishCheckpoint();
  // Null if none is under way.
  SharedModelState under_way() const;
  // A whole generation at once.
  void KeepImport(uint64_t generation, SharedModelState state);
  void DropImport(uint64_t generation);
  // Forgets all but this one.
  void KeepOnly(uint64_t generation);

  absl::Status TakeApplyFailure();
  absl::Status TakeCheckpointFailure();

 private:
  struct Checkpoint {
    uint64_t generation;
    SharedModelState state;
  };

  const GroupId group_;
  uint64_t last_generation_;
  Image durable_;
  std::optional<Checkpoint> under_way_;
  absl::Status fail_apply_;
  absl::Status fail_checkpoint_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_DISK_H_

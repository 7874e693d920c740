#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_STATE_DIGEST_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_STATE_DIGEST_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/format/chain.h"
#include "engine/kv/state_machine.h"
#include "tests/support/engine_model/model_state.h"

namespace trimaran::node_sim {

// Numbers that are equal where states are.
struct StateDigest {
  // Of the rows of the default family, with their versions.
  uint64_t rows = 0;
  // Of everything that replicas must agree on at one index. Not of how much of
  // the log each still has. Empty where nobody has looked.
  std::optional<uint64_t> all;
};

// What has been seen of the state of one replica.
struct ObservedState {
  engine::LogPosition applied;
  ConfState conf;
  StateDigest digest;
};

// Complete.
StateDigest DigestOf(const engine::ModelState& state);
ObservedState Observe(const engine::ModelState& state);

// The rows of any state machine, without the rest.
absl::StatusOr<ObservedState> ObserveRows(const engine::StateMachine& machine);

// Complete, of any state machine; takes a checkpoint.
absl::StatusOr<ObservedState> ObserveAll(GroupId group,
                                         engine::StateMachine& machine);

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_STATE_DIGEST_H_

#ifndef TRIMARAN_REPLICATION_RAFT_CONF_CHANGE_H_
#define TRIMARAN_REPLICATION_RAFT_CONF_CHANGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/ids.h"

namespace trimaran::raft {

// On disk and on the wire: never change a value.
enum class ConfChangeType : uint8_t {
  kAddVoter = 0,
  kAddLearner = 1,
  kRemove = 2,
};

// How a group gets from one configuration to the next.
// On disk and on the wire: never change a value.
enum class ConfChangeTransition : uint8_t {
  // In one step if it changes one voter at most, else through a joint
  // configuration that the leader ends by itself.
  kAuto = 0,
  // Through a joint configuration that the leader ends by itself.
  kJointImplicit = 1,
  // Through a joint configuration that ends when a ConfChange without changes
  // is proposed.
  kJointExplicit = 2,
};

struct ConfChangeStep {
  ConfChangeType type = ConfChangeType::kAddVoter;
  // kNoReplica makes the step a no-op.
  ReplicaId replica;

  friend bool operator==(const ConfChangeStep&,
                         const ConfChangeStep&) = default;
};

// A proposed change of membership. Without steps, and with kAuto, it ends the
// joint configuration.
struct ConfChange {
  ConfChangeTransition transition = ConfChangeTransition::kAuto;
  std::vector<ConfChangeStep> steps;
  // Opaque to the core; handed back when the change is applied.
  std::string context;

  bool leaves_joint() const {
    return transition == ConfChangeTransition::kAuto && steps.empty();
  }
  // Whether it must pass through a joint configuration.
  bool enters_joint() const {
    return transition != ConfChangeTransition::kAuto || steps.size() > 1;
  }
  bool auto_leave() const {
    return transition != ConfChangeTransition::kJointExplicit;
  }

  friend bool operator==(const ConfChange&, const ConfChange&) = default;
};

// The payload of an entry of type kConfChange. A change that ends the joint
// configuration and has no context is the empty payload.
std::string EncodeConfChange(const ConfChange& change);

// InvalidArgument when `bytes` are not what EncodeConfChange makes.
absl::StatusOr<ConfChange> DecodeConfChange(std::string_view bytes);

// No change has more steps than this.
inline constexpr size_t kConfChangeStepsMax = 256;

// "v1 l2 r3", as in the scenario scripts.
std::string DebugString(const ConfChange& change);

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_CONF_CHANGE_H_

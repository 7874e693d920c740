#include "replication/raft/conf_change.h"

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"

namespace trimaran::raft {
namespace {

// On disk and on the wire: never change.
//   transition u8, number of steps varint, {type u8, replica varint}...,
//   context (the rest)
absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed membership change: ", what));
}

}  // namespace

std::string EncodeConfChange(const ConfChange& change) {
  std::string out;
  if (change.leaves_joint() && change.context.empty()) return out;
  ByteWriter writer(out);
  writer.WriteU8(static_cast<uint8_t>(change.transition));
  writer.WriteVarint64(change.steps.size());
  for (const ConfChangeStep& step : change.steps) {
    writer.WriteU8(static_cast<uint8_t>(step.type));
    writer.WriteVarint64(step.replica.value());
  }
  writer.WriteBytes(change.context);
  return out;
}

absl::StatusOr<ConfChange> DecodeConfChange(std::string_view bytes) {
  ConfChange change;
  if (bytes.empty()) return change;
  ByteReader reader(bytes);
  uint8_t transition = 0;
  uint64_t count = 0;
  if (!reader.ReadU8(transition) ||
      transition > static_cast<uint8_t>(ConfChangeTransition::kJointExplicit)) {
    return Malformed("unknown transition");
  }
  if (!reader.ReadVarint64(count) || count > kConfChangeStepsMax) {
    return Malformed("bad number of steps");
  }
  change.transition = static_cast<ConfChangeTransition>(transition);
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t type = 0;
    uint64_t replica = 0;
    if (!reader.ReadU8(type) || !reader.ReadVarint64(replica) ||
        type > static_cast<uint8_t>(ConfChangeType::kRemove)) {
      return Malformed("bad step");
    }
    change.steps.push_back(
        {static_cast<ConfChangeType>(type), ReplicaId(replica)});
  }
  change.context = std::string(reader.rest());
  if (change.leaves_joint() && change.context.empty()) {
    return Malformed("an empty change has an empty encoding");
  }
  return change;
}

std::string DebugString(const ConfChange& change) {
  std::string out;
  for (const ConfChangeStep& step : change.steps) {
    const char letter = step.type == ConfChangeType::kAddVoter     ? 'v'
                        : step.type == ConfChangeType::kAddLearner ? 'l'
                                                                   : 'r';
    absl::StrAppend(&out, out.empty() ? "" : " ", std::string(1, letter),
                    step.replica.value());
  }
  switch (change.transition) {
    case ConfChangeTransition::kAuto:
      if (change.steps.empty()) out += "leave-joint";
      break;
    case ConfChangeTransition::kJointImplicit:
      out += " implicit";
      break;
    case ConfChangeTransition::kJointExplicit:
      out += " explicit";
      break;
  }
  return out;
}

}  // namespace trimaran::raft

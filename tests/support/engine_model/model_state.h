#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/kv/state_machine.h"

namespace trimaran::engine {

struct ModelRow {
  std::string value;
  // The entry that wrote it.
  LogIndex version;
};
using ModelRows = std::map<std::string, ModelRow, std::less<>>;

struct ModelSession {
  // The last entry that used it.
  LogIndex used;
  uint64_t first_unanswered = 1;
  // By sequence.
  std::map<uint64_t, CommandResult> answers;
  // Of its answers, against kKeptBytesMax.
  size_t kept_bytes = 0;
};

// All that a state machine replicates.
//
// Invariants:
//  1. `rows` has exactly the families of `families`.
struct ModelState {
  AppliedState progress;
  RegionState region;
  std::map<std::string, FamilyId, std::less<>> families = {
      {"default", kDefaultFamily}};
  FamilyId last_family = kDefaultFamily;
  std::map<FamilyId, ModelRows> rows = {{kDefaultFamily, {}}};
  SessionId last_session;
  std::map<SessionId, ModelSession> sessions;

  // How much of what the commands of an entry read was handed out: no part of
  // the state, but of doing its next command.
  LogIndex reading_entry;
  size_t read_bytes = 0;
};

// Sets `kept_bytes` to what follows from the answers.
void CountKept(ModelSession& session);

// Does `command`, which stands in `entry`.
CommandResult ApplyCommand(const Command& command, EntryId entry,
                           ModelState& state);

// The group has a new configuration.
void ApplyConfiguration(const ConfState& conf, ModelState& state);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_H_

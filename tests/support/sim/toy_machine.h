#ifndef TRIMARAN_TESTS_SUPPORT_SIM_TOY_MACHINE_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_TOY_MACHINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/payload.h"

namespace trimaran::sim {

inline constexpr size_t kKeyCount = 8;

// One write of a client: the number is unique in a run.
struct Command {
  uint64_t number = 0;
  uint8_t key = 0;
};

// `bytes_min` pads the payload.
Payload EncodeCommand(Command command, size_t bytes_min);
// Nothing for an empty payload.
std::optional<Command> DecodeCommand(const LogEntry& entry);

// Tells entries of different content apart.
uint64_t ContentHash(const LogEntry& entry);

// The replicated state: a register per key, which holds the position of its
// last write, and a hash over everything that was ever applied. Everything is
// decided by the log, so equal positions must mean equal states.
struct MachineState {
  EntryId applied;
  uint64_t hash = 0;
  std::array<LogIndex, kKeyCount> written;
  ConfState conf;

  // `entry` follows `applied`. The configuration is set by whoever applies a
  // change of it.
  void Apply(const LogEntry& entry);

  friend bool operator==(const MachineState&, const MachineState&) = default;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_TOY_MACHINE_H_

#include "engine/base/mutant.h"

#include <cstdlib>

namespace trimaran {

size_t ActiveMutant(absl::Span<const std::string_view> names) {
  const char* active = std::getenv("TRIMARAN_MUTANT");
  if (active == nullptr) return 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == active) return i;
  }
  // One of another list; kill.py knows all of them.
  return 0;
}

namespace engine {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {
    "none",
    "log_ack_before_sync",
    "failed_sync_forgotten",
    "tail_kept_by_reset",
    "boundary_term_forgotten",
    "recycled_before_checkpoint",
    "floor_not_written",
    "loss_not_noticed",
    "applied_index_apart",
    "repeated_command_done_again",
    "sessions_lost_at_restart",
    "session_time_local",
    "sessions_not_exported",
    "export_of_the_live_state",
};
static_assert(sizeof(kNames) / sizeof(kNames[0]) ==
              static_cast<size_t>(Mutant::kExportOfTheLiveState) + 1);

}  // namespace

bool MutantActive(Mutant mutant) {
  static const auto active = static_cast<Mutant>(ActiveMutant(kNames));
  return mutant == active;
}

}  // namespace engine
}  // namespace trimaran

#include "replication/tcp/mutant.h"

#include <cstddef>
#include <string_view>

#include "engine/base/mutant.h"

namespace trimaran {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {
    "none",
    "certified_name_not_compared",
    "sender_taken_from_message",
    "peer_believed_before_group",
    "second_process_welcome",
    "older_connection_kept",
    "unprotected_beyond_loopback",
    "certificate_not_read_again",
    "partial_write_forgotten",
    "send_queue_unbounded",
    "strangers_unbounded",
    "silence_not_noticed",
    "loss_not_told",
    "wrong_store_not_told",
    "part_not_told",
};
static_assert(sizeof(kNames) / sizeof(kNames[0]) ==
              static_cast<size_t>(TcpMutant::kPartNotTold) + 1);

}  // namespace

bool MutantActive(TcpMutant mutant) {
  static const auto active = static_cast<TcpMutant>(ActiveMutant(kNames));
  return mutant == active;
}

}  // namespace trimaran

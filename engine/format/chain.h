#ifndef TRIMARAN_ENGINE_FORMAT_CHAIN_H_
#define TRIMARAN_ENGINE_FORMAT_CHAIN_H_

#include <cstdint>
#include <string_view>

#include "engine/base/log_types.h"

namespace trimaran::engine {

// A fingerprint of the log up to an entry: that of the entry before it, mixed
// with the entry (ExtendChain). Two logs with the same chain at an index hold
// the same entries up to there, and so do a log and a state machine. 0 stands
// before the first entry of a group. It finds damage and divergence, not
// forgery.
struct ChainValue {
  uint64_t value = 0;

  friend constexpr bool operator==(ChainValue, ChainValue) = default;
};

// On disk, and compared between replicas: never change.
//
// Thread: any.
ChainValue ExtendChain(ChainValue before, EntryId id, EntryType type,
                       std::string_view payload);
inline ChainValue ExtendChain(ChainValue before, const LogEntry& entry) {
  return ExtendChain(before, entry.id(), entry.type, entry.payload.bytes());
}

// A place in the log and the chain up to it.
struct LogPosition {
  EntryId id;
  ChainValue chain;

  friend constexpr bool operator==(const LogPosition&,
                                   const LogPosition&) = default;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_CHAIN_H_

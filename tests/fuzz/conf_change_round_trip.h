#ifndef TRIMARAN_TESTS_FUZZ_CONF_CHANGE_ROUND_TRIP_H_
#define TRIMARAN_TESTS_FUZZ_CONF_CHANGE_ROUND_TRIP_H_

#include <string_view>

#include "engine/base/check.h"
#include "replication/raft/conf_change.h"

namespace trimaran::raft {

// Bytes that decode to a membership change are the only ones that do: encoding
// it again gives the same bytes. False if `bytes` are refused.
inline bool CheckConfChangeRoundTrip(std::string_view bytes) {
  const auto change = DecodeConfChange(bytes);
  if (!change.ok()) return false;
  TRIMARAN_CHECK(EncodeConfChange(*change) == bytes) << DebugString(*change);
  return true;
}

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_FUZZ_CONF_CHANGE_ROUND_TRIP_H_

#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STREAM_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STREAM_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "tests/support/engine_model/model_state.h"

// A state as the records of the streams between state machines (FORMAT.md), so
// that a model can be fed to a real store and the other way round.

namespace trimaran::engine {

// Keys and values.
using StateStream = std::map<std::string, std::string, std::less<>>;

StateStream EncodeState(GroupId group, const ModelState& state);

// InvalidArgument if the key is none of a stream of this group, or the value
// is none of this key.
absl::Status CheckRecord(GroupId group, std::string_view key,
                         std::string_view value);

// Corruption if `stream`, all of whose records passed CheckRecord, is no whole
// state.
absl::StatusOr<ModelState> DecodeState(GroupId group,
                                       const StateStream& stream);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STREAM_H_

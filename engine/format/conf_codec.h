#ifndef TRIMARAN_ENGINE_FORMAT_CONF_CODEC_H_
#define TRIMARAN_ENGINE_FORMAT_CONF_CODEC_H_

#include "engine/base/conf_state.h"

// The part that a region's record and a snapshot's manifest have in common.
//
// Thread: any.

namespace trimaran::proto {
class ConfState;
}  // namespace trimaran::proto

namespace trimaran::engine {

void FillConf(const ConfState& conf, proto::ConfState& message);
// Of any message; whether it is valid is asked by whoever decodes the whole.
ConfState ConfOf(const proto::ConfState& message);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_CONF_CODEC_H_

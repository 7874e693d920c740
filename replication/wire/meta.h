#ifndef TRIMARAN_REPLICATION_WIRE_META_H_
#define TRIMARAN_REPLICATION_WIRE_META_H_

#include <string_view>

#include "engine/base/log_types.h"

// What the codecs of metas have in common.
//
// Thread: any.

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

namespace trimaran::wire {

namespace proto {
class EntryId;
}  // namespace proto

// Whether `meta` is the encoding of some `message`.
bool ParseMeta(std::string_view meta, google::protobuf::MessageLite& message);

void FillEntryId(EntryId id, proto::EntryId& message);
EntryId EntryIdOf(const proto::EntryId& message);

}  // namespace trimaran::wire

#endif  // TRIMARAN_REPLICATION_WIRE_META_H_

#include "replication/wire/meta.h"

#include <limits>

#include "engine/base/ids.h"
#include "replication/proto/peer.pb.h"

namespace trimaran::wire {

bool ParseMeta(std::string_view meta, google::protobuf::MessageLite& message) {
  return meta.size() <= std::numeric_limits<int>::max() &&
         message.ParseFromArray(meta.data(), static_cast<int>(meta.size()));
}

void FillEntryId(EntryId id, proto::EntryId& message) {
  message.set_index(id.index.value());
  message.set_term(id.term.value());
}

EntryId EntryIdOf(const proto::EntryId& message) {
  return {LogIndex(message.index()), Term(message.term())};
}

}  // namespace trimaran::wire

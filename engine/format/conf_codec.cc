#include "engine/format/conf_codec.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/proto/record.pb.h"

namespace trimaran::engine {
namespace {

template <typename Field>
void FillIds(const std::vector<ReplicaId>& ids, Field* field) {
  field->Reserve(static_cast<int>(ids.size()));
  for (const ReplicaId id : ids) field->Add(id.value());
}

template <typename Field>
std::vector<ReplicaId> IdsOf(const Field& field) {
  std::vector<ReplicaId> ids;
  ids.reserve(static_cast<size_t>(field.size()));
  for (const uint64_t id : field) ids.emplace_back(id);
  return ids;
}

}  // namespace

void FillConf(const ConfState& conf, proto::ConfState& message) {
  FillIds(conf.voters, message.mutable_voters());
  FillIds(conf.voters_outgoing, message.mutable_voters_outgoing());
  FillIds(conf.learners, message.mutable_learners());
  FillIds(conf.learners_next, message.mutable_learners_next());
  message.set_auto_leave(conf.auto_leave);
}

ConfState ConfOf(const proto::ConfState& message) {
  return {IdsOf(message.voters()), IdsOf(message.voters_outgoing()),
          IdsOf(message.learners()), IdsOf(message.learners_next()),
          message.auto_leave()};
}

}  // namespace trimaran::engine

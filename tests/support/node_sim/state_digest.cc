#include "tests/support/node_sim/state_digest.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status_macros.h"
#include "engine/format/command_result.h"
#include "tests/support/engine_model/model_stream.h"
#include "tests/support/sim/mix.h"

namespace trimaran::node_sim {
namespace {

using engine::CommandResult;
using engine::ModelState;
using sim::Mix;

uint64_t MixText(uint64_t hash, std::string_view text) {
  hash = Mix(hash, text.size());
  for (size_t i = 0; i < text.size(); i += 8) {
    uint64_t word = 0;
    for (size_t j = i; j < std::min(text.size(), i + 8); ++j) {
      word = word << 8 | static_cast<uint8_t>(text[j]);
    }
    hash = Mix(hash, word);
  }
  return hash;
}

uint64_t MixIds(uint64_t hash, const std::vector<ReplicaId>& ids) {
  hash = Mix(hash, ids.size());
  for (const ReplicaId id : ids) hash = Mix(hash, id.value());
  return hash;
}

uint64_t MixConf(uint64_t hash, const ConfState& conf) {
  hash = MixIds(hash, conf.voters);
  hash = MixIds(hash, conf.voters_outgoing);
  hash = MixIds(hash, conf.learners);
  hash = MixIds(hash, conf.learners_next);
  return Mix(hash, conf.auto_leave);
}

uint64_t MixResult(uint64_t hash, const CommandResult& result) {
  hash = Mix(hash, static_cast<uint64_t>(result.status.code()));
  hash = Mix(hash, result.succeeded);
  hash = Mix(hash, result.index.value());
  hash = Mix(hash, result.value);
  hash = Mix(hash, result.reads_dropped);
  for (const auto& read : result.reads) {
    hash = MixText(Mix(hash, read.has_value()), read ? *read : "");
  }
  return hash;
}

uint64_t MixRow(uint64_t hash, std::string_view key, std::string_view value,
                LogIndex version) {
  return Mix(MixText(MixText(hash, key), value), version.value());
}

uint64_t RowsOf(const engine::ModelRows& rows) {
  uint64_t hash = 0;
  for (const auto& [key, row] : rows) {
    hash = MixRow(hash, key, row.value, row.version);
  }
  return hash;
}

uint64_t MixSessions(uint64_t hash, const ModelState& state) {
  hash = Mix(hash, state.last_session.value());
  for (const auto& [id, session] : state.sessions) {
    hash = Mix(Mix(hash, id.value()), session.used.value());
    hash = Mix(hash, session.first_unanswered);
    for (const auto& [sequence, answer] : session.answers) {
      hash = MixResult(Mix(hash, sequence), answer);
    }
  }
  return hash;
}

}  // namespace

StateDigest DigestOf(const ModelState& state) {
  uint64_t hash = state.progress.applied.chain.value;
  hash = Mix(hash, state.progress.applied.id.index.value());
  hash = Mix(hash, state.progress.applied.id.term.value());
  hash = MixConf(hash, state.region.conf);
  hash = Mix(hash, state.region.epoch.conf_version);
  for (const auto& [family, rows] : state.rows) {
    hash = Mix(Mix(Mix(hash, family.value()), rows.size()), RowsOf(rows));
  }
  hash = MixSessions(hash, state);
  return {.rows = RowsOf(state.rows.at(engine::kDefaultFamily)), .all = hash};
}

ObservedState Observe(const ModelState& state) {
  return {.applied = state.progress.applied,
          .conf = state.region.conf,
          .digest = DigestOf(state)};
}

absl::StatusOr<ObservedState> ObserveRows(const engine::StateMachine& machine) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<engine::ReadView> view,
                            machine.NewView());
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<engine::RowIterator> row,
      view->NewIterator(engine::kDefaultFamily, engine::IterationBounds()));
  ObservedState seen{
      .applied = view->position(), .conf = machine.region().conf, .digest = {}};
  for (row->SeekToFirst(); row->valid(); row->Next()) {
    seen.digest.rows =
        MixRow(seen.digest.rows, row->key(), row->value(), row->version());
  }
  TRIMARAN_RETURN_IF_ERROR(row->status());
  return seen;
}

absl::StatusOr<ObservedState> ObserveAll(GroupId group,
                                         engine::StateMachine& machine) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<engine::StateExport> source,
                            machine.NewExport());
  engine::StateStream stream;
  engine::StateRecord record;
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool found, source->Next(record));
    if (!found) break;
    stream.emplace(record.key, record.value);
  }
  TRIMARAN_ASSIGN_OR_RETURN(const ModelState state,
                            engine::DecodeState(group, stream));
  return Observe(state);
}

}  // namespace trimaran::node_sim

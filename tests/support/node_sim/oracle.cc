#include "tests/support/node_sim/oracle.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/format/command.h"
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

}  // namespace

uint64_t DigestOf(const ModelState& state) {
  uint64_t hash = state.progress.applied.chain.value;
  hash = Mix(hash, state.progress.applied.id.index.value());
  hash = Mix(hash, state.progress.applied.id.term.value());
  hash = MixConf(hash, state.region.conf);
  hash = Mix(hash, state.region.epoch.conf_version);
  hash = Mix(hash, state.last_session.value());
  for (const auto& [family, rows] : state.rows) {
    hash = Mix(Mix(hash, family.value()), rows.size());
    for (const auto& [key, row] : rows) {
      hash = MixText(MixText(hash, key), row.value);
      hash = Mix(hash, row.version.value());
    }
  }
  for (const auto& [id, session] : state.sessions) {
    hash = Mix(Mix(hash, id.value()), session.used.value());
    hash = Mix(hash, session.first_unanswered);
    for (const auto& [sequence, answer] : session.answers) {
      hash = MixResult(Mix(hash, sequence), answer);
    }
  }
  return hash;
}

Oracle::Oracle(const ModelState& start, Findings& findings)
    : findings_(findings),
      start_(start.progress.applied.id.index),
      state_(start) {
  places_.push_back({state_.progress.applied.id, DigestOf(state_)});
  confs_.emplace_back(start_, state_.region.conf);
}

size_t Oracle::Offset(LogIndex index) const {
  TRIMARAN_CHECK_GE(index, start_);
  TRIMARAN_CHECK_LE(index, applied());
  return index - start_;
}

void Oracle::OnState(ReplicaId replica, const ModelState& state,
                     const engine::ModelLogImage& log) {
  const EntryId at = state.progress.applied.id;
  // Somebody who has not got anything yet.
  if (at.index < start_) return;
  if (!Advance(replica, state, log)) return;
  const Place& known = places_[Offset(at.index)];
  if (known.id == at && known.digest == DigestOf(state)) return;
  findings_.Report(Rule::kEqualStates,
                   absl::StrCat("the state of replica ", replica.value(),
                                " at ", at.index.value(), "/", at.term.value(),
                                " differs from what the log makes of it (term ",
                                known.id.term.value(), ")"));
}

bool Oracle::Advance(ReplicaId replica, const ModelState& state,
                     const engine::ModelLogImage& log) {
  const LogIndex last = state.progress.applied.id.index;
  while (applied() < last) {
    const LogIndex next = applied() + 1;
    if (next <= log.boundary.id.index || next > log.last().id.index) {
      findings_.Report(
          Rule::kEqualStates,
          absl::StrCat("replica ", replica.value(), " has applied ",
                       last.value(), ", but nobody has ", next.value(),
                       ": its log is durable from ",
                       log.boundary.id.index.value(), " to ",
                       log.last().id.index.value()));
      return false;
    }
    const LogEntry& entry = log.items[(next - log.boundary.id.index) - 1].entry;
    // The applier takes a change of membership by itself.
    if (entry.type == EntryType::kConfChange && next != last) {
      findings_.Report(Rule::kEqualStates,
                       absl::StrCat("a change of membership at ", next.value(),
                                    " is applied with others"));
      return false;
    }
    Apply(entry);
    if (entry.type == EntryType::kConfChange) {
      engine::ApplyConfiguration(state.region.conf, state_);
      confs_.emplace_back(next, state.region.conf);
    }
    places_.push_back({entry.id(), DigestOf(state_)});
  }
  return !findings_.any();
}

void Oracle::Apply(const LogEntry& entry) {
  if (entry.type == EntryType::kNormal && !entry.payload.empty()) {
    const auto commands = engine::DecodeEntry(entry.payload.bytes());
    TRIMARAN_CHECK(commands.ok()) << commands.status().ToString();
    for (const engine::Command& command : *commands) Do(command, entry.id());
  }
  engine::LogPosition& applied = state_.progress.applied;
  applied = {entry.id(), engine::ExtendChain(applied.chain, entry)};
}

void Oracle::Do(const engine::Command& command, EntryId entry) {
  const CommandResult result = engine::ApplyCommand(command, entry, state_);
  const auto* write = std::get_if<engine::WriteCommand>(&command.body);
  if (write == nullptr || result.repeated || !result.status.ok()) return;
  NoteEffect(*write, result);
}

void Oracle::NoteEffect(const engine::WriteCommand& write,
                        const CommandResult& result) {
  const uint64_t op = OpIdOf(write);
  const auto [known, first] =
      effects_.emplace(op, Effect{result.index, result});
  if (!first) {
    findings_.Report(Rule::kExactlyOnce,
                     absl::StrCat("op ", op, " takes effect at ",
                                  known->second.index.value(), " and again at ",
                                  result.index.value()));
  }
  if (!result.succeeded) return;
  const engine::ModelRows& rows = state_.rows.at(engine::kDefaultFamily);
  const auto note = [&](std::string_view key) {
    const auto row = rows.find(key);
    RowValue value;
    if (row != rows.end()) value = row->second.value;
    rows_[std::string(key)].emplace_back(result.index, std::move(value));
  };
  for (const engine::Operation& operation : write.operations) {
    if (const auto* put = std::get_if<engine::PutOp>(&operation)) {
      note(put->key);
    } else if (const auto* erase = std::get_if<engine::DeleteOp>(&operation)) {
      note(erase->key);
    }
  }
}

size_t Oracle::ConfPlace(LogIndex index) const {
  size_t place = confs_.size() - 1;
  while (place > 0 && confs_[place].first > index) --place;
  return place;
}

const ConfState& Oracle::ConfAt(LogIndex index) const {
  return confs_[ConfPlace(index)].second;
}

const ConfState& Oracle::ConfBefore(LogIndex index) const {
  const size_t place = ConfPlace(index);
  return confs_[place > 0 ? place - 1 : 0].second;
}

RowValue Oracle::ValueAt(std::string_view key, LogIndex index) const {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return {};
  const auto& versions = row->second;
  const auto after = std::upper_bound(
      versions.begin(), versions.end(), index,
      [](LogIndex at, const auto& version) { return at < version.first; });
  return after == versions.begin() ? RowValue() : std::prev(after)->second;
}

const Oracle::Effect* Oracle::EffectOf(uint64_t op_id) const {
  const auto found = effects_.find(op_id);
  return found == effects_.end() ? nullptr : &found->second;
}

}  // namespace trimaran::node_sim

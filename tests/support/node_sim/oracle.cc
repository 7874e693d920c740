#include "tests/support/node_sim/oracle.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/format/command.h"

namespace trimaran::node_sim {
namespace {

using engine::CommandResult;
using engine::ModelState;

}  // namespace

Oracle::Oracle(const ModelState& start, Findings& findings)
    : findings_(findings),
      start_(start.progress.applied.id.index),
      state_(start) {
  places_.push_back({state_.progress.applied, DigestOf(state_)});
  confs_.emplace_back(start_, state_.region.conf);
}

size_t Oracle::Offset(LogIndex index) const {
  TRIMARAN_CHECK_GE(index, start_);
  TRIMARAN_CHECK_LE(index, applied());
  return index - start_;
}

void Oracle::OnState(ReplicaId replica, const ObservedState& state,
                     const engine::ModelLogImage& log) {
  const EntryId at = state.applied.id;
  // Somebody who has not got anything yet.
  if (at.index < start_) return;
  if (!Advance(replica, state, log)) return;
  const Place& known = places_[Offset(at.index)];
  const char* what = nullptr;
  if (known.position != state.applied) {
    what = "log";
  } else if (state.conf != ConfAt(at.index)) {
    what = "configuration";
  } else if (state.digest.rows != known.digest.rows) {
    what = "rows";
  } else if (state.digest.all && state.digest.all != known.digest.all) {
    what = "state";
  }
  if (what == nullptr) return;
  findings_.Report(Rule::kEqualStates,
                   absl::StrCat("the ", what, " of replica ", replica.value(),
                                " at ", at.index.value(), "/", at.term.value(),
                                " differs from what the log makes of it (term ",
                                known.position.id.term.value(), ")"));
}

bool Oracle::Advance(ReplicaId replica, const ObservedState& state,
                     const engine::ModelLogImage& log) {
  const LogIndex last = state.applied.id.index;
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
      engine::ApplyConfiguration(state.conf, state_);
      confs_.emplace_back(next, state.conf);
    }
    places_.push_back({state_.progress.applied, DigestOf(state_)});
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

size_t Oracle::voters_min() const {
  size_t least = SIZE_MAX;
  for (const auto& [since, conf] : confs_) {
    least = std::min(least, conf.voters.size());
  }
  return least;
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

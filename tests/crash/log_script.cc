#include "tests/crash/log_script.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "tests/crash/scenario.h"

namespace trimaran::crash {
namespace {

using engine::LogPosition;
using engine::LogState;

std::string Text(EntryId id) {
  return absl::StrCat(id.index.value(), "/", id.term.value());
}

std::string Text(const HardState& state) {
  return absl::StrCat("{term ", state.term.value(), ", vote ",
                      state.vote.value(), ", commit ", state.commit.value(),
                      "}");
}

// Mostly short, sometimes several sectors or pages.
std::string DrawPayload(Random& random) {
  size_t size = static_cast<size_t>(random.Uniform(200));
  if (random.OneIn(6)) size = static_cast<size_t>(random.Uniform(3000));
  if (random.OneIn(40)) size = static_cast<size_t>(random.Uniform(20000));
  std::string payload;
  while (payload.size() < size) {
    payload += absl::StrCat(random.Next(), ".");
  }
  payload.resize(size);
  return payload;
}

LogEntry DrawEntry(LogIndex index, Term term, Random& random) {
  const EntryType type =
      random.OneIn(20) ? EntryType::kConfChange : EntryType::kNormal;
  return {index, term, type, Payload(DrawPayload(random))};
}

absl::Status CompareState(const LogState& state, const LogModel& model) {
  if (state.owed.has_value()) {
    return Violation(absl::StrCat("it owes entry ", Text(*state.owed)));
  }
  if (state.generation != model.generation) {
    return Violation(absl::StrCat("generation ", state.generation,
                                  " rather than ", model.generation));
  }
  if (state.hard_state != model.hard_state) {
    return Violation(absl::StrCat("hard state ", Text(state.hard_state),
                                  " rather than ", Text(model.hard_state)));
  }
  if (state.last != model.last()) {
    return Violation(absl::StrCat("it ends at ", Text(state.last.id),
                                  " rather than ", Text(model.last().id)));
  }
  const LogIndex boundary = state.boundary.id.index;
  if (boundary < model.base.id.index ||
      boundary > std::max(model.base.id.index, model.recycled) ||
      state.boundary != model.PositionAt(boundary)) {
    return Violation(absl::StrCat("it begins behind ", Text(state.boundary.id),
                                  "; recycled up to ", model.recycled.value()));
  }
  return absl::OkStatus();
}

absl::Status CompareEntries(const engine::LogStore& log,
                            const LogModel& model) {
  // Small pieces, so that reads begin and end anywhere.
  const engine::ReadLimits limits{2000, 7};
  const LogIndex end = model.last().id.index + 1;
  for (LogIndex next = log.truncated() + 1; next < end;) {
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> read,
                              log.Entries(next, end, limits));
    for (const LogEntry& entry : read) {
      const size_t place =
          static_cast<size_t>(entry.index - model.base.id.index) - 1;
      if (entry.index != next || !(entry == model.entries[place])) {
        return Violation(absl::StrCat("entry ", next.value(), " is ",
                                      Text(entry.id()), ", ",
                                      entry.payload.size(), " bytes"));
      }
      TRIMARAN_ASSIGN_OR_RETURN(const Term term, log.TermAt(next));
      if (term != entry.term) {
        return Violation(absl::StrCat("term of ", next.value()));
      }
      ++next;
    }
  }
  return absl::OkStatus();
}

absl::Status CompareSummaries(const engine::LogStore& log,
                              const LogModel& model) {
  std::vector<TermRun> runs;
  std::vector<LogIndex> changes;
  for (const LogEntry& entry : model.entries) {
    if (entry.index <= log.truncated()) continue;
    if (runs.empty() || runs.back().term != entry.term) {
      runs.push_back({entry.index, entry.term});
    }
    if (entry.type == EntryType::kConfChange) changes.push_back(entry.index);
  }
  if (log.TermsAfter(log.truncated()) != runs) return Violation("term runs");
  if (log.ConfChangesAfter(log.truncated()) != changes) {
    return Violation("changes of membership");
  }
  return absl::OkStatus();
}

}  // namespace

LogPosition LogModel::last() const {
  return PositionAt(base.id.index + entries.size());
}

LogPosition LogModel::PositionAt(LogIndex index) const {
  if (index == base.id.index) return base;
  const size_t place = static_cast<size_t>(index - base.id.index) - 1;
  TRIMARAN_CHECK_LT(place, entries.size());
  return {entries[place].id(), chains[place]};
}

void LogModel::Append(const std::vector<LogEntry>& added) {
  if (added.empty()) return;
  const size_t kept =
      static_cast<size_t>(added.front().index - base.id.index) - 1;
  entries.resize(kept);
  chains.resize(kept);
  engine::ChainValue chain = last().chain;
  for (const LogEntry& entry : added) {
    chain = engine::ExtendChain(chain, entry);
    entries.push_back(entry);
    chains.push_back(chain);
  }
}

LogScript::LogScript(uint64_t seed, size_t step_count) : models_(1) {
  SeededRandom random(seed);
  LogStep create;
  create.kind = LogStepKind::kCreate;
  create.reset = {
      {{LogIndex(5), Term(5)}, {}}, {Term(5), kNoReplica, LogIndex(5)}, 1};
  Add(create);
  while (size() < step_count) {
    const uint64_t choice = random.Uniform(40);
    LogStep step;
    if (choice < 20) {
      step = DrawAppend(random, false);
    } else if (choice < 25) {
      step = DrawAppend(random, true);
    } else if (choice < 29) {
      step = DrawHardState(random);
    } else if (choice < 36) {
      step = DrawRecycle(random);
    } else if (choice < 37) {
      step = DrawReset(random);
    } else {
      step.kind = choice < 39 ? LogStepKind::kFlush : LogStepKind::kReopen;
    }
    Add(std::move(step));
  }
}

const LogStep& LogScript::step(uint64_t number) const {
  TRIMARAN_CHECK(number >= 1 && number <= steps_.size());
  return steps_[static_cast<size_t>(number) - 1];
}

const LogModel& LogScript::after(uint64_t number) const {
  TRIMARAN_CHECK_LT(number, models_.size());
  return models_[static_cast<size_t>(number)];
}

uint64_t LogScript::LastPromise(uint64_t done) const {
  while (done > 0 && !step(done).IsPromise()) --done;
  return done;
}

absl::StatusOr<uint64_t> LogScript::Find(const engine::LogStore& log,
                                         uint64_t first, uint64_t end) const {
  absl::Status difference = Violation("no step is allowed");
  for (uint64_t number = first; number < end; ++number) {
    LogModel model = after(number);
    // Space may have been given back by a later step.
    for (uint64_t later = number + 1; later < end; ++later) {
      if (after(later).base != model.base) break;
      model.recycled = std::min(after(later).recycled, model.last().id.index);
    }
    difference = CompareWithModel(log, model);
    if (difference.ok()) return number;
  }
  return difference;
}

void LogScript::Add(LogStep step) {
  LogModel model = models_.back();
  switch (step.kind) {
    case LogStepKind::kCreate:
    case LogStepKind::kReset:
      model = {step.reset.position,
               {},
               {},
               step.reset.hard_state,
               step.reset.generation,
               step.reset.position.id.index};
      break;
    case LogStepKind::kAppend:
      model.Append(step.entries);
      if (step.hard_state.has_value()) model.hard_state = *step.hard_state;
      break;
    case LogStepKind::kRecycle:
      model.recycled = std::max(model.recycled, step.recycle_to);
      break;
    case LogStepKind::kFlush:
    case LogStepKind::kReopen:
      break;
  }
  steps_.push_back(std::move(step));
  models_.push_back(std::move(model));
}

// A conflict replaces some of what is not committed by entries of a new term.
LogStep LogScript::DrawAppend(Random& random, bool conflict) {
  const LogModel& model = models_.back();
  LogStep step;
  const LogIndex committed = std::max(model.hard_state.commit, model.recycled);
  LogIndex next = model.last().id.index + 1;
  if (conflict) {
    term_ = term_ + 1;
    next = next - random.Uniform(std::min<uint64_t>(next - committed, 9));
  } else if (random.OneIn(15)) {
    term_ = term_ + 1;
  }
  const uint64_t count = 1 + random.Uniform(random.OneIn(5) ? 20 : 4);
  Term term = term_;
  if (conflict && random.OneIn(2)) {
    // A new leader's old entries, which may be older than what they replace.
    const Term before = model.PositionAt(next - 1).id.term;
    term = before + random.Uniform(term_.value() - before.value() + 1);
  }
  for (uint64_t i = 0; i < count; ++i) {
    step.entries.push_back(DrawEntry(next + i, term, random));
  }
  const bool is_new_term = model.hard_state.term != term_;
  if (is_new_term || random.OneIn(3)) {
    step.hard_state = HardState{
        term_,
        is_new_term ? ReplicaId(random.Uniform(4)) : model.hard_state.vote,
        committed + random.Uniform(next - committed)};
  }
  step.must_sync = !random.OneIn(6);
  return step;
}

LogStep LogScript::DrawHardState(Random& random) {
  const LogModel& model = models_.back();
  LogStep step;
  HardState state = model.hard_state;
  step.must_sync = random.OneIn(2);
  if (step.must_sync) {
    term_ = std::max(term_, state.term) + 1;
    state.term = term_;
    state.vote = ReplicaId(1 + random.Uniform(3));
  } else {
    const LogIndex last = model.last().id.index;
    state.commit = state.commit + random.Uniform(last - state.commit + 1);
  }
  step.hard_state = state;
  return step;
}

// A snapshot ahead of the log, or inside of it.
LogStep LogScript::DrawReset(Random& random) {
  const LogModel& model = models_.back();
  LogStep step;
  step.kind = LogStepKind::kReset;
  const LogIndex index = model.hard_state.commit + 1 + random.Uniform(60);
  const Term committed = model.PositionAt(model.hard_state.commit).id.term;
  term_ = term_ + 1;
  const Term term =
      committed + random.Uniform(term_.value() - committed.value() + 1);
  step.reset.position = {{index, term}, {random.Next()}};
  step.reset.hard_state = {term_, kNoReplica, index};
  step.reset.generation = model.generation + 1;
  return step;
}

LogStep LogScript::DrawRecycle(Random& random) {
  const LogModel& model = models_.back();
  LogStep step;
  step.kind = LogStepKind::kRecycle;
  const uint64_t committed =
      std::max(model.hard_state.commit, model.recycled) - model.recycled;
  step.recycle_to =
      model.recycled +
      (random.OneIn(3) ? committed : random.Uniform(committed + 1));
  return step;
}

absl::Status CompareWithModel(const engine::LogStore& log,
                              const LogModel& model) {
  TRIMARAN_RETURN_IF_ERROR(CompareState(log.state(), model));
  TRIMARAN_RETURN_IF_ERROR(CompareEntries(log, model));
  return CompareSummaries(log, model);
}

LogStep NextBatch(const LogModel& model, size_t count) {
  LogStep step;
  const Term term = std::max(model.hard_state.term, model.last().id.term) + 1;
  for (size_t i = 0; i < count; ++i) {
    const LogIndex index = model.last().id.index + 1 + i;
    step.entries.push_back(
        {index, term, EntryType::kNormal, Payload(std::string(1500, 'n'))});
  }
  step.hard_state = HardState{term, ReplicaId(1), model.hard_state.commit};
  step.must_sync = true;
  return step;
}

}  // namespace trimaran::crash

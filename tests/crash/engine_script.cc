#include "tests/crash/engine_script.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/snapshot/installer.h"
#include "tests/crash/scenario.h"

namespace trimaran::crash {
namespace {

// What the story can use, and what going on after a crash needs.
constexpr uint64_t kEntriesPerStep = 4;
constexpr uint64_t kEntriesToSpare = 60;

}  // namespace

EngineScript::EngineScript(uint64_t seed, size_t step_count)
    : history_(seed, kEntriesPerStep * step_count + kEntriesToSpare),
      models_(1) {
  SeededRandom random(seed);
  EngineStep found;
  found.kind = EngineStepKind::kFound;
  Add(std::move(found));
  while (size() < step_count) Add(Draw(random));
}

const EngineStep& EngineScript::step(uint64_t number) const {
  TRIMARAN_CHECK(number >= 1 && number <= steps_.size());
  return steps_[static_cast<size_t>(number) - 1];
}

const EngineModel& EngineScript::after(uint64_t number) const {
  TRIMARAN_CHECK_LT(number, models_.size());
  return models_[static_cast<size_t>(number)];
}

engine::AppliedState EngineScript::AppliedAt(LogIndex index,
                                             EntryId base) const {
  engine::AppliedState state = history_.applied(index);
  if (state.truncated.index < base.index) state.truncated = base;
  return state;
}

absl::StatusOr<uint64_t> EngineScript::Find(const engine::LogStore& log,
                                            uint64_t first,
                                            uint64_t end) const {
  absl::Status difference = Violation("no step is allowed");
  for (uint64_t number = first; number < end; ++number) {
    LogModel model = after(number).log;
    // Space may have been given back by a later step.
    for (uint64_t later = number + 1; later < end; ++later) {
      if (after(later).log.base != model.base) break;
      model.recycled =
          std::min(after(later).log.recycled, model.last().id.index);
    }
    difference = CompareWithModel(log, model);
    if (difference.ok()) return number;
  }
  return difference;
}

EngineScript::Bounds EngineScript::AppliedBounds(uint64_t found, uint64_t done,
                                                 uint64_t begun) const {
  const uint64_t generation = after(found).log.generation;
  Bounds bounds;
  // Of the other generation, all that is known is where it began.
  bounds.least = after(done).log.generation == generation
                     ? after(done).durable
                     : after(found).log.base.id.index;
  bounds.most = after(begun).log.generation == generation
                    ? after(begun).applied
                    : after(begun - 1).applied;
  // An earlier recovery may have applied all that is committed.
  bounds.most = std::max(bounds.most, after(found).log.hard_state.commit);
  return bounds;
}

PromisedSnapshots EngineScript::SnapshotsPromised(uint64_t done,
                                                  uint64_t begun) const {
  if (done == 0) return {};
  PromisedSnapshots promised = after(done).snapshots;
  if (begun == done) return promised;
  switch (step(begun).kind) {
    case EngineStepKind::kWriteSnapshot:
      promised.outgoing.reset();
      break;
    case EngineStepKind::kInstall:
      promised.received.reset();
      break;
    case EngineStepKind::kCleanSnapshots:
      promised = {};
      break;
    default:
      break;
  }
  return promised;
}

void EngineScript::Add(EngineStep step) {
  EngineModel model = models_.back();
  switch (step.kind) {
    case EngineStepKind::kFound: {
      const EntryId start = engine::kBootstrapPosition;
      model.log.base = {start, {}};
      model.log.hard_state = {start.term, kNoReplica, start.index};
      model.log.generation = 1;
      model.log.recycled = start.index;
      model.agreed = model.applied = model.durable = start.index;
      break;
    }
    case EngineStepKind::kAppend: {
      const LogEntry& first = step.entries.front();
      model.log.Append(step.entries);
      model.log.hard_state = step.hard_state;
      model.agreed = std::min(model.agreed, first.index - 1);
      if (first.term.value() % 2 == 0) model.agreed = model.log.last().id.index;
      break;
    }
    case EngineStepKind::kApply:
      model.applied = step.index;
      break;
    case EngineStepKind::kWriteSnapshot:
      model.snapshots.outgoing = step.index;
      model.durable = model.applied;
      break;
    case EngineStepKind::kCheckpoint:
    case EngineStepKind::kReopen:
      model.durable = model.applied;
      break;
    case EngineStepKind::kRecycle:
      model.log.recycled =
          std::max(model.log.recycled,
                   std::min(model.durable,
                            history_.applied(model.applied).truncated.index));
      break;
    case EngineStepKind::kInstall: {
      const engine::LogPosition position = history_.applied(step.index).applied;
      model.log = {
          position,
          {},
          {},
          engine::HardStateAfterInstall(model.log.hard_state, position.id),
          model.log.generation + 1,
          step.index};
      model.agreed = model.applied = model.durable = step.index;
      model.snapshots.received.reset();
      break;
    }
    case EngineStepKind::kReceive:
      model.snapshots.received = step.index;
      break;
    case EngineStepKind::kCleanSnapshots:
      model.snapshots = {};
      break;
    case EngineStepKind::kCollectGarbage:
      break;
  }
  steps_.push_back(std::move(step));
  models_.push_back(std::move(model));
}

EngineStep EngineScript::Draw(Random& random) {
  const EngineModel& model = models_.back();
  EngineStep step;
  const std::optional<LogIndex> received = model.snapshots.received;
  if (received.has_value() && *received > model.log.hard_state.commit &&
      random.OneIn(2)) {
    step.kind = EngineStepKind::kInstall;
    step.index = *received;
    return step;
  }
  const uint64_t choice = random.Uniform(100);
  if (choice < 45) return DrawAppend(random);
  if (choice < 65) {
    step.kind = EngineStepKind::kApply;
    const uint64_t ready = model.log.hard_state.commit - model.applied;
    step.index =
        model.applied + (random.OneIn(3) ? ready : random.Uniform(ready + 1));
    // Nothing to apply: a checkpoint is as good.
    if (step.index == model.applied) step.kind = EngineStepKind::kCheckpoint;
    return step;
  }
  if (choice < 85) {
    step.kind = choice < 73   ? EngineStepKind::kCheckpoint
                : choice < 82 ? EngineStepKind::kRecycle
                              : EngineStepKind::kCollectGarbage;
  } else if (choice < 90) {
    step.kind = EngineStepKind::kReceive;
    step.index = model.log.hard_state.commit + 3 + random.Uniform(10);
    snapshots_.emplace(step.index, history_.SnapshotAt(step.index));
  } else {
    step.kind = choice < 95   ? EngineStepKind::kWriteSnapshot
                : choice < 97 ? EngineStepKind::kCleanSnapshots
                              : EngineStepKind::kReopen;
    step.index = model.applied;
  }
  return step;
}

EngineStep EngineScript::DrawAppend(Random& random) {
  const EngineModel& model = models_.back();
  EngineStep step;
  const LogIndex last = model.log.last().id.index;
  const LogIndex commit = model.log.hard_state.commit;
  Term term = model.log.hard_state.term;
  const uint64_t count = 1 + random.Uniform(6);
  if (last == model.agreed && random.OneIn(6)) {
    // Of a leader that is going to lose its place.
    const Term lost = model.log.last().id.term + 1;
    for (uint64_t i = 1; i <= count; ++i) {
      step.entries.push_back(
          {last + i, lost, EntryType::kNormal, Payload(std::string(700, 'x'))});
    }
    term = std::max(term, lost);
  } else {
    for (uint64_t i = 1; i <= count; ++i) {
      step.entries.push_back(history_.entry(model.agreed + i));
    }
    term = std::max(term, step.entries.back().term);
  }
  const LogIndex agreed = std::max(commit, model.agreed);
  step.hard_state = {term,
                     term == model.log.hard_state.term
                         ? model.log.hard_state.vote
                         : ReplicaId(random.Uniform(3)),
                     commit + random.Uniform(agreed - commit + 1)};
  return step;
}

}  // namespace trimaran::crash

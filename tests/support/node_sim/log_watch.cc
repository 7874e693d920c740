#include "tests/support/node_sim/log_watch.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran::node_sim {
namespace {

std::string Shown(const engine::LogPosition& last, const HardState& state,
                  uint64_t generation) {
  return absl::StrCat("a log up to ", last.id.index.value(), "/",
                      last.id.term.value(), ", chain ", last.chain.value,
                      ", in term ", state.term.value(), ", vote ",
                      state.vote.value(), ", commit ", state.commit.value(),
                      ", generation ", generation);
}

}  // namespace

absl::Status LogWatch::Append(const engine::LogBatch& batch) {
  absl::Status result = log_.Append(batch);
  // An error that leaves nothing unknown has done nothing.
  if (!result.ok() && log_.failure().ok()) return result;
  model_.Write(engine::LogAppend{{batch.entries.begin(), batch.entries.end()},
                                 batch.hard_state});
  if (result.ok() && batch.must_sync) model_.Sync();
  return result;
}

absl::Status LogWatch::Reset(const engine::LogReset& reset) {
  absl::Status result = log_.Reset(reset);
  if (!result.ok() && log_.failure().ok()) return result;
  model_.Write(reset);
  if (result.ok()) model_.Sync();
  return result;
}

absl::Status LogWatch::Flush() {
  TRIMARAN_RETURN_IF_ERROR(log_.Flush());
  model_.Sync();
  return absl::OkStatus();
}

absl::Status LogWatch::Owe(EntryId owed) {
  TRIMARAN_RETURN_IF_ERROR(log_.Owe(owed));
  model_.Owe(owed);
  return absl::OkStatus();
}

absl::StatusOr<bool> LogWatch::RecycleStep(LogIndex bound) {
  absl::StatusOr<bool> more = log_.RecycleStep(bound);
  if (more.ok()) model_.Recycle(log_.state().boundary.id.index);
  return more;
}

absl::Status SettleAfterCrash(const engine::LogStore& log,
                              engine::ModelLogDisk& model) {
  const engine::LogState found = log.state();
  for (size_t kept = 0; kept <= model.unsynced(); ++kept) {
    const engine::ModelLogImage image = model.AfterCrash(kept);
    if (image.last() != found.last || image.generation != found.generation ||
        !(image.hard_state == found.hard_state)) {
      continue;
    }
    model.CrashKeeping(kept);
    // A piece of recycling may have been done that nobody was told of.
    model.Recycle(found.boundary.id.index);
    // One more, if it had come to the term that was to pay.
    if (model.owed() && model.owed()->term <= image.hard_state.term) {
      model.Owe({model.owed()->index, image.hard_state.term + 1});
    }
    if (model.owed() == found.owed) return absl::OkStatus();
    return CorruptionError(absl::StrCat(
        "the log owes entries up to ",
        found.owed ? found.owed->index.value() : 0, ", and should up to ",
        model.owed() ? model.owed()->index.value() : 0));
  }
  const engine::ModelLogImage& durable = model.durable();
  return CorruptionError(absl::StrCat(
      "a crash has left ",
      Shown(found.last, found.hard_state, found.generation), ", where ",
      Shown(durable.last(), durable.hard_state, durable.generation),
      " was durable"));
}

absl::Status SettleAfterDamage(const engine::LogStore& log,
                               engine::ModelLogDisk& model) {
  const engine::LogState found = log.state();
  for (size_t kept = model.unsynced() + 1; kept-- > 0;) {
    engine::ModelLogImage image = model.AfterCrash(kept);
    const auto last = image.PositionAt(found.last.id.index);
    if (last != found.last || image.generation != found.generation ||
        image.hard_state.term != found.hard_state.term ||
        image.hard_state.vote != found.hard_state.vote) {
      continue;
    }
    while (image.last() != found.last) image.items.pop_back();
    image.hard_state.commit = found.hard_state.commit;
    std::optional<EntryId> owed = model.owed();
    if (found.owed) owed = found.owed;
    model.Replace(std::move(image));
    model.Recycle(found.boundary.id.index);
    if (owed) model.Owe(*owed);
    return absl::OkStatus();
  }
  const engine::ModelLogImage& durable = model.durable();
  return CorruptionError(absl::StrCat(
      "damage has made ", Shown(found.last, found.hard_state, found.generation),
      " of ", Shown(durable.last(), durable.hard_state, durable.generation)));
}

}  // namespace trimaran::node_sim

#include <iterator>
#include <utility>

#include "tests/support/node_sim/sim_group.h"

// An operator copies the directory of a replica that is down, and opens the
// copy when the original is up again, under the same name.
//
// Both are the same to any node; what keeps them apart are the connections, and
// those only as long as the original answers. So the copy is ended before the
// original is, or is paused, whatever ends it; and it stands where the original
// stands, so that there is nobody whom it alone would reach. Nothing else is
// asked of the group, but that nobody was ever its only voter: that one's copy
// would need nobody.

namespace trimaran::node_sim {

void SimGroup::HarmByCopies() {
  if (!copy_random_.Chance(world_.options.nemesis.copy_ppm)) return;
  SimHost& original = *hosts_[copy_random_.Uniform(hosts_.size())];
  if (!original.serving()) return;
  SimHost* copy = copies_.Of(original.id());
  if (copy == nullptr) {
    Crash(original);
    return StartLater(original);
  }
  if (!copy->up() && NeedsOthers(*copy)) OpenCopy(*copy);
}

void SimGroup::CopyDirectory(const SimHost& host) {
  if (!faults_ || world_.options.nemesis.copy_ppm == 0) return;
  // What it is copied for is not damage.
  if (host.suspect()) return;
  const SimHost* copy = copies_.Of(host.id());
  if (copy == nullptr) return copies_.Take(host);
  // One of an earlier term cannot be kept.
  const bool older =
      copy->durable_log().hard_state.term < host.durable_log().hard_state.term;
  if (copy_random_.OneIn(older ? 2 : 4)) copies_.Take(host);
}

bool SimGroup::NeedsOthers(const SimHost& copy) const {
  // It may be the first to apply what it knows to be committed.
  const LogIndex commit = copy.durable_log().hard_state.commit;
  return commit <= world_.oracle.applied() && world_.oracle.voters_min() > 1;
}

void SimGroup::OpenCopy(SimHost& copy) {
  ++world_.stats.copies_opened;
  copy.Start();
  constexpr SimTime means[] = {20 * sim::kMillisecond, 200 * sim::kMillisecond,
                               2 * sim::kSecond};
  const sim::Latency open{0, means[copy_random_.Uniform(std::size(means))]};
  world_.scheduler.After(open.Draw(copy_random_),
                         [this, &copy, life = copy.lives()] {
                           if (!copy.serving() || copy.lives() != life) return;
                           CloseCopy(copy);
                         });
}

void SimGroup::CloseCopy(SimHost& copy) {
  SimHost& original = *hosts_[copy.id().value() - 1];
  switch (copy_random_.Uniform(4)) {
    case 0:
      return EndCopyOf(original);
    case 1:
      return KeepCopyOf(original, copy);
    default:
      Stop(copy, [] {});
  }
}

void SimGroup::EndCopyOf(const SimHost& original) {
  SimHost* copy = copies_.Of(original.id());
  if (copy == nullptr || !copy->up()) return;
  copy->Crash();
  clients_.OnGone(*copy);
}

void SimGroup::KeepCopyOf(SimHost& original, const SimHost& copy) {
  // As with other operators.
  const bool bearable = world_.options.nemesis.operator_ppm > 0 &&
                        !original.failed() && !IsInTrouble();
  Crash(original);
  if (bearable && CanContinueFrom(original, copy)) {
    (void)original.ContinueFrom(copy);
  }
  StartLater(original);
}

bool SimGroup::CanContinueFrom(const SimHost& original,
                               const SimHost& copy) const {
  // Nothing is lost with a log that ends where the other one does.
  const EntryId last = original.durable_log().last().id;
  if (copy.durable_log().last().id == last) return false;
  // What the copy votes nobody hears.
  const HardState& was = original.durable_log().hard_state;
  const HardState& is = copy.durable_log().hard_state;
  const bool forgets_vote =
      is.term < was.term || (is.term == was.term && is.vote != was.vote);
  return !forgets_vote && CanLose(original);
}

}  // namespace trimaran::node_sim

#include <memory>

#include "tests/support/node_sim/sim_group.h"

// What goes wrong with the media of disks.
//
// - Reads fail, of a store that is being opened or of one that runs. Nothing is
//   lost by that: the next attempt succeeds, or the next but one.
// - There is no room for a while. Nothing fails of that.
// - What is on a disk is not what was written. A store that finds that refuses
//   to open, or fails, and says of what; or it knows that something is missing;
//   or all that it needs is still there. Whoever refuses is replaced. As with
//   operators: one at a time, and the log only where a quorum has all of it
//   without this one, for what looks as if the machine had stopped in the midst
//   of a write is not always noticed.

namespace trimaran::node_sim {

void SimGroup::HarmMedia() {
  const NodeNemesisOptions& options = world_.options.nemesis;
  RemoveDamaged();
  const bool misreads = media_random_.Chance(options.read_error_ppm);
  const bool fills = media_random_.Chance(options.full_disk_ppm);
  const bool damages = media_random_.Chance(options.damage_ppm);
  if (!misreads && !fills && !damages) return;
  SimHost& host = *hosts_[media_random_.Uniform(hosts_.size())];
  if (!host.serving() || host.failed()) return;
  if (misreads) return FailReads(host);
  if (fills) return FillDisk(host);
  DamageDisk(host);
}

void SimGroup::FailReads(SimHost& host) {
  if (media_random_.OneIn(2)) {
    Crash(host);
    host.FailReadsSoon();
    return StartLater(host);
  }
  host.FailReadsSoon();
  const SimTime later = world_.options.group.nemesis.down.Draw(media_random_);
  world_.scheduler.After(later, [this, &host, life = host.lives()] {
    if (!faults_ || !host.serving() || host.lives() != life) return;
    Crash(host);
    StartLater(host);
  });
}

void SimGroup::FillDisk(SimHost& host) {
  const uint64_t bytes = media_random_.Uniform(32 << 10);
  const bool starts = media_random_.OneIn(3);
  if (starts) Crash(host);
  host.Fill(bytes);
  if (starts) StartLater(host);
  const SimTime later =
      sim::Latency{50 * sim::kMillisecond, 200 * sim::kMillisecond}.Draw(
          media_random_);
  world_.scheduler.After(later, [&host] { host.MakeRoom(); });
}

void SimGroup::DamageDisk(SimHost& host) {
  if (!IsMember(host.id()) || IsInTrouble()) return;
  if (media_random_.OneIn(2)) {
    (void)host.Decay(CanLose(host));
    return;
  }
  Crash(host);
  (void)host.Damage(CanLose(host));
  StartLater(host);
}

void SimGroup::RemoveDamaged() {
  for (const auto& host : hosts_) {
    if (!host->up() || !host->may_fail() || !host->failed()) continue;
    if (host->suspect()) ++world_.stats.damages_found;
    Crash(*host);
    // It would be the same again, sooner or later.
    const bool is_lost = host->suspect() && media_random_.OneIn(2);
    is_lost ? host->Wipe() : StartLater(*host);
  }
}

}  // namespace trimaran::node_sim

#include "tests/support/sim/sim_run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "replication/raft/debug_string.h"
#include "tests/support/sim/sim_cluster.h"

namespace trimaran::sim {
namespace {

// The second phase of a run.
class Recovery {
 public:
  explicit Recovery(SimCluster& cluster)
      : cluster_(cluster),
        world_(cluster.world()),
        // The upper end of the draw, for the slowest clock.
        election_timeout_(
            2 *
            static_cast<uint64_t>(world_.options.core.election_timeout_ticks) *
            kTickPeriod * (1'000'000 + world_.options.tick_skew_ppm) /
            1'000'000) {}

  void Run() {
    cluster_.EndFaults();
    Settle();
    if (!Elect() || !Write() || !Read()) return;
    if (!CatchUp()) return;
    CompareDisks();
  }

 private:
  static constexpr uint64_t kElectionTimeoutsMax = 10;
  // Without any progress of anybody.
  static constexpr uint64_t kStallTimeoutsMax = 20;
  // Changes of membership that were under way come to an end.
  static constexpr int kReconciliationsMax = 100;

  // Stops and starts until the right replicas are running.
  void Settle() {
    if (!cluster_.RunNeededOnly()) return;
    ++reconciliations_;
    changed_at_ = world_.now;
  }

  bool Fail(const std::string& what) {
    if (cluster_.violations().any()) return false;
    std::string text = absl::StrCat(what, " at ", world_.now, " us");
    for (size_t i = 0; i < cluster_.size(); ++i) {
      if (!cluster_.at(i).running()) continue;
      absl::StrAppend(&text, "\n  ",
                      raft::DebugString(cluster_.at(i).core().status()));
    }
    world_.check.violations.Report(Rule::kLiveness, std::move(text));
    return false;
  }

  uint64_t Progress() {
    uint64_t sum = cluster_.world().check.log.last().value();
    for (size_t i = 0; i < cluster_.size(); ++i) {
      SimReplica& replica = cluster_.at(i);
      if (!replica.running()) continue;
      sum += replica.machine().applied.index.value() +
             replica.core().log().last().index.value() +
             replica.disk().last().value();
    }
    return sum;
  }

  // Runs until `done`; fails if nothing moves for too long.
  template <typename Done>
  bool Await(const char* what, Done done) {
    uint64_t progress = Progress();
    SimTime moved_at = world_.now;
    while (!done()) {
      if (!cluster_.RunFor(kTickPeriod)) return false;
      Settle();
      if (reconciliations_ > kReconciliationsMax) {
        return Fail("the membership does not settle");
      }
      if (const uint64_t now = Progress(); now != progress) {
        progress = now;
        moved_at = world_.now;
      }
      const SimTime since = std::max(moved_at, changed_at_);
      if (world_.now > since + kStallTimeoutsMax * election_timeout_) {
        return Fail(what);
      }
    }
    return true;
  }

  bool Elect() {
    changed_at_ = world_.now;
    while (cluster_.Leader() == nullptr) {
      if (!cluster_.RunFor(kTickPeriod)) return false;
      Settle();
      if (world_.now > changed_at_ + ElectionsMax() * election_timeout_) {
        return Fail("no leader after ten election timeouts");
      }
    }
    return true;
  }

  // Without pre-votes nobody tells a candidate how far its term is behind: it
  // needs an election timeout for each.
  uint64_t ElectionsMax() {
    if (world_.options.core.pre_vote) return kElectionTimeoutsMax;
    Term lowest{UINT64_MAX};
    Term highest;
    for (size_t i = 0; i < cluster_.size(); ++i) {
      if (!cluster_.at(i).running()) continue;
      const Term term = cluster_.at(i).core().status().term;
      lowest = std::min(lowest, term);
      highest = std::max(highest, term);
    }
    terms_behind_ = std::max(terms_behind_, highest.value() - lowest.value());
    return kElectionTimeoutsMax + terms_behind_;
  }

  bool Write() {
    std::optional<EntryId> place;
    return Await("a new write is not applied everywhere", [&] {
      if (place && !StillThere(*place)) place.reset();
      if (!place) {
        if (SimReplica* leader = cluster_.Leader()) {
          place = leader->Propose(1, 0);
        }
        return false;
      }
      LeaveJoint();
      return AllApplied(place->index);
    });
  }

  bool StillThere(EntryId id) {
    SimReplica* leader = cluster_.Leader();
    if (leader == nullptr) return true;
    const raft::RaftLog& log = leader->core().log();
    return id.index <= log.boundary().index || log.Matches(id);
  }

  void LeaveJoint() {
    if (!world_.conf.joint() || world_.conf.auto_leave) return;
    SimReplica* leader = cluster_.Leader();
    if (leader == nullptr) return;
    const raft::RaftStatus status = leader->core().status();
    if (status.conf.joint() && status.applied == status.last.index) {
      leader->ProposeChange(raft::ConfChange());
    }
  }

  bool AllApplied(LogIndex index) {
    for (size_t i = 0; i < cluster_.size(); ++i) {
      SimReplica& replica = cluster_.at(i);
      if (cluster_.IsMember(replica.id()) &&
          (!replica.running() || replica.machine().applied.index < index)) {
        return false;
      }
    }
    return true;
  }

  // Every read is answered, or asked again and then answered.
  bool Read() {
    SimTime asked = world_.now;
    for (size_t i = 0; i < cluster_.size(); ++i) {
      if (cluster_.at(i).running()) cluster_.at(i).AskRead();
    }
    SimTime limit = world_.now + kStallTimeoutsMax * election_timeout_;
    for (;;) {
      if (!cluster_.RunFor(kTickPeriod)) return false;
      Settle();
      size_t open = 0;
      const bool retry = world_.now > asked + election_timeout_;
      if (retry) asked = world_.now;
      for (size_t i = 0; i < cluster_.size(); ++i) {
        SimReplica& replica = cluster_.at(i);
        if (!replica.running()) continue;
        open += replica.open_reads();
        if (!retry) continue;
        const size_t lost = replica.GiveUpReadsBefore(world_.now);
        if (lost > 0) replica.AskRead();
      }
      if (open == 0) return true;
      if (world_.now > limit) return Fail("reads are not answered");
    }
  }

  bool CatchUp() {
    return Await("the members do not become equal", [&] {
      LeaveJoint();
      SimReplica* leader = cluster_.Leader();
      if (leader == nullptr || world_.conf.joint()) return false;
      const LogIndex last = leader->core().log().last().index;
      for (size_t i = 0; i < cluster_.size(); ++i) {
        SimReplica& replica = cluster_.at(i);
        if (!replica.running()) continue;
        if (replica.machine().applied.index != last ||
            replica.core().log().last().index != last ||
            replica.disk().last() != last) {
          return false;
        }
      }
      return true;
    });
  }

  void CompareDisks() {
    SimReplica* leader = cluster_.Leader();
    for (size_t i = 0; i < cluster_.size(); ++i) {
      SimReplica& replica = cluster_.at(i);
      if (!replica.running()) continue;
      if (replica.machine() != leader->machine()) {
        Fail(absl::StrCat("replica ", replica.id().value(),
                          " has another state than its leader"));
      }
      const LogIndex first = replica.disk().boundary().index;
      for (LogIndex at = first; at <= replica.disk().last(); ++at) {
        if (replica.disk().TermAt(at) == world_.check.log.CommittedTermAt(at)) {
          continue;
        }
        Fail(absl::StrCat("replica ", replica.id().value(),
                          " has another entry ", at.value(), " on its disk"));
      }
    }
  }

  SimCluster& cluster_;
  World& world_;
  const SimTime election_timeout_;
  SimTime changed_at_ = 0;
  int reconciliations_ = 0;
  uint64_t terms_behind_ = 0;
};

}  // namespace

RunResult RunSimulation(const SimOptions& options, std::FILE* trace_out) {
  SimCluster cluster(options, trace_out);
  World& world = cluster.world();
  world.trace.Line(0, kNoReplica, Describe(options));
  cluster.BeginFaults();
  if (cluster.RunFor(options.safety_phase)) Recovery(cluster).Run();

  RunResult result;
  result.ok = !cluster.violations().any();
  result.failure = cluster.violations().text();
  result.trace_hash = world.trace.hash();
  result.simulated = world.now;
  result.stats = world.stats;
  result.elections = world.check.leaders.elections();
  result.reads_confirmed = world.check.reads.confirmed();
  if (!result.ok) {
    world.trace.Line(world.now, kNoReplica, result.failure);
  }
  return result;
}

}  // namespace trimaran::sim

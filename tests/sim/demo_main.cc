// A story that a group of three replicas lives through, on virtual time: a
// leader is elected, it is lost, another takes over, the old one comes back
// and has to be told everything. Ends with a comparison of all three.
//
// Exit code: 0 if everything that is claimed was also true.

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "replication/raft/raft.h"
#include "tests/support/sim/sim_cluster.h"

namespace trimaran::sim {
namespace {

constexpr SimTime kPatience = 10 * kSecond;

SimOptions DemoOptions() {
  SimOptions options;
  options.seed = 2026;
  options.voters = 3;
  options.core.check_invariants = true;
  options.network.delay = {500, kMillisecond};
  // Nothing is kept before a snapshot: who is behind it needs it.
  options.snapshot.threshold = 200;
  options.snapshot.keep_max = 0;
  return options;
}

class Story {
 public:
  Story() : cluster_(DemoOptions(), nullptr) {}

  bool Tell() {
    return Election() && Writes("The leader takes", 500) && LoseLeader() &&
           Writes("The new leader takes", 500) && OldLeaderReturns() &&
           Compare();
  }

 private:
  void Say(const char* format, ...) __attribute__((format(printf, 2, 3))) {
    std::printf("[%7.1f ms]  ",
                static_cast<double>(cluster_.world().now) / kMillisecond);
    va_list arguments;
    va_start(arguments, format);
    std::vprintf(format, arguments);
    va_end(arguments);
    std::printf("\n");
  }

  bool Fail(const char* what) {
    Say("FAILED: %s %s", what, cluster_.violations().text().c_str());
    return false;
  }

  static unsigned long long Number(uint64_t value) { return value; }
  static unsigned long long Number(SimReplica* replica) {
    return replica->id().value();
  }

  bool Election() {
    Say("Three replicas start with nothing but each other's names.");
    if (!cluster_.RunUntil(kPatience, [this] { return InOffice(); })) {
      return Fail("nobody was elected");
    }
    SimReplica* leader = cluster_.Leader();
    Say("Replica %llu has asked the others, won their votes, and leads term "
        "%llu.",
        Number(leader), Number(leader->core().status().term.value()));
    return true;
  }

  // There is a leader, and it has committed in its term.
  bool InOffice() {
    SimReplica* leader = cluster_.Leader();
    if (leader == nullptr) return false;
    const raft::RaftStatus status = leader->core().status();
    return leader->core().log().TermAt(status.commit) == status.term;
  }

  bool Writes(const char* who, size_t count) {
    SimReplica* leader = cluster_.Leader();
    const SimTime begin = cluster_.world().now;
    const uint64_t before = cluster_.world().stats.writes_acknowledged;
    for (size_t i = 0; i < count; i += 10) {
      const auto place = leader->Propose(10, 100);
      if (!place) return Fail("a write was refused");
      for (size_t k = 0; k < 10; ++k) {
        places_.push_back({place->index + k, place->term});
      }
      if (!cluster_.RunFor(kMillisecond)) return Fail("writing");
    }
    const bool done = cluster_.RunUntil(kPatience, [&] {
      return cluster_.world().stats.writes_acknowledged == before + count;
    });
    if (!done) return Fail("writes were not acknowledged");
    Say("%s %llu writes; all are on a majority of disks and acknowledged after "
        "%llu ms.",
        who, Number(count),
        Number((cluster_.world().now - begin) / kMillisecond));
    return true;
  }

  bool LoseLeader() {
    SimReplica* leader = cluster_.Leader();
    victim_ = leader->id();
    const Term old_term = leader->core().status().term;
    leader->Crash();
    Say("Replica %llu is killed.", Number(victim_.value()));
    const SimTime begin = cluster_.world().now;
    if (!cluster_.RunUntil(kPatience, [this] { return InOffice(); })) {
      return Fail("nobody took over");
    }
    leader = cluster_.Leader();
    const Term term = leader->core().status().term;
    if (term <= old_term) return Fail("the term did not rise");
    Say("Replica %llu leads term %llu and can commit: the fail-over took %llu "
        "ticks (an election timeout is %d to %d).",
        Number(leader), Number(term.value()),
        Number((cluster_.world().now - begin) / kTickPeriod),
        DemoOptions().core.election_timeout_ticks,
        2 * DemoOptions().core.election_timeout_ticks - 1);
    return true;
  }

  bool OldLeaderReturns() {
    SimReplica* old_leader = cluster_.Find(victim_);
    SimReplica* leader = cluster_.Leader();
    Say("Replica %llu starts again; its disk ends at entry %llu. The leader's "
        "log now begins behind entry %llu.",
        Number(victim_.value()), Number(old_leader->disk().last().value()),
        Number(leader->disk().boundary().index.value()));
    const uint64_t snapshots = cluster_.world().stats.snapshots_installed;
    old_leader->Start();
    const bool done = cluster_.RunUntil(kPatience, [&] {
      return old_leader->machine().applied == leader->machine().applied &&
             old_leader->disk().last() == leader->core().log().last().index;
    });
    if (!done) return Fail("the old leader did not catch up");
    if (cluster_.world().stats.snapshots_installed == snapshots) {
      return Fail("no snapshot was needed");
    }
    Say("It has installed a snapshot, taken the entries behind it, and "
        "follows replica %llu.",
        Number(old_leader->core().status().leader.value()));
    return true;
  }

  bool Compare() {
    SimReplica* leader = cluster_.Leader();
    const bool settled = cluster_.RunUntil(kPatience, [&] {
      for (size_t i = 0; i < cluster_.size(); ++i) {
        if (cluster_.at(i).machine().applied != leader->machine().applied) {
          return false;
        }
      }
      return true;
    });
    if (!settled) return Fail("the replicas did not become equal");
    for (size_t i = 0; i < cluster_.size(); ++i) {
      const MachineState& state = cluster_.at(i).machine();
      Say("Replica %llu has applied entry %llu; its state is %016llx.",
          Number(i + 1), Number(state.applied.index.value()),
          Number(state.hash));
      if (state != leader->machine()) return Fail("the states differ");
    }
    const LogChecker& log = cluster_.world().check.log;
    for (const EntryId place : places_) {
      if (log.CommittedTermAt(place.index) != place.term) {
        return Fail("an acknowledged write is lost");
      }
    }
    Say("All %llu acknowledged writes are there, on all three replicas.",
        Number(places_.size()));
    return !cluster_.violations().any();
  }

  SimCluster cluster_;
  ReplicaId victim_;
  // Of every write that was acknowledged.
  std::vector<EntryId> places_;
};

}  // namespace
}  // namespace trimaran::sim

int main() { return trimaran::sim::Story().Tell() ? 0 : 1; }

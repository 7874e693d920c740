#include "tests/support/node_sim/node_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "replication/raft/debug_string.h"
#include "tests/support/node_sim/linearizability.h"
#include "tests/support/node_sim/sim_group.h"

namespace trimaran::node_sim {
namespace {

// The second phase of a run.
class Recovery {
 public:
  explicit Recovery(SimGroup& group)
      : group_(group),
        world_(group.world()),
        // The upper end of the draw, for the slowest clock.
        election_timeout_(2 *
                          static_cast<uint64_t>(
                              world_.options.node.core.election_timeout_ticks) *
                          sim::kTickPeriod *
                          (1'000'000 + world_.options.group.tick_skew_ppm) /
                          1'000'000) {}

  void Run() {
    group_.EndFaults();
    // Whoever had no room looks once in a while whether there is some.
    const auto look = static_cast<SimTime>(
        absl::ToInt64Microseconds(world_.options.node.space_interval));
    const bool looks = world_.options.nemesis.full_disk_ppm > 0;
    if (looks && !group_.RunFor(2 * look)) return;
    if (!Await("somebody does not come up", [&] { return group_.AllUp(); })) {
      return;
    }
    // That takes longer where the lanes have stood still.
    if (looks && !Await("somebody does not notice that there is room",
                        [&] { return NobodyRefusesWrites(); })) {
      return;
    }
    if (!Await("there is no leader",
               [&] { return group_.Leader() != nullptr; }) ||
        !Await("calls are not answered",
               [&] { return group_.clients().all_answered(); }) ||
        !Await("the members do not become equal",
               [&] { return MembersAreEqual(); }) ||
        !CallEverywhere() || !Await("the members do not become equal", [&] {
          return MembersAreEqual();
        })) {
      return;
    }
    StopAll();
  }

 private:
  // An answer to a message that was lost is waited for; so are elections of
  // those that refuse votes to whoever does not ask first.
  static constexpr uint64_t kTimeoutsMax = 30;
  static constexpr SimTime kPatience = 20 * sim::kSecond;

  bool Fail(const std::string& what) {
    std::string text =
        absl::StrCat(what, " at ", world_.scheduler.now(), " us");
    for (size_t i = 0; i < group_.size(); ++i) {
      SimHost& host = group_.at(i);
      if (!host.up()) continue;
      absl::StrAppend(&text, "\n  ", raft::DebugString(host.raft_status()));
    }
    world_.findings.Report(Rule::kLiveness, std::move(text));
    return false;
  }

  bool Await(const char* what, absl::FunctionRef<bool()> done) {
    const SimTime limit = kPatience + kTimeoutsMax * election_timeout_;
    if (group_.RunUntil(limit, done)) return true;
    if (world_.findings.any()) return false;
    return Fail(what);
  }

  bool NobodyRefusesWrites() {
    for (size_t i = 0; i < group_.size(); ++i) {
      SimHost& host = group_.at(i);
      if (!host.serving() || host.failed()) continue;
      if (host.node().status()->refuses_writes) return false;
    }
    return true;
  }

  bool MembersAreEqual() {
    SimHost* leader = group_.Leader();
    if (leader == nullptr) return false;
    const raft::RaftStatus status = leader->raft_status();
    if (status.conf.joint()) return false;
    for (size_t i = 0; i < group_.size(); ++i) {
      SimHost& host = group_.at(i);
      if (!group_.IsMember(host.id())) continue;
      if (!host.serving() ||
          host.machine().applied().applied.id != status.last ||
          host.durable_log().last().id != status.last) {
        return false;
      }
    }
    return true;
  }

  // A write and a read at each member. The first write of one whose session
  // has been closed meanwhile may be answered as unknown, and a node may hear
  // only now that its disk has failed when there were faults.
  bool CallEverywhere() {
    uint64_t failed = CallOnce();
    const NodeNemesisOptions& nemesis = world_.options.nemesis;
    const bool disks_failed =
        nemesis.damage_ppm > 0 || nemesis.read_error_ppm > 0;
    for (int left = disks_failed ? 2 : 1; failed > 0 && left > 0; --left) {
      if (!Await("the members do not become equal",
                 [&] { return MembersAreEqual(); })) {
        return false;
      }
      failed = CallOnce();
    }
    if (failed == 0 || world_.findings.any()) return failed == 0;
    return Fail(absl::StrCat("call ", failed, " at replica ",
                             world_.history.at(failed).replica.value(),
                             " does not succeed"));
  }

  // Returns one that does not succeed; 0: all do.
  uint64_t CallOnce() {
    std::vector<uint64_t> calls;
    for (size_t i = 0; i < group_.size(); ++i) {
      SimHost& host = group_.at(i);
      if (!group_.IsMember(host.id())) continue;
      for (const OpKind kind : {OpKind::kPut, OpKind::kReadLinearizable}) {
        const bool forwarded = kind == OpKind::kPut && group_.Leader() != &host;
        if (forwarded && !world_.options.node.forward_writes) continue;
        Op op;
        op.kind = kind;
        op.keys = {"k0"};
        calls.push_back(
            group_.clients().Call(host, std::move(op), absl::Seconds(60)));
      }
    }
    Await("new calls are not answered",
          [&] { return group_.clients().all_answered(); });
    for (const uint64_t call : calls) {
      if (world_.history.at(call).outcome != OpOutcome::kOk) return call;
    }
    return 0;
  }

  void StopAll() {
    size_t stopped = 0;
    size_t running = 0;
    for (size_t i = 0; i < group_.size(); ++i) {
      if (!group_.at(i).serving()) continue;
      ++running;
      group_.at(i).Stop([&stopped] { ++stopped; });
    }
    group_.Rest();
    Await("somebody does not come to an end",
          [&] { return stopped == running; });
  }

  SimGroup& group_;
  NodeWorld& world_;
  const SimTime election_timeout_;
};

void CheckHistory(NodeWorld& world, NodeRunResult& result) {
  world.witness.OnEnd(world.history);
  if (world.findings.any()) return;
  const LinearizabilityResult order =
      CheckLinearizable(world.history.ops(), world.options.search_steps_max);
  result.search_steps = order.steps;
  switch (order.verdict) {
    case LinearizabilityResult::Verdict::kLinearizable:
      return;
    case LinearizabilityResult::Verdict::kNot:
      return world.findings.Report(
          Rule::kLinearizable,
          absl::StrCat("no order explains the answers about ", order.key));
    case LinearizabilityResult::Verdict::kBudgetExhausted:
      return world.findings.Report(
          Rule::kLinearizable,
          absl::StrCat("no order of the calls of ", order.key,
                       " was found within ", order.steps, " steps"));
  }
}

}  // namespace

NodeRunResult RunNodeSimulation(const NodeSimOptions& options,
                                const NodeRunOutput& output) {
  SimGroup group(options, output.trace);
  NodeWorld& world = group.world();
  world.Tell(kNoReplica, Describe(options));
  group.BeginFaults();
  NodeRunResult result;
  if (group.RunFor(options.safety_phase)) Recovery(group).Run();
  if (!world.findings.any()) CheckHistory(world, result);

  if (output.history != nullptr) world.history.Write(output.history);
  result.ok = !world.findings.any();
  result.rule = world.findings.rule();
  result.failure = world.findings.text();
  result.trace_hash = world.trace.hash();
  result.simulated = world.scheduler.now();
  result.events = world.scheduler.happened();
  result.messages = world.transport.delivered();
  result.calls = world.history.ops().size();
  result.terms_led = world.promises.terms_led();
  result.transfers = world.transfers.transfers();
  result.stats = world.stats;
  if (!result.ok) world.Tell(kNoReplica, result.failure);
  return result;
}

}  // namespace trimaran::node_sim

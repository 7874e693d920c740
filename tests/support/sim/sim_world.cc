#include "tests/support/sim/sim_world.h"

#include <algorithm>
#include <cstddef>

namespace trimaran::sim {
namespace {

MachineState StartState(const SimOptions& options) {
  MachineState state;
  if (options.start_from_snapshot) state.applied = {LogIndex(5), Term(5)};
  for (size_t i = 1; i <= options.voters; ++i) {
    state.conf.voters.push_back(ReplicaId(i));
  }
  for (size_t i = 1; i <= options.learners; ++i) {
    state.conf.learners.push_back(ReplicaId(options.voters + i));
  }
  return state;
}

uint64_t ProposalBytesMax(const WorkloadOptions& workload) {
  // Every command has a number and a key.
  constexpr uint64_t kSmallest = 64;
  return workload.batch_max * std::max<uint64_t>(workload.big_bytes, kSmallest);
}

}  // namespace

Checkers::Checkers(const SimOptions& options, EntryId start)
    : leaders(violations),
      log(start, violations),
      durability(violations),
      apply(violations),
      reads(violations),
      bounds(options.core, ProposalBytesMax(options.workload), violations) {}

World::World(const SimOptions& sim_options, std::FILE* trace_out)
    : options(sim_options),
      // Not the numbers that have drawn the options.
      random(~sim_options.seed),
      network(options.network, random.Fork()),
      trace(trace_out),
      check(options, StartState(options).applied),
      start(StartState(options)),
      conf(start.conf),
      conf_index(start.applied.index) {}

}  // namespace trimaran::sim

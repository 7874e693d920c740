#include "tests/support/node_sim/node_world.h"

#include "absl/time/time.h"
#include "tests/support/node_sim/model_disks.h"

namespace trimaran::node_sim {

ConfState FoundingConf(const sim::SimOptions& options) {
  ConfState conf;
  for (size_t i = 1; i <= options.voters; ++i) {
    conf.voters.push_back(ReplicaId(i));
  }
  for (size_t i = 1; i <= options.learners; ++i) {
    conf.learners.push_back(ReplicaId(options.voters + i));
  }
  return conf;
}

namespace {

// By the fastest clock.
SimTime TransferPatience(const NodeSimOptions& options) {
  const auto patience = static_cast<uint64_t>(
      absl::ToInt64Microseconds(options.node.snapshots.give_up_after));
  return patience * 1'000'000 / (1'000'000 + options.group.tick_skew_ppm);
}

}  // namespace

NodeWorld::NodeWorld(const NodeSimOptions& sim_options, std::FILE* trace_out)
    : options(sim_options),
      // Not the numbers that have drawn the options.
      random(~sim_options.group.seed),
      trace(trace_out),
      founders(FoundingConf(options.group)),
      oracle(FoundedState(founders), findings),
      promises(oracle, findings),
      witness(oracle, findings),
      transfers(findings, TransferPatience(options)),
      transport(scheduler, options.group.network, random.Fork(), trace) {
  transport.set_reorders(options.network_reorders);
}

}  // namespace trimaran::node_sim

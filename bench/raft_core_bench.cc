#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "bench/allocations.h"
#include "bench/raft_group.h"
#include "engine/base/check.h"
#include "engine/base/payload.h"

// How much of a core's time one proposal takes. README.md says what each number
// means.

namespace trimaran::bench {
namespace {

constexpr size_t kProposalBytes = 128;

// One round of a busy group: new commands for the leader, then everybody does
// what the last round has brought.
void ProposeRound(RaftGroup& group, std::string_view command, size_t count) {
  for (size_t i = 0; i < count; ++i) group.Propose(Payload(command));
  group.Round();
}

void Proposals(benchmark::State& state) {
  const auto per_ready = static_cast<size_t>(state.range(0));
  RaftGroup group(3);
  const std::string command(kProposalBytes, 'x');
  // Until buffers have their size, and the window of recent entries is full.
  for (size_t proposed = 0; proposed < 100000; proposed += per_ready) {
    ProposeRound(group, command, per_ready);
  }
  group.Settle();

  const GroupCounters before = group.counters();
  const uint64_t allocations_before = AllocationCount();
  for (auto iteration : state) {
    (void)iteration;
    ProposeRound(group, command, per_ready);
  }
  group.Settle();
  const uint64_t allocations = AllocationCount() - allocations_before;
  const uint64_t proposals = group.counters().applied - before.applied;
  TRIMARAN_CHECK_EQ(proposals,
                    per_ready * static_cast<uint64_t>(state.iterations()));

  const auto each = static_cast<double>(proposals);
  const GroupCounters& now = group.counters();
  state.SetItemsProcessed(static_cast<int64_t>(proposals));
  // One allocation is the proposal's own payload.
  state.counters["allocations"] = static_cast<double>(allocations) / each - 1;
  state.counters["messages"] =
      static_cast<double>(now.messages - before.messages) / each;
  state.counters["bytes"] =
      static_cast<double>(now.bytes - before.bytes) / each;
}
BENCHMARK(Proposals)->ArgName("per_ready")->Arg(1)->Arg(64)->Arg(1024);

void HeartbeatRound(benchmark::State& state) {
  RaftGroup group(static_cast<size_t>(state.range(0)));
  const uint64_t before = group.counters().messages;
  for (auto iteration : state) {
    (void)iteration;
    group.leader().Tick();
    group.Settle();
  }
  state.counters["messages"] =
      static_cast<double>(group.counters().messages - before) /
      static_cast<double>(state.iterations());
}
BENCHMARK(HeartbeatRound)->ArgName("replicas")->Arg(3)->Arg(5)->Arg(7);

// For instructions.sh: a fixed amount of work, and nothing else.
int RunRounds(size_t per_ready, size_t rounds) {
  RaftGroup group(3);
  const std::string command(kProposalBytes, 'x');
  for (size_t i = 0; i < rounds; ++i) {
    ProposeRound(group, command, per_ready);
  }
  group.Settle();
  std::cout << group.counters().applied << " proposals\n";
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--rounds") {
    return RunRounds(std::stoul(argv[2]), std::stoul(argv[3]));
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace trimaran::bench

int main(int argc, char** argv) { return trimaran::bench::Main(argc, argv); }

#ifndef TRIMARAN_BENCH_PAIRED_H_
#define TRIMARAN_BENCH_PAIRED_H_

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

// Several ways to do the same work, measured in turns. A figure alone means
// little on a machine that does other things as well; the ratio of two
// neighbours in time means more, and the median of many such ratios is what is
// reported.

namespace trimaran::bench {

inline double Median(std::vector<double> values) {
  TRIMARAN_CHECK(!values.empty());
  const auto middle =
      values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Cost {
  double wall_ns = 0;
  double cpu_ns = 0;
  // How often a thread gave its processor up, to wait for a disk, for another
  // thread, or for work: what has waited is woken up.
  double waits = 0;
};

// Of all threads of the process.
template <typename Work>
Cost CostOf(Work&& work) {
  const auto nanos = [](clockid_t clock) {
    timespec now = {};
    TRIMARAN_CHECK_EQ(clock_gettime(clock, &now), 0);
    return static_cast<double>(now.tv_sec) * 1e9 +
           static_cast<double>(now.tv_nsec);
  };
  const auto waits = [] {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_nvcsw);
  };
  const double wall = nanos(CLOCK_MONOTONIC);
  const double cpu = nanos(CLOCK_PROCESS_CPUTIME_ID);
  const double waited = waits();
  work();
  return {nanos(CLOCK_MONOTONIC) - wall, nanos(CLOCK_PROCESS_CPUTIME_ID) - cpu,
          waits() - waited};
}

// Each of the two does `items` items when it is called; `next` is called
// between two rounds. Reports medians: of the processor time per item,
// `ours_ns` and `raw_ns`; of `speed`, how fast ours is as a part of how fast
// the other is by the clock on the wall, and of `cpu_speed`, the same by
// processor time, which a busy machine falsifies less.
template <typename Ours, typename Raw, typename Next>
void RunPaired(benchmark::State& state, size_t items, Ours&& ours, Raw&& raw,
               Next&& next) {
  std::vector<double> ours_ns;
  std::vector<double> raw_ns;
  std::vector<double> speeds;
  std::vector<double> cpu_speeds;
  ours();
  raw();
  for (auto iteration : state) {
    (void)iteration;
    next();
    // Who is first changes, so that nobody always finds the other's cache.
    const bool ours_first = ours_ns.size() % 2 == 0;
    Cost raw_cost;
    if (!ours_first) raw_cost = CostOf(raw);
    const Cost ours_cost = CostOf(ours);
    if (ours_first) raw_cost = CostOf(raw);
    ours_ns.push_back(ours_cost.cpu_ns / static_cast<double>(items));
    raw_ns.push_back(raw_cost.cpu_ns / static_cast<double>(items));
    speeds.push_back(raw_cost.wall_ns / ours_cost.wall_ns);
    cpu_speeds.push_back(raw_cost.cpu_ns / ours_cost.cpu_ns);
  }
  state.counters["ours_ns"] = Median(ours_ns);
  state.counters["raw_ns"] = Median(raw_ns);
  state.counters["speed"] = Median(speeds);
  state.counters["cpu_speed"] = Median(cpu_speeds);
}

struct Contender {
  std::string name;
  std::function<void()> work;
};

// The same for several, of whom the first one is ours; `next` is called before
// each round. Reports medians. For each: `NAME_per_s`, items per second by the
// clock on the wall, `NAME_cpu_us`, processor time per item, and `NAME_waits`,
// Cost::waits per item. For each of the others: `vs_NAME`, how fast ours is as
// a multiple of it, and `cpu_vs_NAME`, the same by processor time.
template <typename Next>
void RunInTurns(benchmark::State& state, size_t items,
                const std::vector<Contender>& contenders, Next&& next) {
  std::vector<std::vector<Cost>> costs(contenders.size());
  for (const Contender& contender : contenders) contender.work();
  size_t first = 0;
  for (auto iteration : state) {
    (void)iteration;
    next();
    for (size_t i = 0; i < contenders.size(); ++i) {
      const size_t turn = (first + i) % contenders.size();
      costs[turn].push_back(CostOf(contenders[turn].work));
    }
    ++first;
  }
  const auto median = [&](const auto& figure) {
    std::vector<double> values;
    for (size_t round = 0; round < costs[0].size(); ++round) {
      values.push_back(figure(round));
    }
    return Median(std::move(values));
  };
  const auto each = static_cast<double>(items);
  for (size_t i = 0; i < contenders.size(); ++i) {
    const std::string& name = contenders[i].name;
    const std::vector<Cost>& own = costs[i];
    state.counters[absl::StrCat(name, "_per_s")] =
        median([&](size_t at) { return each / own[at].wall_ns * 1e9; });
    state.counters[absl::StrCat(name, "_cpu_us")] =
        median([&](size_t at) { return own[at].cpu_ns / each / 1e3; });
    state.counters[absl::StrCat(name, "_waits")] =
        median([&](size_t at) { return own[at].waits / each; });
    if (i == 0) continue;
    state.counters[absl::StrCat("vs_", name)] = median(
        [&](size_t at) { return own[at].wall_ns / costs[0][at].wall_ns; });
    state.counters[absl::StrCat("cpu_vs_", name)] =
        median([&](size_t at) { return own[at].cpu_ns / costs[0][at].cpu_ns; });
  }
}

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_PAIRED_H_

#ifndef TRIMARAN_BENCH_PAIRED_H_
#define TRIMARAN_BENCH_PAIRED_H_

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "engine/base/check.h"

// Two ways to do the same work, measured in turns. A figure alone means little
// on a machine that does other things as well; the ratio of two neighbours in
// time means more, and the median of many such ratios is what is reported.

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
  const double wall = nanos(CLOCK_MONOTONIC);
  const double cpu = nanos(CLOCK_PROCESS_CPUTIME_ID);
  work();
  return {nanos(CLOCK_MONOTONIC) - wall, nanos(CLOCK_PROCESS_CPUTIME_ID) - cpu};
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

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_PAIRED_H_

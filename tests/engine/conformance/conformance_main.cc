// Compares the real storage with its model for many seeds, or for one:
//
//     engine_conformance [--seed FIRST] [--seeds COUNT] [--steps COUNT]
//
// Exit status: 0 if nothing differs, 1 at the first difference, which is
// printed with its seed, 2 for a bad command line.

#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "tests/engine/conformance/log_comparison.h"
#include "tests/engine/conformance/segment_log_subject.h"
#include "tests/engine/conformance/state_comparison.h"
#include "tests/engine/conformance/wt_state_subject.h"

namespace trimaran::engine {
namespace {

struct Arguments {
  uint64_t seed = 1;
  uint64_t seeds = 100;
  int steps = 300;
};

bool Parse(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    if (i + 1 == count) return false;
    const char* value = values[i + 1];
    if (name == "--seed") {
      if (!absl::SimpleAtoi(value, &arguments.seed)) return false;
    } else if (name == "--seeds") {
      if (!absl::SimpleAtoi(value, &arguments.seeds)) return false;
    } else if (name == "--steps") {
      if (!absl::SimpleAtoi(value, &arguments.steps)) return false;
    } else {
      return false;
    }
  }
  return true;
}

int Run(const Arguments& arguments) {
  uint64_t crashes = 0;
  uint64_t switches = 0;
  const uint64_t end = arguments.seed + arguments.seeds;
  for (uint64_t seed = arguments.seed; seed < end; ++seed) {
    SegmentLogSubject log;
    LogComparison logs(log, seed);
    absl::Status status = logs.Run(arguments.steps);
    WtStateSubject state;
    StateComparison states(state, seed);
    if (status.ok()) status = states.Run(arguments.steps);
    if (!status.ok()) {
      std::cout << status.ToString() << "\nagain: engine_conformance --seed "
                << seed << " --seeds 1 --steps " << arguments.steps << "\n";
      return 1;
    }
    crashes += logs.crashes() + states.crashes();
    switches += states.switches();
  }
  std::cout << arguments.seeds << " seeds, " << crashes << " crashes, "
            << switches << " switches: nothing differs\n";
  return 0;
}

}  // namespace
}  // namespace trimaran::engine

int main(int count, char** values) {
  trimaran::engine::Arguments arguments;
  if (!trimaran::engine::Parse(count, values, arguments)) {
    std::cerr << "usage: engine_conformance [--seed FIRST] [--seeds COUNT] "
                 "[--steps COUNT]\n";
    return 2;
  }
  return trimaran::engine::Run(arguments);
}

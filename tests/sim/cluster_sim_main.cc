// Runs seeds of the simulator and says which of them fail.
//
//   cluster_sim --seeds 1000 [--first-seed 1] [--max-seconds 60]
//   cluster_sim --seed 42 --trace
//
// Exit code: 0 if every seed passed, 1 if one failed, 2 for bad arguments.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "tests/support/sim/sim_run.h"
#include "tests/support/sim/swarm.h"

namespace trimaran::sim {
namespace {

struct Flags {
  uint64_t first_seed = 1;
  uint64_t seeds = 100;
  bool trace = false;
  // 0: no limit. It does not count before so many seeds are done.
  uint64_t max_seconds = 0;
  uint64_t min_seeds = 0;
  // 0: every seed draws its own.
  uint64_t replicas = 0;
  bool keep_going = false;
};

void Usage() {
  std::fputs(
      "usage: cluster_sim [--seeds N] [--first-seed S] [--seed S]\n"
      "                   [--replicas K] [--max-seconds T] [--min-seeds M]\n"
      "                   [--trace] [--keep-going]\n",
      stderr);
}

bool ParseNumber(const char* text, uint64_t& number) {
  if (text == nullptr || *text < '0' || *text > '9') return false;
  char* end = nullptr;
  number = std::strtoull(text, &end, 10);
  return *end == '\0';
}

bool ParseFlags(int argc, char** argv, Flags& flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--trace") {
      flags.trace = true;
      continue;
    }
    if (flag == "--keep-going") {
      flags.keep_going = true;
      continue;
    }
    uint64_t number = 0;
    if (i + 1 == argc || !ParseNumber(argv[++i], number)) return false;
    if (flag == "--seeds") {
      flags.seeds = number;
    } else if (flag == "--first-seed") {
      flags.first_seed = number;
    } else if (flag == "--seed") {
      flags.first_seed = number;
      flags.seeds = 1;
    } else if (flag == "--replicas" && number <= 7) {
      flags.replicas = number;
    } else if (flag == "--max-seconds") {
      flags.max_seconds = number;
    } else if (flag == "--min-seeds") {
      flags.min_seeds = number;
    } else {
      return false;
    }
  }
  return flags.min_seeds <= flags.seeds;
}

// What the process that runs the seeds tells the one that watches it. It lives
// in memory that both share, so that it outlives an abort.
struct Report {
  uint64_t seed = 0;
  uint64_t seeds_done = 0;
  uint64_t failures = 0;
  uint64_t simulated_us = 0;
  RunStats stats;
  uint64_t elections = 0;
  uint64_t reads = 0;
};

double SecondsSince(MonotonicTime start) {
  return absl::ToDoubleSeconds(MonotonicClock().Now() - start);
}

void PrintReplay(const Flags& flags, uint64_t seed) {
  std::string command = "cluster_sim --seed " + std::to_string(seed);
  if (flags.replicas != 0) {
    command += " --replicas " + std::to_string(flags.replicas);
  }
  std::printf("  replay: %s --trace\n", command.c_str());
  std::fflush(stdout);
}

// The rates are per second of processor time, so that they do not depend on
// what else the machine does.
void PrintRate(const Report& report, const Report& before, double wall,
               double cpu) {
  const auto rate = [cpu](uint64_t now, uint64_t then) {
    return static_cast<double>(now - then) / cpu;
  };
  std::printf(
      "%llu seeds, %llu failed, %.1f s (cpu %.1f s): %.1f seeds/s, "
      "%.0f simulated s/s, %.2f M events/s\n",
      static_cast<unsigned long long>(report.seeds_done),
      static_cast<unsigned long long>(report.failures), wall, cpu,
      rate(report.seeds_done, before.seeds_done),
      rate(report.simulated_us, before.simulated_us) / 1e6,
      rate(report.stats.events, before.stats.events) / 1e6);
  std::fflush(stdout);
}

void PrintTotals(const Report& report) {
  const RunStats& stats = report.stats;
  const std::pair<const char*, uint64_t> totals[] = {
      {"messages", stats.messages},
      {"writes acknowledged", stats.writes_acknowledged},
      {"reads confirmed", report.reads},
      {"elections", report.elections},
      {"crashes", stats.crashes},
      {"snapshots installed", stats.snapshots_installed},
      {"membership changes", stats.membership_changes}};
  for (const auto& [name, value] : totals) {
    std::printf("  %-20s %llu\n", name, static_cast<unsigned long long>(value));
  }
}

void Add(const RunResult& result, Report& report) {
  report.simulated_us += result.simulated;
  report.stats.events += result.stats.events;
  report.stats.messages += result.stats.messages;
  report.stats.writes_acknowledged += result.stats.writes_acknowledged;
  report.stats.crashes += result.stats.crashes;
  report.stats.snapshots_installed += result.stats.snapshots_installed;
  report.stats.membership_changes += result.stats.membership_changes;
  report.elections += static_cast<uint64_t>(result.elections);
  report.reads += static_cast<uint64_t>(result.reads_confirmed);
  ++report.seeds_done;
}

void RunSeeds(const Flags& flags, Report& report) {
  const MonotonicTime start = MonotonicClock().Now();
  const std::clock_t cpu_start = std::clock();
  const auto cpu_seconds = [cpu_start] {
    return static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  };
  // An earlier child may have begun.
  const Report before = report;
  double next_progress = 10;
  for (uint64_t i = 0; i < flags.seeds; ++i) {
    report.seed = flags.first_seed + i;
    const SimOptions options =
        SwarmOptions(report.seed, static_cast<size_t>(flags.replicas));
    const RunResult result =
        RunSimulation(options, flags.trace ? stdout : nullptr);
    Add(result, report);
    if (!result.ok) {
      ++report.failures;
      std::printf("seed %llu FAILED: %s\n  %s\n",
                  static_cast<unsigned long long>(report.seed),
                  result.failure.c_str(), Describe(options).c_str());
      PrintReplay(flags, report.seed);
      if (!flags.keep_going) break;
    }
    const double wall = SecondsSince(start);
    if (wall >= next_progress) {
      PrintRate(report, before, wall, cpu_seconds());
      next_progress = wall + 10;
    }
    if (flags.max_seconds != 0 && report.seeds_done >= flags.min_seeds &&
        wall >= static_cast<double>(flags.max_seconds) && i + 1 < flags.seeds) {
      std::printf("ended early after %llu of %llu seeds\n",
                  static_cast<unsigned long long>(i + 1),
                  static_cast<unsigned long long>(flags.seeds));
      break;
    }
  }
  PrintRate(report, before, SecondsSince(start), cpu_seconds());
  if (flags.seeds > 1) PrintTotals(report);
}

// Runs the seeds in a child of its own. Returns what waitpid says of it.
int RunInChild(const Flags& flags, Report& report) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    RunSeeds(flags, report);
    std::fflush(stdout);
    _exit(report.failures == 0 ? 0 : 1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return status;
}

// A failed check in the core aborts the process. That of the seeds is not this
// one, so that somebody can still say which seed it was, and go on behind it.
int Watch(Flags flags) {
  void* shared = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  auto* report = new (shared) Report();
  const uint64_t end = flags.first_seed + flags.seeds;
  while (flags.first_seed < end) {
    flags.seeds = end - flags.first_seed;
    const int status = RunInChild(flags, *report);
    if (status == -1) return 2;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    ++report->failures;
    std::printf("seed %llu FAILED: killed by signal %d (%s)\n",
                static_cast<unsigned long long>(report->seed), WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    PrintReplay(flags, report->seed);
    if (!flags.keep_going) return 1;
    flags.first_seed = report->seed + 1;
  }
  return report->failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace trimaran::sim

int main(int argc, char** argv) {
  trimaran::sim::Flags flags;
  if (!trimaran::sim::ParseFlags(argc, argv, flags)) {
    trimaran::sim::Usage();
    return 2;
  }
  return trimaran::sim::Watch(flags);
}

// Runs seeds of the simulator of whole nodes and says which of them fail.
//
//   node_sim --seeds 1000 [--first-seed 1] [--max-seconds 60]
//   node_sim --engine --seeds 100
//   node_sim --seed 42 --trace [--history calls.jsonl]
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
#include "tests/support/node_sim/node_run.h"
#include "tests/support/node_sim/node_swarm.h"

namespace trimaran::node_sim {
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
  StoreKind store = StoreKind::kModel;
  bool keep_going = false;
  // Where the calls of the last seed are written; empty: nowhere.
  std::string history;
};

void Usage() {
  std::fputs(
      "usage: node_sim [--seeds N] [--first-seed S] [--seed S]\n"
      "                [--replicas K] [--max-seconds T] [--min-seeds M]\n"
      "                [--trace] [--keep-going] [--history FILE] [--engine]\n",
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
    if (flag == "--engine") {
      flags.store = StoreKind::kEngine;
      continue;
    }
    if (flag == "--keep-going") {
      flags.keep_going = true;
      continue;
    }
    if (flag == "--history" && i + 1 < argc) {
      flags.history = argv[++i];
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
  uint64_t events = 0;
  uint64_t messages = 0;
  uint64_t calls = 0;
  uint64_t terms_led = 0;
  uint64_t transfers = 0;
  uint64_t search_steps = 0;
  NodeSimStats stats;
};

double SecondsSince(MonotonicTime start) {
  return absl::ToDoubleSeconds(MonotonicClock().Now() - start);
}

void PrintReplay(const Flags& flags, uint64_t seed) {
  std::string command = "node_sim --seed " + std::to_string(seed);
  if (flags.store == StoreKind::kEngine) command += " --engine";
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
      rate(report.events, before.events) / 1e6);
  std::fflush(stdout);
}

void PrintTotals(const Report& report) {
  const NodeSimStats& stats = report.stats;
  const std::pair<const char*, uint64_t> totals[] = {
      {"messages", report.messages},
      {"calls", report.calls},
      {"writes applied", stats.writes_ok},
      {"writes not applied", stats.writes_not_applied},
      {"writes unknown", stats.writes_unknown},
      {"reads", stats.reads_ok},
      {"of these, scans", stats.scans_ok},
      {"terms with a leader", report.terms_led},
      {"crashes", stats.crashes},
      {"stops", stats.stops},
      {"write errors", stats.write_errors},
      {"power losses", stats.power_losses},
      {"membership changes", stats.membership_changes},
      {"states compared", stats.states_compared},
      {"disks wiped", stats.disks_wiped},
      {"ends of logs lost", stats.tails_lost},
      {"images restored", stats.images_restored},
      {"copies opened", stats.copies_opened},
      {"of these, kept", stats.copies_continued},
      {"answers at copies", stats.answers_of_copies},
      {"of these, reads", stats.reads_of_copies},
      {"files damaged", stats.damages},
      {"of these, found", stats.damages_found},
      {"read errors", stats.read_errors},
      {"full disks", stats.full_disks},
      {"compactions asked", stats.compactions},
      {"snapshots offered", report.transfers},
      {"snapshots installed", stats.snapshots_installed},
      {"steps of the search", report.search_steps}};
  for (const auto& [name, value] : totals) {
    std::printf("  %-20s %llu\n", name, static_cast<unsigned long long>(value));
  }
}

void Add(const NodeRunResult& result, Report& report) {
  report.simulated_us += result.simulated;
  report.events += result.events;
  report.messages += result.messages;
  report.calls += result.calls;
  report.terms_led += result.terms_led;
  report.transfers += result.transfers;
  report.search_steps += result.search_steps;
  NodeSimStats& stats = report.stats;
  stats.crashes += result.stats.crashes;
  stats.stops += result.stats.stops;
  stats.write_errors += result.stats.write_errors;
  stats.power_losses += result.stats.power_losses;
  stats.membership_changes += result.stats.membership_changes;
  stats.states_compared += result.stats.states_compared;
  stats.disks_wiped += result.stats.disks_wiped;
  stats.tails_lost += result.stats.tails_lost;
  stats.images_restored += result.stats.images_restored;
  stats.copies_opened += result.stats.copies_opened;
  stats.copies_continued += result.stats.copies_continued;
  stats.answers_of_copies += result.stats.answers_of_copies;
  stats.reads_of_copies += result.stats.reads_of_copies;
  stats.damages += result.stats.damages;
  stats.damages_found += result.stats.damages_found;
  stats.read_errors += result.stats.read_errors;
  stats.full_disks += result.stats.full_disks;
  stats.compactions += result.stats.compactions;
  stats.snapshots_installed += result.stats.snapshots_installed;
  stats.writes_ok += result.stats.writes_ok;
  stats.writes_not_applied += result.stats.writes_not_applied;
  stats.writes_unknown += result.stats.writes_unknown;
  stats.reads_ok += result.stats.reads_ok;
  stats.scans_ok += result.stats.scans_ok;
  ++report.seeds_done;
}

NodeRunResult RunOne(const Flags& flags, const NodeSimOptions& options) {
  NodeRunOutput output;
  if (flags.trace) output.trace = stdout;
  if (!flags.history.empty()) {
    output.history = std::fopen(flags.history.c_str(), "w");
  }
  NodeRunResult result = RunNodeSimulation(options, output);
  if (output.history != nullptr) std::fclose(output.history);
  return result;
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
    const NodeSimOptions options = DrawNodeSimOptions(
        report.seed, static_cast<size_t>(flags.replicas), flags.store);
    const NodeRunResult result = RunOne(flags, options);
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

// A failed check in a node aborts the process. That of the seeds is not this
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
}  // namespace trimaran::node_sim

int main(int argc, char** argv) {
  trimaran::node_sim::Flags flags;
  if (!trimaran::node_sim::ParseFlags(argc, argv, flags)) {
    trimaran::node_sim::Usage();
    return 2;
  }
  return trimaran::node_sim::Watch(flags);
}

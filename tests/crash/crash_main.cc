// Crashes a scenario everywhere and says what was lost.
//
//   crash_points --scenario log [--kind crashes|errors] [--shard 0/2] ...
//   crash_points --scenario log --all          every crash and every error
//   crash_points --scenario log --nested-stride 1 --max-seconds 600
//                                              crashed recoveries, for a while
//   crash_points --list                        the names of all scenarios
//   crash_points --scenario log --point 57 --survival sectors/prefix --seed 3
//                --save /tmp/image             one image, to be looked at
//
// Exit code: 0 if nothing was lost, 1 if something was, or if --all has not
// come to its end, 2 for bad arguments.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/crash/crash_points.h"
#include "tests/crash/scenarios.h"
#include "tests/support/disk/disk_image.h"

namespace trimaran::crash {
namespace {

struct Flags {
  std::string scenario;
  // "crashes", "errors", or empty for both.
  std::string kind;
  CrashPlan plan;
  bool all = false;
  // To save one image.
  std::string save;
  CrashCase image;
};

void Usage() {
  std::fputs(
      "usage: crash_points --scenario NAME [--kind crashes|errors] [--all]\n"
      "         [--seed S] [--shard I/N] [--max-seconds T]\n"
      "         [--fixed-stride N] [--seeded-stride N] [--choices N]\n"
      "         [--nested-stride N] [--nested-point-stride N]\n"
      "         [--error-stride N]\n"
      "       crash_points --list\n"
      "       crash_points --scenario NAME --point K --survival DATA/NAMES\n"
      "         [--seed S] --save DIRECTORY\n",
      stderr);
}

int List() {
  for (const std::string_view name : ScenarioNames()) {
    std::printf("%s\n", std::string(name).c_str());
  }
  return 0;
}

bool ParseNumber(std::string_view text, uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

bool ParseShard(std::string_view text, CrashPlan& plan) {
  const size_t slash = text.find('/');
  return slash != text.npos && ParseNumber(text.substr(0, slash), plan.shard) &&
         ParseNumber(text.substr(slash + 1), plan.shards) &&
         plan.shard < plan.shards;
}

std::optional<disk::Survival> ParseSurvival(std::string_view text) {
  std::vector<disk::Survival> all(disk::kFixedSurvivals.begin(),
                                  disk::kFixedSurvivals.end());
  all.insert(all.end(), disk::kSeededSurvivals.begin(),
             disk::kSeededSurvivals.end());
  for (const disk::Survival survival : all) {
    if (disk::SurvivalName(survival) == text) return survival;
  }
  return std::nullopt;
}

// But for crashed recoveries, of which there are hundreds for each crash.
CrashPlan Everything(CrashPlan plan) {
  plan.fixed_stride = plan.seeded_stride = plan.error_stride = 1;
  plan.choices = 8;
  return plan;
}

bool ParseFlag(std::string_view flag, std::string_view value, Flags& flags) {
  CrashPlan& plan = flags.plan;
  const std::map<std::string_view, uint64_t*> numbers = {
      {"--seed", &plan.seed},
      {"--max-seconds", &plan.max_seconds},
      {"--fixed-stride", &plan.fixed_stride},
      {"--seeded-stride", &plan.seeded_stride},
      {"--choices", &plan.choices},
      {"--nested-stride", &plan.nested_stride},
      {"--nested-point-stride", &plan.nested_point_stride},
      {"--error-stride", &plan.error_stride}};
  if (const auto found = numbers.find(flag); found != numbers.end()) {
    return ParseNumber(value, *found->second);
  }
  if (flag == "--shard") return ParseShard(value, plan);
  if (flag == "--point") {
    uint64_t point = 0;
    if (!ParseNumber(value, point)) return false;
    flags.image.point = static_cast<size_t>(point);
    return true;
  }
  if (flag == "--survival") {
    const auto survival = ParseSurvival(value);
    if (survival.has_value()) flags.image.survival = *survival;
    return survival.has_value();
  }
  const std::map<std::string_view, std::string*> texts = {
      {"--scenario", &flags.scenario},
      {"--kind", &flags.kind},
      {"--save", &flags.save}};
  const auto found = texts.find(flag);
  if (found == texts.end()) return false;
  *found->second = value;
  return true;
}

bool ParseFlags(int argc, char** argv, Flags& flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--all") {
      flags.all = true;
      flags.plan = Everything(flags.plan);
      continue;
    }
    if (i + 1 == argc || !ParseFlag(flag, argv[++i], flags)) return false;
  }
  if (flags.plan.nested_point_stride == 0) return false;
  return flags.kind.empty() || flags.kind == "crashes" ||
         flags.kind == "errors";
}

int Save(Scenario& scenario, const Flags& flags) {
  CrashCase crash = flags.image;
  crash.seed = flags.plan.seed;
  const absl::Status saved =
      disk::SaveImage(ImageOf(scenario, crash), flags.save);
  if (!saved.ok()) std::fprintf(stderr, "%s\n", saved.ToString().c_str());
  return saved.ok() ? 0 : 2;
}

bool Print(const char* kind, const Flags& flags, const CrashReport& report) {
  std::printf("%s, %s, seed %llu: %s", flags.scenario.c_str(), kind,
              static_cast<unsigned long long>(flags.plan.seed),
              report.ToString().c_str());
  std::fflush(stdout);
  return report.failures.empty() && !(flags.all && report.ended_early);
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--list") return List();
  Flags flags;
  if (!ParseFlags(argc, argv, flags)) {
    Usage();
    return 2;
  }
  const std::unique_ptr<Scenario> scenario = MakeScenario(flags.scenario);
  if (scenario == nullptr) {
    Usage();
    return 2;
  }
  if (!flags.save.empty()) return Save(*scenario, flags);
  bool fine = true;
  if (flags.kind != "errors") {
    fine = Print("crashes", flags, TryCrashes(*scenario, flags.plan));
  }
  if (flags.kind != "crashes" && flags.plan.error_stride != 0) {
    fine = Print("errors", flags, TryErrors(*scenario, flags.plan)) && fine;
  }
  return fine ? 0 : 1;
}

}  // namespace
}  // namespace trimaran::crash

int main(int argc, char** argv) { return trimaran::crash::Main(argc, argv); }

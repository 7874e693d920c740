#include "tests/crash/scenarios.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/crash/log_scenario.h"

namespace trimaran::crash {
namespace {

struct LogStory {
  std::string_view name;
  uint64_t seed;
  size_t step_count;
};
constexpr LogStory kLogStories[] = {
    {"log", 1, 100}, {"log_2", 2, 100}, {"log_long", 3, 400}};

}  // namespace

std::vector<std::string_view> ScenarioNames() {
  std::vector<std::string_view> names;
  for (const LogStory& story : kLogStories) names.push_back(story.name);
  return names;
}

std::unique_ptr<Scenario> MakeScenario(std::string_view name) {
  for (const LogStory& story : kLogStories) {
    if (story.name == name) {
      return std::make_unique<LogScenario>(std::string(name), story.seed,
                                           story.step_count);
    }
  }
  return nullptr;
}

}  // namespace trimaran::crash

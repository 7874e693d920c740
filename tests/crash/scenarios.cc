#include "tests/crash/scenarios.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/crash/engine_scenario.h"
#include "tests/crash/log_scenario.h"

namespace trimaran::crash {
namespace {

// What a name stands for.
struct Story {
  std::string_view name;
  uint64_t seed;
  size_t step_count;
};
constexpr Story kLogStories[] = {
    {"log", 1, 100}, {"log_2", 2, 100}, {"log_long", 3, 400}};
constexpr Story kEngineStories[] = {
    {"engine", 1, 100}, {"engine_2", 2, 100}, {"engine_long", 3, 300}};

template <typename S, size_t kCount>
std::unique_ptr<Scenario> Make(const Story (&stories)[kCount],
                               std::string_view name) {
  for (const Story& story : stories) {
    if (story.name == name) {
      return std::make_unique<S>(std::string(name), story.seed,
                                 story.step_count);
    }
  }
  return nullptr;
}

}  // namespace

std::vector<std::string_view> ScenarioNames() {
  std::vector<std::string_view> names;
  for (const Story& story : kLogStories) names.push_back(story.name);
  for (const Story& story : kEngineStories) names.push_back(story.name);
  return names;
}

std::unique_ptr<Scenario> MakeScenario(std::string_view name) {
  std::unique_ptr<Scenario> made = Make<LogScenario>(kLogStories, name);
  if (made == nullptr) made = Make<EngineScenario>(kEngineStories, name);
  return made;
}

}  // namespace trimaran::crash

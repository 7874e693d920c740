#ifndef TRIMARAN_TESTS_CRASH_SCENARIOS_H_
#define TRIMARAN_TESTS_CRASH_SCENARIOS_H_

#include <memory>
#include <string_view>
#include <vector>

#include "tests/crash/scenario.h"

namespace trimaran::crash {

// All scenarios that there are, by name.
//
// Thread: any.
std::vector<std::string_view> ScenarioNames();
// Null for a name that is none of them.
std::unique_ptr<Scenario> MakeScenario(std::string_view name);

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_SCENARIOS_H_

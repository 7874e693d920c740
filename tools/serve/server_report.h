#ifndef TRIMARAN_TOOLS_SERVE_SERVER_REPORT_H_
#define TRIMARAN_TOOLS_SERVE_SERVER_REPORT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tools/serve/counters.h"
#include "tools/serve/settings.h"
#include "trimaran/status.h"

// What a server says of itself, in the words of Redis.
//
// Thread: all functions may be called from any thread.

namespace trimaran::serve {

struct ServerReport {
  const Settings& settings;
  const Counters& counters;
  const ReplicaStatus& replica;
  std::string address;
  absl::Duration uptime;
  uint64_t commands_per_second = 0;
};

// The name that the settings give to the cluster: empty where they give none,
// or the id itself.
std::string ClusterName(const ServerReport& report);

// The answer to INFO; all sections for an empty name.
std::string InfoText(const ServerReport& report, std::string_view section);

// The answers to CONFIG GET.
std::vector<std::pair<std::string, std::string>> ConfigValues(
    const Settings& settings);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SERVER_REPORT_H_

#ifndef TRIMARAN_TOOLS_SERVE_COUNTERS_H_
#define TRIMARAN_TOOLS_SERVE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/histogram.h"
#include "tools/serve/job.h"

namespace trimaran::serve {

inline constexpr size_t kJobKinds = 5;
inline constexpr std::array<std::string_view, kJobKinds> kJobKindNames = {
    "read", "write", "update", "scan", "watch"};

// What a server has counted since it was started.
//
// Thread: any.
struct Counters {
  std::atomic<uint64_t> connections = 0;
  std::atomic<uint64_t> connections_refused = 0;
  // Closed because they did not read, or said nothing.
  std::atomic<uint64_t> connections_timed_out = 0;
  std::atomic<uint64_t> protocol_errors = 0;
  std::atomic<uint64_t> commands = 0;
  std::atomic<uint64_t> bytes_received = 0;
  std::atomic<uint64_t> bytes_sent = 0;
  std::atomic<uint64_t> clients = 0;
  // Answers that wait to be sent, and commands that wait to be begun.
  std::atomic<uint64_t> output_bytes = 0;
  std::atomic<uint64_t> input_bytes = 0;
  // From the submission of a job to its end.
  std::array<Histogram, kJobKinds> latency = {};

  Histogram& LatencyOf(Job::Kind kind) {
    return latency[static_cast<size_t>(kind)];
  }
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_COUNTERS_H_

#ifndef TRIMARAN_TESTS_NET_REPLICA_SETTINGS_H_
#define TRIMARAN_TESTS_NET_REPLICA_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace trimaran::net {

// How net_replica opens its database: `--replica_id 2 --listen 127.0.0.1:7001`
// and so on, by the names of the fields. Small logs and quick elections, so
// that a test sees in seconds what otherwise takes hours.
//
// Thread: a value; any.
struct ReplicaSettings {
  std::string directory = {};
  std::string cluster = "network test";
  uint64_t replica_id = 1;
  std::string listen = {};
  std::string advertise = {};
  // "1=127.0.0.1:7001,2=127.0.0.1:7002"; empty: it is alone.
  std::string founders = {};
  uint64_t join = 0;
  // All three, or none.
  std::string tls_authority = {};
  std::string tls_certificate = {};
  std::string tls_key = {};
  uint64_t insecure = 0;

  uint64_t heartbeat_ms = 50;
  uint64_t election_ms = 500;
  uint64_t timeout_ms = 2000;
  uint64_t log_segment_bytes = uint64_t{64} << 10;
  uint64_t log_bytes_max = uint64_t{1} << 20;
  uint64_t log_writes_max = 400;
  uint64_t checkpoint_bytes = uint64_t{1} << 20;
  uint64_t cache_bytes = uint64_t{16} << 20;
  uint64_t free_bytes_min = uint64_t{1} << 20;
  uint64_t snapshot_rate = 0;
  // Calls that are under way at a time.
  uint64_t workers = 16;

  friend bool operator==(const ReplicaSettings&,
                         const ReplicaSettings&) = default;
};

std::vector<std::string> ToFlags(const ReplicaSettings& settings);
// InvalidArgument, naming the flag.
absl::StatusOr<ReplicaSettings> FromFlags(
    const std::vector<std::string>& flags);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_REPLICA_SETTINGS_H_

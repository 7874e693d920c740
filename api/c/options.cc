#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/c/boundary.h"

using trimaran::c::Arguments;
using trimaran::c::Build;
using trimaran::c::Call;
using trimaran::c::Create;
using trimaran::c::Refusal;
using trimaran::c::TextOr;
using trimaran::c::Timeout;

namespace {

// Sets one field of the options, which cannot go wrong but for memory.
template <typename Set>
void With(trimaran_options* options, Set set) {
  Build(options, [&set](trimaran_options& object) {
    set(object.options);
    return absl::OkStatus();
  });
}

static_assert(static_cast<int>(trimaran::LogSeverity::kDebug) ==
              TRIMARAN_DEBUG);
static_assert(static_cast<int>(trimaran::LogSeverity::kInfo) == TRIMARAN_INFO);
static_assert(static_cast<int>(trimaran::LogSeverity::kWarning) ==
              TRIMARAN_WARNING);
static_assert(static_cast<int>(trimaran::LogSeverity::kError) ==
              TRIMARAN_ERROR);

}  // namespace

// ---- Replicas in one process ----

trimaran_network* trimaran_network_create(void) {
  return Create<trimaran_network>([] {
    return new trimaran_network{std::make_shared<trimaran::InProcessNetwork>()};
  });
}

void trimaran_network_free(trimaran_network* network) { delete network; }

void trimaran_network_isolate(trimaran_network* network, uint64_t replica_id) {
  if (network == nullptr) return;
  Call(nullptr, [&] {
    network->network->Isolate(replica_id);
    return absl::OkStatus();
  });
}

void trimaran_network_rejoin(trimaran_network* network, uint64_t replica_id) {
  if (network == nullptr) return;
  Call(nullptr, [&] {
    network->network->Rejoin(replica_id);
    return absl::OkStatus();
  });
}

// ---- Options ----

trimaran_options* trimaran_options_create(void) {
  return Create<trimaran_options>([] { return new trimaran_options(); });
}

void trimaran_options_free(trimaran_options* options) { delete options; }

trimaran_code trimaran_options_validate(const trimaran_options* options,
                                        trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.NeedWhole(options, "options");
    if (!arguments.ok()) return arguments.refusal();
    return trimaran::ValidateOptions(options->options);
  });
}

void trimaran_options_set_create_if_missing(trimaran_options* options,
                                            bool create_if_missing) {
  With(options, [&](auto& o) { o.create_if_missing = create_if_missing; });
}

void trimaran_options_set_join(trimaran_options* options, bool join) {
  With(options, [&](auto& o) { o.join = join; });
}

void trimaran_options_set_cluster(trimaran_options* options,
                                  const char* cluster) {
  With(options, [&](auto& o) { o.cluster = TextOr(cluster); });
}

void trimaran_options_set_replica_id(trimaran_options* options,
                                     uint64_t replica_id) {
  With(options, [&](auto& o) { o.replica_id = replica_id; });
}

void trimaran_options_add_founder(trimaran_options* options,
                                  uint64_t replica_id, const char* name,
                                  const char* address) {
  With(options, [&](auto& o) {
    o.founders.insert_or_assign(
        replica_id, trimaran::MemberInfo{std::string(TextOr(name)),
                                         std::string(TextOr(address))});
  });
}

void trimaran_options_set_listen(trimaran_options* options,
                                 const char* address) {
  With(options, [&](auto& o) { o.listen = TextOr(address); });
}

void trimaran_options_set_advertise(trimaran_options* options,
                                    const char* address) {
  With(options, [&](auto& o) { o.advertise = TextOr(address); });
}

void trimaran_options_set_tls(trimaran_options* options, const char* authority,
                              const char* certificate, const char* key) {
  With(options, [&](auto& o) {
    o.tls = trimaran::TlsFiles{std::string(TextOr(authority)),
                               std::string(TextOr(certificate)),
                               std::string(TextOr(key))};
  });
}

void trimaran_options_set_insecure(trimaran_options* options, bool insecure) {
  With(options, [&](auto& o) { o.insecure = insecure; });
}

void trimaran_options_set_network(trimaran_options* options,
                                  trimaran_network* network) {
  Build(options, [&](trimaran_options& object) {
    if (network == nullptr) {
      return Refusal(absl::StatusCode::kInvalidArgument, "network is NULL");
    }
    object.options.network = network->network;
    return absl::OkStatus();
  });
}

void trimaran_options_set_default_timeout_ms(trimaran_options* options,
                                             int64_t timeout_ms) {
  With(options, [&](auto& o) { o.default_timeout = Timeout(timeout_ms); });
}

void trimaran_options_set_heartbeat_interval_ms(trimaran_options* options,
                                                int64_t interval_ms) {
  With(options, [&](auto& o) {
    o.heartbeat_interval = absl::Milliseconds(interval_ms);
  });
}

void trimaran_options_set_election_timeout_ms(trimaran_options* options,
                                              int64_t timeout_ms) {
  With(options,
       [&](auto& o) { o.election_timeout = absl::Milliseconds(timeout_ms); });
}

void trimaran_options_set_forward_writes(trimaran_options* options,
                                         bool forward_writes) {
  With(options, [&](auto& o) { o.forward_writes = forward_writes; });
}

void trimaran_options_set_lease_reads(trimaran_options* options,
                                      bool lease_reads) {
  With(options, [&](auto& o) { o.lease_reads = lease_reads; });
}

void trimaran_options_set_cache_bytes(trimaran_options* options,
                                      uint64_t bytes) {
  With(options, [&](auto& o) { o.cache_bytes = bytes; });
}

void trimaran_options_set_log_segment_bytes(trimaran_options* options,
                                            uint64_t bytes) {
  With(options, [&](auto& o) { o.log_segment_bytes = bytes; });
}

void trimaran_options_set_log_bytes_max(trimaran_options* options,
                                        uint64_t bytes) {
  With(options, [&](auto& o) { o.log_bytes_max = bytes; });
}

void trimaran_options_set_log_writes_max(trimaran_options* options,
                                         uint64_t writes) {
  With(options, [&](auto& o) { o.log_writes_max = writes; });
}

void trimaran_options_set_checkpoint_bytes(trimaran_options* options,
                                           uint64_t bytes) {
  With(options, [&](auto& o) { o.checkpoint_bytes = bytes; });
}

void trimaran_options_set_free_bytes_min(trimaran_options* options,
                                         uint64_t bytes) {
  With(options, [&](auto& o) { o.free_bytes_min = bytes; });
}

void trimaran_options_set_snapshot_rate(trimaran_options* options,
                                        uint64_t bytes_per_second) {
  With(options, [&](auto& o) { o.snapshot_rate = bytes_per_second; });
}

void trimaran_options_set_write_queue_bytes_max(trimaran_options* options,
                                                uint64_t bytes) {
  With(options, [&](auto& o) { o.write_queue_bytes_max = bytes; });
}

void trimaran_options_set_watch_bytes_max(trimaran_options* options,
                                          uint64_t bytes) {
  With(options, [&](auto& o) { o.watch_bytes_max = bytes; });
}

void trimaran_options_set_views_max(trimaran_options* options, size_t views) {
  With(options, [&](auto& o) { o.views_max = views; });
}

void trimaran_options_set_view_age_max_ms(trimaran_options* options,
                                          int64_t age_ms) {
  With(options, [&](auto& o) { o.view_age_max = absl::Milliseconds(age_ms); });
}

void trimaran_options_set_log(trimaran_options* options,
                              trimaran_log_function function, void* context,
                              trimaran_severity severity_min) {
  Build(options, [&](trimaran_options& object) {
    if (severity_min < TRIMARAN_DEBUG || severity_min > TRIMARAN_ERROR) {
      return Refusal(absl::StatusCode::kInvalidArgument,
                     "no such severity: " + std::to_string(severity_min));
    }
    object.options.log = nullptr;
    object.options.log_severity_min =
        static_cast<trimaran::LogSeverity>(severity_min);
    if (function == nullptr) return absl::OkStatus();
    object.options.log = [function, context](trimaran::LogSeverity severity,
                                             std::string_view component,
                                             std::string_view message) {
      function(context, static_cast<trimaran_severity>(severity),
               component.data(), component.size(), message.data(),
               message.size());
    };
    return absl::OkStatus();
  });
}

#ifndef TRIMARAN_C_OPTIONS_H_
#define TRIMARAN_C_OPTIONS_H_

#include "trimaran/c/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- Replicas in one process: trimaran/network.h ----

typedef struct trimaran_network trimaran_network;

TRIMARAN_EXPORT trimaran_network* trimaran_network_create(void);
// Options and databases that use it keep what they need.
TRIMARAN_EXPORT void trimaran_network_free(trimaran_network* network);
TRIMARAN_EXPORT void trimaran_network_isolate(trimaran_network* network,
                                              uint64_t replica_id);
TRIMARAN_EXPORT void trimaran_network_rejoin(trimaran_network* network,
                                             uint64_t replica_id);

// ---- Options of a database: trimaran/options.h, by the same names ----

// Used by the call that gets it, and not afterwards.
typedef struct trimaran_options trimaran_options;

TRIMARAN_EXPORT trimaran_options* trimaran_options_create(void);
TRIMARAN_EXPORT void trimaran_options_free(trimaran_options* options);
// Whether a database can be opened with them. TRIMARAN_INVALID_ARGUMENT, with a
// message that names the option, its value and the limit.
TRIMARAN_EXPORT trimaran_code trimaran_options_validate(
    const trimaran_options* options, trimaran_error** error);

// The directory.
TRIMARAN_EXPORT void trimaran_options_set_create_if_missing(
    trimaran_options* options, bool create_if_missing);
TRIMARAN_EXPORT void trimaran_options_set_join(trimaran_options* options,
                                               bool join);

// The group.
TRIMARAN_EXPORT void trimaran_options_set_cluster(trimaran_options* options,
                                                  const char* cluster);
TRIMARAN_EXPORT void trimaran_options_set_replica_id(trimaran_options* options,
                                                     uint64_t replica_id);
// `name` and `address` may be NULL. One who is there already is replaced.
TRIMARAN_EXPORT void trimaran_options_add_founder(trimaran_options* options,
                                                  uint64_t replica_id,
                                                  const char* name,
                                                  const char* address);

// How replicas reach each other.
TRIMARAN_EXPORT void trimaran_options_set_listen(trimaran_options* options,
                                                 const char* address);
TRIMARAN_EXPORT void trimaran_options_set_advertise(trimaran_options* options,
                                                    const char* address);
// Paths of files in PEM format.
TRIMARAN_EXPORT void trimaran_options_set_tls(trimaran_options* options,
                                              const char* authority,
                                              const char* certificate,
                                              const char* key);
TRIMARAN_EXPORT void trimaran_options_set_insecure(trimaran_options* options,
                                                   bool insecure);
TRIMARAN_EXPORT void trimaran_options_set_network(trimaran_options* options,
                                                  trimaran_network* network);

// Time.
TRIMARAN_EXPORT void trimaran_options_set_default_timeout_ms(
    trimaran_options* options, int64_t timeout_ms);
TRIMARAN_EXPORT void trimaran_options_set_heartbeat_interval_ms(
    trimaran_options* options, int64_t interval_ms);
TRIMARAN_EXPORT void trimaran_options_set_election_timeout_ms(
    trimaran_options* options, int64_t timeout_ms);

// Reads and writes.
TRIMARAN_EXPORT void trimaran_options_set_forward_writes(
    trimaran_options* options, bool forward_writes);
TRIMARAN_EXPORT void trimaran_options_set_lease_reads(trimaran_options* options,
                                                      bool lease_reads);

// Resources.
TRIMARAN_EXPORT void trimaran_options_set_cache_bytes(trimaran_options* options,
                                                      uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_log_segment_bytes(
    trimaran_options* options, uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_log_bytes_max(
    trimaran_options* options, uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_log_writes_max(
    trimaran_options* options, uint64_t writes);
TRIMARAN_EXPORT void trimaran_options_set_checkpoint_bytes(
    trimaran_options* options, uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_free_bytes_min(
    trimaran_options* options, uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_snapshot_rate(
    trimaran_options* options, uint64_t bytes_per_second);
TRIMARAN_EXPORT void trimaran_options_set_write_queue_bytes_max(
    trimaran_options* options, uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_watch_bytes_max(
    trimaran_options* options, uint64_t bytes);
TRIMARAN_EXPORT void trimaran_options_set_views_max(trimaran_options* options,
                                                    size_t views);
TRIMARAN_EXPORT void trimaran_options_set_view_age_max_ms(
    trimaran_options* options, int64_t age_ms);

// Messages.
typedef int32_t trimaran_severity;
enum {
  TRIMARAN_DEBUG = 0,
  TRIMARAN_INFO = 1,
  TRIMARAN_WARNING = 2,
  TRIMARAN_ERROR = 3
};
// Called from any thread, from several at once, until the database is freed.
// Must not call the library. The texts are valid during the call.
typedef void (*trimaran_log_function)(void* context, trimaran_severity severity,
                                      const char* component,
                                      size_t component_size,
                                      const char* message, size_t message_size);
// Messages below `severity_min` are not made. NULL: to stderr, if the
// environment variable LOG_LEVEL asks for it.
TRIMARAN_EXPORT void trimaran_options_set_log(trimaran_options* options,
                                              trimaran_log_function function,
                                              void* context,
                                              trimaran_severity severity_min);

// ---- Options of a call ----

typedef struct trimaran_write_options trimaran_write_options;

TRIMARAN_EXPORT trimaran_write_options* trimaran_write_options_create(void);
TRIMARAN_EXPORT void trimaran_write_options_free(
    trimaran_write_options* options);
TRIMARAN_EXPORT void trimaran_write_options_set_timeout_ms(
    trimaran_write_options* options, int64_t timeout_ms);

// How fresh the data has to be that a read sees.
typedef int32_t trimaran_read_level;
enum {
  TRIMARAN_LINEARIZABLE = 0,
  TRIMARAN_LEASE = 1,
  // The write of trimaran_read_options_set_index, and all before it.
  TRIMARAN_AT_LEAST = 2,
  // What is older than trimaran_read_options_set_staleness_max_ms.
  TRIMARAN_BOUNDED = 3,
  TRIMARAN_LOCAL = 4
};

typedef struct trimaran_read_options trimaran_read_options;

TRIMARAN_EXPORT trimaran_read_options* trimaran_read_options_create(void);
TRIMARAN_EXPORT void trimaran_read_options_free(trimaran_read_options* options);
TRIMARAN_EXPORT void trimaran_read_options_set_level(
    trimaran_read_options* options, trimaran_read_level level);
TRIMARAN_EXPORT void trimaran_read_options_set_index(
    trimaran_read_options* options, uint64_t index);
TRIMARAN_EXPORT void trimaran_read_options_set_staleness_max_ms(
    trimaran_read_options* options, int64_t staleness_ms);
TRIMARAN_EXPORT void trimaran_read_options_set_timeout_ms(
    trimaran_read_options* options, int64_t timeout_ms);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_OPTIONS_H_

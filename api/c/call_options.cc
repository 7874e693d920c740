#include <string>

#include "api/c/boundary.h"

using trimaran::c::Build;
using trimaran::c::Create;
using trimaran::c::Refusal;
using trimaran::c::Timeout;

namespace {

static_assert(static_cast<int>(trimaran::ReadLevel::kLinearizable) ==
              TRIMARAN_LINEARIZABLE);
static_assert(static_cast<int>(trimaran::ReadLevel::kLease) == TRIMARAN_LEASE);
static_assert(static_cast<int>(trimaran::ReadLevel::kAtLeast) ==
              TRIMARAN_AT_LEAST);
static_assert(static_cast<int>(trimaran::ReadLevel::kBounded) ==
              TRIMARAN_BOUNDED);
static_assert(static_cast<int>(trimaran::ReadLevel::kLocal) == TRIMARAN_LOCAL);

}  // namespace

// ---- Of a write ----

trimaran_write_options* trimaran_write_options_create(void) {
  return Create<trimaran_write_options>(
      [] { return new trimaran_write_options(); });
}

void trimaran_write_options_free(trimaran_write_options* options) {
  delete options;
}

void trimaran_write_options_set_timeout_ms(trimaran_write_options* options,
                                           int64_t timeout_ms) {
  if (options != nullptr) options->options.timeout = Timeout(timeout_ms);
}

// ---- Of a read ----

trimaran_read_options* trimaran_read_options_create(void) {
  return Create<trimaran_read_options>(
      [] { return new trimaran_read_options(); });
}

void trimaran_read_options_free(trimaran_read_options* options) {
  delete options;
}

void trimaran_read_options_set_level(trimaran_read_options* options,
                                     trimaran_read_level level) {
  Build(options, [&](trimaran_read_options& object) {
    if (level < TRIMARAN_LINEARIZABLE || level > TRIMARAN_LOCAL) {
      return Refusal(absl::StatusCode::kInvalidArgument,
                     "no such level: " + std::to_string(level));
    }
    object.options.level = static_cast<trimaran::ReadLevel>(level);
    return absl::OkStatus();
  });
}

void trimaran_read_options_set_index(trimaran_read_options* options,
                                     uint64_t index) {
  if (options != nullptr) options->options.index = index;
}

void trimaran_read_options_set_staleness_max_ms(trimaran_read_options* options,
                                                int64_t staleness_ms) {
  if (options != nullptr) {
    options->options.staleness_max = absl::Milliseconds(staleness_ms);
  }
}

void trimaran_read_options_set_timeout_ms(trimaran_read_options* options,
                                          int64_t timeout_ms) {
  if (options != nullptr) options->options.timeout = Timeout(timeout_ms);
}

// ---- Of a scan ----

trimaran_scan_options* trimaran_scan_options_create(void) {
  return Create<trimaran_scan_options>(
      [] { return new trimaran_scan_options(); });
}

void trimaran_scan_options_free(trimaran_scan_options* options) {
  delete options;
}

void trimaran_scan_options_set_family(trimaran_scan_options* options,
                                      trimaran_family family) {
  if (options != nullptr) {
    options->options.family = trimaran::ColumnFamily(family);
  }
}

void trimaran_scan_options_set_reverse(trimaran_scan_options* options,
                                       bool reverse) {
  if (options != nullptr) options->options.reverse = reverse;
}

void trimaran_scan_options_set_limit(trimaran_scan_options* options,
                                     uint64_t limit) {
  if (options != nullptr) options->options.limit = limit;
}

void trimaran_scan_options_set_read(trimaran_scan_options* options,
                                    const trimaran_read_options* read) {
  Build(options, [&](trimaran_scan_options& object) {
    if (read == nullptr) {
      object.options.read = {};
      return absl::OkStatus();
    }
    object.options.read = read->options;
    return read->problem;
  });
}

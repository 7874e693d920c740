#include "tools/serve/settings.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/address.h"

namespace trimaran::serve {
namespace {

absl::Status Wrong(std::string_view setting, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(setting), ": ", ToAbsl(what)));
}

absl::Status WithName(std::string_view setting, const absl::Status& status) {
  return status.ok() ? status : Wrong(setting, ToStd(status.message()));
}

// A name is taken for one that others can reach.
absl::StatusOr<bool> IsLoopback(std::string_view listen) {
  TRIMARAN_ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(listen));
  if (address.host == "localhost") return true;
  const auto endpoint = Endpoint::FromDigits(address);
  return endpoint.has_value() && endpoint->IsLoopback();
}

absl::Status Between(std::string_view setting, uint64_t value, uint64_t min,
                     uint64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Wrong(setting, absl::StrCat("is ", value, ", and may be from ", min,
                                     " to ", max));
}

absl::Status ValidateRedis(const RedisSettings& redis) {
  const auto loopback = IsLoopback(redis.listen);
  TRIMARAN_RETURN_IF_ERROR(WithName("redis.listen", loopback.status()));
  if (!*loopback && redis.password.empty() && !redis.insecure) {
    return Wrong("redis.listen",
                 absl::StrCat(redis.listen,
                              " can be reached by others, who could read and "
                              "write everything: set a password "
                              "(redis.password_file), or redis.insecure"));
  }
  return Between("redis.clients_max", redis.clients_max, 1, 100'000);
}

absl::Status ValidateLimits(const LimitSettings& limits) {
  constexpr uint64_t kib = 1024;
  constexpr uint64_t mib = 1024 * kib;
  TRIMARAN_RETURN_IF_ERROR(
      Between("limits.bulk_bytes", limits.bulk_bytes, kib, 16 * mib));
  TRIMARAN_RETURN_IF_ERROR(
      Between("limits.pipeline_bytes", limits.pipeline_bytes, kib, 1024 * mib));
  TRIMARAN_RETURN_IF_ERROR(
      Between("limits.reply_bytes", limits.reply_bytes, kib, 1024 * mib));
  return Between("limits.output_bytes", limits.output_bytes, kib, 1024 * mib);
}

absl::Status ValidateHttp(const HttpSettings& http) {
  if (http.listen.empty()) return absl::OkStatus();
  const auto loopback = IsLoopback(http.listen);
  return WithName("http.listen", loopback.status());
}

}  // namespace

Settings DefaultSettings() {
  Settings settings;
  // One for each round of reads and each walk over rows.
  settings.options.views_max = 1000;
  settings.options.log_severity_min = LogSeverity::kWarning;
  return settings;
}

absl::Status ValidateSettings(const Settings& settings) {
  if (settings.directory.empty()) {
    return Wrong("replica.directory", "it is needed");
  }
  TRIMARAN_RETURN_IF_ERROR(ValidateRedis(settings.redis));
  TRIMARAN_RETURN_IF_ERROR(ValidateLimits(settings.limits));
  TRIMARAN_RETURN_IF_ERROR(ValidateHttp(settings.http));
  return ValidateOptions(settings.options);
}

}  // namespace trimaran::serve

#include "tools/serve/settings.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/address.h"
#include "tools/serve/settings_table.h"

namespace trimaran::serve {
namespace {

absl::Status Wrong(std::string_view key, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(BothNames(key), ": ", ToAbsl(what)));
}

absl::Status WithName(std::string_view key, const absl::Status& status) {
  return status.ok() ? status : Wrong(key, ToStd(status.message()));
}

// A name is taken for one that others can reach.
absl::StatusOr<bool> IsLoopback(std::string_view listen) {
  TRIMARAN_ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(listen));
  if (address.host == "localhost") return true;
  const auto endpoint = Endpoint::FromDigits(address);
  return endpoint.has_value() && endpoint->IsLoopback();
}

absl::Status Between(std::string_view key, uint64_t value, uint64_t min,
                     uint64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Wrong(
      key, absl::StrCat("is ", value, ", and may be from ", min, " to ", max));
}

absl::Status ValidateRedis(const RedisSettings& redis) {
  const auto loopback = IsLoopback(redis.listen);
  TRIMARAN_RETURN_IF_ERROR(WithName("redis.listen", loopback.status()));
  if (!*loopback && redis.password.empty() && !redis.insecure) {
    return Wrong("redis.listen",
                 absl::StrCat(redis.listen,
                              " can be reached by others, who could read and "
                              "write everything: set ",
                              BothNames("redis.password_file"), ", or ",
                              BothNames("redis.insecure")));
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

// The settings that an option of the library is made of.
struct OptionOrigin {
  std::string_view option;
  std::string_view key;
};

constexpr std::array kOrigins = {
    OptionOrigin{"replica_id", "replica.id"},
    OptionOrigin{"cluster", "replica.cluster"},
    OptionOrigin{"founders", "replica.founders"},
    OptionOrigin{"join", "replica.join"},
    OptionOrigin{"listen", "replica.listen"},
    OptionOrigin{"advertise", "replica.advertise"},
    OptionOrigin{"tls", "tls.authority"},
    OptionOrigin{"tls", "tls.certificate"},
    OptionOrigin{"tls", "tls.key"},
    OptionOrigin{"insecure", "replica.insecure"},
    OptionOrigin{"default_timeout", "time.timeout"},
    OptionOrigin{"heartbeat_interval", "time.heartbeat"},
    OptionOrigin{"election_timeout", "time.election"},
    OptionOrigin{"lease_reads", "redis.read_level"},
    OptionOrigin{"cache_bytes", "storage.cache_bytes"},
    OptionOrigin{"log_bytes_max", "storage.log_bytes"},
    OptionOrigin{"checkpoint_bytes", "storage.checkpoint_bytes"},
    OptionOrigin{"free_bytes_min", "storage.free_bytes_min"},
};

// Whether `text` has it as a word, as names of options are written.
bool HasWord(std::string_view text, std::string_view word) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  };
  for (size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) &&
        (end == text.size() || !is_letter(text[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string BothNames(std::string_view key) {
  for (const SettingSpec& spec : AllSettings()) {
    if (spec.key == key) {
      return absl::StrCat(ToAbsl(key), " (--", ToAbsl(spec.flag), ")");
    }
  }
  return std::string(key);
}

absl::Status WithSettings(const absl::Status& error) {
  const std::string_view message = ToStd(error.message());
  if (!HasWord(message, "options")) return error;
  std::vector<std::string> names;
  for (const OptionOrigin& origin : kOrigins) {
    if (HasWord(message, origin.option)) names.push_back(BothNames(origin.key));
  }
  if (names.empty()) return error;
  return {error.code(), absl::StrCat(ToAbsl(message), "; as settings: ",
                                     absl::StrJoin(names, ", "))};
}

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
  return WithSettings(ValidateOptions(settings.options));
}

}  // namespace trimaran::serve

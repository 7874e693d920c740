#include "tests/net/replica_settings.h"

#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace trimaran::net {
namespace {

using TextField = std::string ReplicaSettings::*;
using NumberField = uint64_t ReplicaSettings::*;

struct Flag {
  const char* name;
  std::variant<TextField, NumberField> field;
};

using S = ReplicaSettings;
constexpr Flag kFlags[] = {
    {"--directory", &S::directory},
    {"--cluster", &S::cluster},
    {"--replica_id", &S::replica_id},
    {"--listen", &S::listen},
    {"--advertise", &S::advertise},
    {"--founders", &S::founders},
    {"--join", &S::join},
    {"--tls_authority", &S::tls_authority},
    {"--tls_certificate", &S::tls_certificate},
    {"--tls_key", &S::tls_key},
    {"--insecure", &S::insecure},
    {"--heartbeat_ms", &S::heartbeat_ms},
    {"--election_ms", &S::election_ms},
    {"--timeout_ms", &S::timeout_ms},
    {"--log_segment_bytes", &S::log_segment_bytes},
    {"--log_bytes_max", &S::log_bytes_max},
    {"--log_writes_max", &S::log_writes_max},
    {"--checkpoint_bytes", &S::checkpoint_bytes},
    {"--cache_bytes", &S::cache_bytes},
    {"--free_bytes_min", &S::free_bytes_min},
    {"--snapshot_rate", &S::snapshot_rate},
    {"--workers", &S::workers},
};

const Flag* FindFlag(std::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

bool Set(ReplicaSettings& settings, const Flag& flag,
         const std::string& value) {
  if (const auto* text = std::get_if<TextField>(&flag.field)) {
    settings.*(*text) = value;
    return true;
  }
  return absl::SimpleAtoi(value,
                          &(settings.*std::get<NumberField>(flag.field)));
}

}  // namespace

std::vector<std::string> ToFlags(const ReplicaSettings& settings) {
  std::vector<std::string> flags;
  for (const Flag& flag : kFlags) {
    flags.emplace_back(flag.name);
    if (const auto* text = std::get_if<TextField>(&flag.field)) {
      flags.push_back(settings.*(*text));
    } else {
      flags.push_back(
          absl::StrCat(settings.*std::get<NumberField>(flag.field)));
    }
  }
  return flags;
}

absl::StatusOr<ReplicaSettings> FromFlags(
    const std::vector<std::string>& flags) {
  ReplicaSettings settings;
  for (size_t at = 0; at < flags.size(); at += 2) {
    const Flag* flag = FindFlag(flags[at]);
    if (flag == nullptr || at + 1 == flags.size() ||
        !Set(settings, *flag, flags[at + 1])) {
      return absl::InvalidArgumentError(
          absl::StrCat(flags[at], ": no such flag, or no such value"));
    }
  }
  if (settings.directory.empty()) {
    return absl::InvalidArgumentError("--directory is missing");
  }
  return settings;
}

}  // namespace trimaran::net

#include "trimaran/options.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "api/src/network_place.h"
#include "engine/base/status_macros.h"
#include "engine/format/limits.h"

namespace trimaran {
namespace {

// More replicas cost more messages and gain little safety.
constexpr size_t kFoundersMax = 9;
constexpr size_t kClusterBytesMax = 1024;

template <typename T>
absl::Status CheckRange(absl::string_view field, T value, T min, T max) {
  if (min <= value && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("options: ", field, " is ",
                                                 value, "; it must be from ",
                                                 min, " to ", max));
}

absl::Status CheckRange(absl::string_view field, absl::Duration value,
                        absl::Duration min, absl::Duration max) {
  if (min <= value && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("options: ", field, " is ", absl::FormatDuration(value),
                   "; it must be from ", absl::FormatDuration(min), " to ",
                   absl::FormatDuration(max)));
}

absl::Status CheckPositive(absl::string_view field, absl::Duration value) {
  if (value > absl::ZeroDuration()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("options: ", field, " is ",
                                                 absl::FormatDuration(value),
                                                 "; it must be more than 0"));
}

absl::Status CheckFounders(const Options& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckRange<size_t>(
      "founders.size()", options.founders.size(), 0, kFoundersMax));
  for (const auto& [replica, info] : options.founders) {
    const std::string field = absl::StrCat("founders[", replica, "]");
    if (replica == 0) {
      return absl::InvalidArgumentError(
          "options: founders names replica 0; ids begin at 1");
    }
    TRIMARAN_RETURN_IF_ERROR(
        CheckRange<size_t>(absl::StrCat(field, ".name.size()"),
                           info.name.size(), 0, engine::kMemberNameBytesMax));
    TRIMARAN_RETURN_IF_ERROR(CheckRange<size_t>(
        absl::StrCat(field, ".address.size()"), info.address.size(), 0,
        engine::kMemberAddressBytesMax));
  }
  return absl::OkStatus();
}

absl::Status CheckGroup(const Options& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckRange<size_t>(
      "cluster.size()", options.cluster.size(), 0, kClusterBytesMax));
  if (options.replica_id == 0) {
    return absl::InvalidArgumentError(
        "options: replica_id is 0; it must be at least 1");
  }
  TRIMARAN_RETURN_IF_ERROR(CheckFounders(options));
  const bool has_others = options.join || options.founders.size() > 1;
  if (options.join && !options.founders.empty()) {
    return absl::InvalidArgumentError(
        "options: join and founders exclude each other");
  }
  if (!options.founders.empty() &&
      options.founders.count(options.replica_id) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("options: replica_id is ", options.replica_id,
                     ", which is not one of founders"));
  }
  if (has_others && options.network == nullptr && options.listen.empty()) {
    return absl::InvalidArgumentError(
        "options: neither listen nor network is set; a replica with others "
        "needs one of them");
  }
  if (has_others && options.cluster.empty()) {
    return absl::InvalidArgumentError(
        "options: cluster is empty; all replicas of a group give the same");
  }
  return absl::OkStatus();
}

absl::Status CheckNetwork(const Options& options) {
  if (options.listen.empty()) {
    if (options.advertise.empty() && !options.tls && !options.insecure) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        "options: advertise, tls and insecure are of no use without listen");
  }
  if (options.network != nullptr) {
    return absl::InvalidArgumentError(
        "options: listen and network exclude each other");
  }
  if (options.tls && options.insecure) {
    return absl::InvalidArgumentError(
        "options: tls and insecure exclude each other");
  }
  if (options.tls &&
      (options.tls->authority.empty() || options.tls->certificate.empty() ||
       options.tls->key.empty())) {
    return absl::InvalidArgumentError(
        "options: tls needs the names of three files: authority, certificate "
        "and key");
  }
  TRIMARAN_RETURN_IF_ERROR(CheckRange<size_t>("advertise.size()",
                                              options.advertise.size(), 0,
                                              engine::kMemberAddressBytesMax));
  for (const auto& [replica, info] : options.founders) {
    if (replica == options.replica_id || !info.address.empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("options: founders[", replica,
                     "].address is empty; with listen, each of the others "
                     "needs one"));
  }
  return ValidateAddresses(options);
}

absl::Status CheckUpkeep(const Options& options) {
  constexpr uint64_t mib = uint64_t{1} << 20;
  constexpr uint64_t tib = uint64_t{1} << 40;
  TRIMARAN_RETURN_IF_ERROR(
      CheckRange("log_bytes_max", options.log_bytes_max, mib, tib));
  TRIMARAN_RETURN_IF_ERROR(CheckRange<uint64_t>(
      "log_writes_max", options.log_writes_max, 100, 1'000'000'000));
  TRIMARAN_RETURN_IF_ERROR(
      CheckRange("checkpoint_bytes", options.checkpoint_bytes, mib, tib));
  return CheckRange<uint64_t>("free_bytes_min", options.free_bytes_min, 0,
                              uint64_t{1} << 60);
}

absl::Status CheckTimes(const Options& options) {
  TRIMARAN_RETURN_IF_ERROR(
      CheckPositive("default_timeout", options.default_timeout));
  TRIMARAN_RETURN_IF_ERROR(CheckPositive("view_age_max", options.view_age_max));
  TRIMARAN_RETURN_IF_ERROR(
      CheckRange("heartbeat_interval", options.heartbeat_interval,
                 absl::Milliseconds(1), absl::Seconds(10)));
  TRIMARAN_RETURN_IF_ERROR(CheckRange(
      "election_timeout", options.election_timeout,
      options.heartbeat_interval * 3, options.heartbeat_interval * 1000));
  // Of three, a lease would have none left for a clock of double speed.
  const absl::Duration lease_min = options.heartbeat_interval * 4;
  if (!options.lease_reads || options.election_timeout >= lease_min) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("options: election_timeout is ",
                   absl::FormatDuration(options.election_timeout),
                   "; with lease_reads it must be at least ",
                   absl::FormatDuration(lease_min), ", 4 heartbeat_intervals"));
}

}  // namespace

absl::Status ValidateOptions(const Options& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckGroup(options));
  TRIMARAN_RETURN_IF_ERROR(CheckNetwork(options));
  TRIMARAN_RETURN_IF_ERROR(CheckTimes(options));
  TRIMARAN_RETURN_IF_ERROR(CheckUpkeep(options));
  TRIMARAN_RETURN_IF_ERROR(
      CheckRange<uint64_t>("cache_bytes", options.cache_bytes,
                           uint64_t{1} << 20, uint64_t{1} << 44));
  TRIMARAN_RETURN_IF_ERROR(
      CheckRange<uint64_t>("log_segment_bytes", options.log_segment_bytes,
                           uint64_t{64} << 10, uint64_t{1} << 30));
  TRIMARAN_RETURN_IF_ERROR(CheckRange<uint64_t>(
      "write_queue_bytes_max", options.write_queue_bytes_max, uint64_t{1} << 10,
      uint64_t{4} << 30));
  TRIMARAN_RETURN_IF_ERROR(
      CheckRange<uint64_t>("watch_bytes_max", options.watch_bytes_max,
                           uint64_t{1} << 10, uint64_t{4} << 30));
  return CheckRange<size_t>("views_max", options.views_max, 1, 10000);
}

}  // namespace trimaran

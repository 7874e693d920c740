#include "replication/tcp/tcp_options.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/address.h"

namespace trimaran {
namespace {

template <typename... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("options: ", parts...));
}

absl::Status AtLeast(std::string_view field, uint64_t value, uint64_t min) {
  if (value >= min) return absl::OkStatus();
  return Invalid(ToAbsl(field), " is ", value, ", and must be at least ", min);
}

absl::Status AtLeast(std::string_view field, absl::Duration value,
                     absl::Duration min) {
  if (value >= min) return absl::OkStatus();
  return Invalid(ToAbsl(field), " is ", absl::FormatDuration(value),
                 ", and must be at least ", absl::FormatDuration(min));
}

absl::Status ValidateIdentity(const TcpOptions& options) {
  if (options.cluster == ClusterId()) return Invalid("cluster is missing");
  TRIMARAN_RETURN_IF_ERROR(AtLeast("group", options.group.value(), 1));
  TRIMARAN_RETURN_IF_ERROR(AtLeast("replica", options.replica.value(), 1));
  return AtLeast("store", options.store.value(), 1);
}

absl::StatusOr<HostPort> ParseField(std::string_view field,
                                    const std::string& value) {
  absl::StatusOr<HostPort> parsed = ParseHostPort(value);
  if (parsed.ok()) return parsed;
  return Invalid(ToAbsl(field), ": ", parsed.status().message());
}

absl::Status ValidateTls(const TcpOptions& options) {
  if (!options.tls.has_value()) return absl::OkStatus();
  if (options.tls->authority.empty()) return Invalid("tls.authority is empty");
  if (options.tls->certificate.empty()) {
    return Invalid("tls.certificate is empty");
  }
  if (options.tls->key.empty()) return Invalid("tls.key is empty");
  return absl::OkStatus();
}

absl::Status ValidateLimits(const TcpOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("queue_bytes_max", options.queue_bytes_max, 1));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("queue_messages_max", options.queue_messages_max, 1));
  TRIMARAN_RETURN_IF_ERROR(AtLeast("strangers_max", options.strangers_max, 1));
  // Of each peer one connection for messages and one for bulk.
  return AtLeast("connections_max", options.connections_max,
                 options.strangers_max + 2);
}

absl::Status ValidateTimes(const TcpOptions& options) {
  constexpr absl::Duration shortest = absl::Milliseconds(1);
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("connect_timeout", options.connect_timeout, shortest));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("handshake_timeout", options.handshake_timeout, shortest));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("ping_interval", options.ping_interval, shortest));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("silence_max", options.silence_max, 2 * options.ping_interval));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("backoff_min", options.backoff_min, shortest));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("backoff_max", options.backoff_max, options.backoff_min));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast("backoff_removed", options.backoff_removed, options.backoff_min));
  return AtLeast("bulk_unused_max", options.bulk_unused_max, shortest);
}

}  // namespace

absl::Status ValidateDialable(std::string_view field,
                              const std::string& address) {
  TRIMARAN_ASSIGN_OR_RETURN(const HostPort parsed, ParseField(field, address));
  if (parsed.port == 0) return Invalid(ToAbsl(field), " has port 0");
  const auto digits = Endpoint::FromDigits(parsed);
  if (digits.has_value() && digits->IsWildcard()) {
    return Invalid(ToAbsl(field), " is ", address, ", which nobody can dial");
  }
  return absl::OkStatus();
}

absl::Status ValidateTcpAddresses(const TcpOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(const HostPort listen,
                            ParseField("listen", options.listen));
  const auto listen_digits = Endpoint::FromDigits(listen);
  const bool protects = options.tls.has_value() || options.insecure;
  if (listen_digits.has_value() && !listen_digits->IsLoopback() && !protects) {
    return Invalid("listen is ", options.listen,
                   ", which others can reach, and nothing protects the "
                   "connections: set tls, or insecure");
  }
  if (options.advertise.empty()) {
    if (listen_digits.has_value() && listen_digits->IsWildcard()) {
      return Invalid("listen is ", options.listen,
                     ", which nobody can dial: set advertise");
    }
    return absl::OkStatus();
  }
  return ValidateDialable("advertise", options.advertise);
}

absl::Status ValidateTcpOptions(const TcpOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(ValidateIdentity(options));
  TRIMARAN_RETURN_IF_ERROR(ValidateTcpAddresses(options));
  TRIMARAN_RETURN_IF_ERROR(ValidateTls(options));
  TRIMARAN_RETURN_IF_ERROR(ValidateLimits(options));
  return ValidateTimes(options);
}

}  // namespace trimaran

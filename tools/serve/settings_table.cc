#include "tools/serve/settings_table.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"

namespace trimaran::serve {
namespace {

absl::Status Founder(Settings& settings, std::string_view id,
                     std::string_view address) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(id), &number) || number == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the id of a founder is a number from 1, and not ", EscapeForLog(id)));
  }
  settings.options.founders[number].address = std::string(address);
  return absl::OkStatus();
}

// "1=host:port,2=host:port"
absl::Status Founders(Settings& settings, const std::string& text) {
  settings.options.founders.clear();
  const std::vector<std::string> all = absl::StrSplit(text, ',');
  for (const std::string& each : all) {
    const size_t equals = each.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(
          "founders are written 1=host:port,2=host:port");
    }
    TRIMARAN_RETURN_IF_ERROR(
        Founder(settings, each.substr(0, equals), each.substr(equals + 1)));
  }
  return absl::OkStatus();
}

TlsFiles& Tls(Settings& settings) {
  if (!settings.options.tls) settings.options.tls.emplace();
  return *settings.options.tls;
}

absl::Status Level(Settings& settings, const std::string& text) {
  if (text == "linearizable") {
    settings.redis.read_level = ReadLevel::kLinearizable;
  } else if (text == "lease") {
    settings.redis.read_level = ReadLevel::kLease;
  } else if (text == "local") {
    settings.redis.read_level = ReadLevel::kLocal;
  } else {
    return absl::InvalidArgumentError("it is linearizable, lease or local");
  }
  settings.options.lease_reads = text == "lease";
  return absl::OkStatus();
}

absl::Status Severity(Settings& settings, const std::string& text) {
  constexpr std::array<std::pair<std::string_view, LogSeverity>, 4> words = {{
      {"debug", LogSeverity::kDebug},
      {"info", LogSeverity::kInfo},
      {"warning", LogSeverity::kWarning},
      {"error", LogSeverity::kError},
  }};
  for (const auto& [word, severity] : words) {
    if (text != word) continue;
    settings.options.log_severity_min = severity;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("it is debug, info, warning or error");
}

constexpr std::array kSettings = {
    SettingSpec{
        .key = "replica.directory",
        .flag = "directory",
        .value = "PATH",
        .help = "The data of this replica.",
        .text = [](Settings& all) -> std::string& { return all.directory; }},
    SettingSpec{.key = "replica.id",
                .flag = "id",
                .value = "N",
                .help = "Which member this is (1).",
                .number = [](Settings& all) -> uint64_t& {
                  return all.options.replica_id;
                }},
    SettingSpec{.key = "replica.cluster",
                .flag = "cluster",
                .value = "NAME",
                .help = "The same on all members.",
                .text = [](Settings& all) -> std::string& {
                  return all.options.cluster;
                }},
    SettingSpec{.key = "replica.founders",
                .flag = "founders",
                .value = "1=HOST:PORT,...",
                .help = "The members of a new group.",
                .parse = Founders},
    SettingSpec{
        .key = "replica.join",
        .flag = "join",
        .help = "A new directory joins a group that exists.",
        .flag_value = [](Settings& all) -> bool& { return all.options.join; }},
    SettingSpec{.key = "replica.listen",
                .flag = "listen",
                .value = "HOST:PORT",
                .help = "The port for other members.",
                .text = [](Settings& all) -> std::string& {
                  return all.options.listen;
                }},
    SettingSpec{.key = "replica.advertise",
                .flag = "advertise",
                .value = "HOST:PORT",
                .help = "Where members reach this one, if it is elsewhere.",
                .text = [](Settings& all) -> std::string& {
                  return all.options.advertise;
                }},
    SettingSpec{.key = "replica.insecure",
                .flag = "insecure",
                .help = "Members talk without TLS beyond loopback.",
                .flag_value = [](Settings& all) -> bool& {
                  return all.options.insecure;
                }},
    SettingSpec{.key = "tls.authority",
                .flag = "tls-authority",
                .value = "FILE",
                .help = "Who vouches for members, as `trimaran certs` "
                        "makes it.",
                .text = [](Settings& all) -> std::string& {
                  return Tls(all).authority;
                }},
    SettingSpec{.key = "tls.certificate",
                .flag = "tls-certificate",
                .value = "FILE",
                .help = "The certificate of this member.",
                .text = [](Settings& all) -> std::string& {
                  return Tls(all).certificate;
                }},
    SettingSpec{
        .key = "tls.key",
        .flag = "tls-key",
        .value = "FILE",
        .help = "The key of that certificate.",
        .text = [](Settings& all) -> std::string& { return Tls(all).key; }},
    SettingSpec{
        .key = "redis.listen",
        .flag = "redis",
        .value = "HOST:PORT",
        .help = "The port for clients (127.0.0.1:6379).",
        .text = [](Settings& all) -> std::string& { return all.redis.listen; }},
    SettingSpec{.key = "redis.password_file",
                .flag = "password-file",
                .value = "FILE",
                .help = "Clients show what its first line says.",
                .text = [](Settings& all) -> std::string& {
                  return all.redis.password_file;
                }},
    SettingSpec{.key = "redis.insecure",
                .flag = "insecure-clients",
                .help = "Clients need no password beyond loopback.",
                .flag_value = [](Settings& all) -> bool& {
                  return all.redis.insecure;
                }},
    SettingSpec{.key = "redis.read_level",
                .flag = "read-level",
                .value = "LEVEL",
                .help = "linearizable (usual), lease or local.",
                .parse = Level},
    SettingSpec{.key = "redis.clients_max",
                .flag = "clients-max",
                .value = "N",
                .help = "(10000)",
                .number = [](Settings& all) -> uint64_t& {
                  return all.redis.clients_max;
                }},
    SettingSpec{.key = "redis.idle_timeout",
                .flag = "idle-timeout",
                .value = "TIME",
                .help = "Closes silent clients (0: never).",
                .duration = [](Settings& all) -> absl::Duration& {
                  return all.redis.idle_timeout;
                }},
    SettingSpec{.key = "redis.stall_timeout",
                .flag = "stall-timeout",
                .value = "TIME",
                .help = "Closes clients that do not read (60s).",
                .duration = [](Settings& all) -> absl::Duration& {
                  return all.redis.stall_timeout;
                }},
    SettingSpec{.key = "limits.bulk_bytes",
                .flag = "bulk-bytes",
                .value = "N",
                .help = "One argument (16777216).",
                .number = [](Settings& all) -> uint64_t& {
                  return all.limits.bulk_bytes;
                }},
    SettingSpec{.key = "limits.pipeline_bytes",
                .flag = "pipeline-bytes",
                .value = "N",
                .help = "Commands that wait (1048576).",
                .number = [](Settings& all) -> uint64_t& {
                  return all.limits.pipeline_bytes;
                }},
    SettingSpec{.key = "limits.reply_bytes",
                .flag = "reply-bytes",
                .value = "N",
                .help = "One answer (67108864).",
                .number = [](Settings& all) -> uint64_t& {
                  return all.limits.reply_bytes;
                }},
    SettingSpec{.key = "limits.output_bytes",
                .flag = "output-bytes",
                .value = "N",
                .help = "Answers that wait (1048576).",
                .number = [](Settings& all) -> uint64_t& {
                  return all.limits.output_bytes;
                }},
    SettingSpec{
        .key = "http.listen",
        .flag = "http",
        .value = "HOST:PORT",
        .help = "The port for metrics and status (none).",
        .text = [](Settings& all) -> std::string& { return all.http.listen; }},
    SettingSpec{.key = "http.admin_token_file",
                .flag = "admin-token-file",
                .value = "FILE",
                .help = "POST /admin/... has to show its first line.",
                .text = [](Settings& all) -> std::string& {
                  return all.http.admin_token_file;
                }},
    SettingSpec{.key = "time.timeout",
                .flag = "timeout",
                .value = "TIME",
                .help = "Of a read or a write (10s).",
                .duration = [](Settings& all) -> absl::Duration& {
                  return all.options.default_timeout;
                }},
    SettingSpec{.key = "time.heartbeat",
                .flag = "heartbeat",
                .value = "TIME",
                .help = "(50ms)",
                .duration = [](Settings& all) -> absl::Duration& {
                  return all.options.heartbeat_interval;
                }},
    SettingSpec{.key = "time.election",
                .flag = "election",
                .value = "TIME",
                .help = "(500ms)",
                .duration = [](Settings& all) -> absl::Duration& {
                  return all.options.election_timeout;
                }},
    SettingSpec{.key = "storage.cache_bytes",
                .flag = "cache-bytes",
                .value = "N",
                .help = "(268435456)",
                .number = [](Settings& all) -> uint64_t& {
                  return all.options.cache_bytes;
                }},
    SettingSpec{.key = "storage.log_bytes",
                .flag = "log-bytes",
                .value = "N",
                .help = "(67108864)",
                .number = [](Settings& all) -> uint64_t& {
                  return all.options.log_bytes_max;
                }},
    SettingSpec{.key = "storage.checkpoint_bytes",
                .flag = "checkpoint-bytes",
                .value = "N",
                .help = "(67108864)",
                .number = [](Settings& all) -> uint64_t& {
                  return all.options.checkpoint_bytes;
                }},
    SettingSpec{.key = "storage.free_bytes_min",
                .flag = "free-bytes-min",
                .value = "N",
                .help = "(268435456)",
                .number = [](Settings& all) -> uint64_t& {
                  return all.options.free_bytes_min;
                }},
    SettingSpec{.key = "storage.snapshot_rate",
                .flag = "snapshot-rate",
                .value = "N",
                .help = "Bytes a second (0: no limit).",
                .number = [](Settings& all) -> uint64_t& {
                  return all.options.snapshot_rate;
                }},
    SettingSpec{.key = "log.level",
                .flag = "log-level",
                .value = "LEVEL",
                .help = "debug, info, warning (usual) or error.",
                .parse = Severity},
};

const SettingSpec* FindSetting(std::string_view key) {
  for (const SettingSpec& spec : AllSettings()) {
    if (spec.key == key) return &spec;
  }
  return nullptr;
}

absl::Status ApplyDuration(const SettingSpec& spec, std::string_view text,
                           Settings& settings) {
  absl::Duration duration;
  if (!absl::ParseDuration(ToAbsl(text), &duration) ||
      duration < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        "it is a time with its unit: \"500ms\", \"10s\", \"1m30s\"");
  }
  spec.duration(settings) = duration;
  return absl::OkStatus();
}

absl::Status ApplyLine(const SettingLine& line, Settings& settings) {
  constexpr std::string_view founders = "founders.";
  if (line.key.rfind(founders, 0) == 0) {
    const auto* address = std::get_if<std::string>(&line.value);
    if (address == nullptr) {
      return absl::InvalidArgumentError("it is a \"host:port\"");
    }
    return Founder(settings, line.key.substr(founders.size()), *address);
  }
  const SettingSpec* spec = FindSetting(line.key);
  if (spec == nullptr) {
    return absl::InvalidArgumentError("there is no setting of that name");
  }
  return Apply(*spec, line.value, settings);
}

}  // namespace

absl::Span<const SettingSpec> AllSettings() { return kSettings; }

absl::Status Apply(const SettingSpec& spec, const SettingValue& value,
                   Settings& settings) {
  if (spec.flag_value != nullptr) {
    const auto* flag = std::get_if<bool>(&value);
    if (flag == nullptr) {
      return absl::InvalidArgumentError("it is true or false");
    }
    spec.flag_value(settings) = *flag;
    return absl::OkStatus();
  }
  if (spec.number != nullptr) {
    const auto* number = std::get_if<int64_t>(&value);
    if (number == nullptr || *number < 0) {
      return absl::InvalidArgumentError("it is a whole number from 0");
    }
    spec.number(settings) = static_cast<uint64_t>(*number);
    return absl::OkStatus();
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return absl::InvalidArgumentError("it is a \"string\"");
  if (spec.duration != nullptr) return ApplyDuration(spec, *text, settings);
  if (spec.parse != nullptr) return spec.parse(settings, *text);
  spec.text(settings) = *text;
  return absl::OkStatus();
}

absl::Status ApplyWord(const SettingSpec& spec, std::string_view word,
                       Settings& settings) {
  if (spec.flag_value != nullptr) return Apply(spec, true, settings);
  if (spec.number == nullptr) return Apply(spec, std::string(word), settings);
  int64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(word), &number)) number = -1;
  return Apply(spec, number, settings);
}

absl::Status ApplyFile(std::string_view file, std::string_view text,
                       Settings& settings) {
  const auto lines = ParseSettings(text);
  if (!lines.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(file), ": ", lines.status().message()));
  }
  for (const SettingLine& line : *lines) {
    const absl::Status status = ApplyLine(line, settings);
    if (status.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(file), ": line ", line.line, ": ",
                     EscapeForLog(line.key), ": ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace trimaran::serve

#include "tools/trimaran/serve_command.h"

#include <signal.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "api/src/log_adapter.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"
#include "tools/serve/listening_port.h"
#include "tools/serve/server.h"
#include "tools/serve/settings.h"
#include "tools/serve/settings_table.h"

namespace trimaran::tool {
namespace {

constexpr uint64_t kConfigBytesMax = uint64_t{1} << 20;
constexpr uint64_t kSecretBytesMax = 4096;

// ---- Settings ----

std::vector<OptionSpec> MakeSpecs() {
  std::vector<OptionSpec> specs = {
      {"config", "FILE", "Settings; those of the command line come after it."},
      {"check-config", "", "Says whether the settings are right, and ends."},
  };
  for (const serve::SettingSpec& setting : serve::AllSettings()) {
    specs.push_back({setting.flag, setting.value, setting.help});
  }
  return specs;
}

// The first line of a file that nobody else may read.
absl::StatusOr<std::string> ReadSecret(engine::FileSystem& files,
                                       std::string_view setting,
                                       const std::string& path) {
  constexpr uint32_t others_may = 077;
  const auto named = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(serve::BothNames(setting),
                                                   ": ", EscapeForLog(path),
                                                   ": ", ToAbsl(what)));
  };
  const auto info = files.Inspect(path);
  if (!info.ok()) return named(ToStd(info.status().message()));
  if (info->kind == engine::FileKind::kFile && (info->mode & others_may) != 0) {
    return named("others may read it: chmod 600");
  }
  const auto content = engine::ReadFile(files, path, kSecretBytesMax);
  if (!content.ok()) return named(ToStd(content.status().message()));
  std::string line = content->substr(0, content->find('\n'));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return named("its first line is empty");
  return line;
}

absl::StatusOr<serve::Settings> ReadSettings(const Arguments& arguments,
                                             Environment& environment) {
  serve::Settings settings = serve::DefaultSettings();
  if (const auto file = arguments.Value("config")) {
    const auto text = engine::ReadFile(environment.files, std::string(*file),
                                       kConfigBytesMax);
    if (!text.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--config: ", ToAbsl(*file), ": ", text.status().message()));
    }
    TRIMARAN_RETURN_IF_ERROR(serve::ApplyFile(*file, *text, settings));
  }
  for (const serve::SettingSpec& spec : serve::AllSettings()) {
    const auto word = arguments.Value(spec.flag);
    if (!word) continue;
    const absl::Status status = serve::ApplyWord(spec, *word, settings);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", ToAbsl(spec.flag), ": ", status.message()));
    }
  }
  if (!settings.redis.password_file.empty()) {
    TRIMARAN_ASSIGN_OR_RETURN(
        settings.redis.password,
        ReadSecret(environment.files, "redis.password_file",
                   settings.redis.password_file));
  }
  if (!settings.http.admin_token_file.empty()) {
    TRIMARAN_ASSIGN_OR_RETURN(
        settings.http.admin_token,
        ReadSecret(environment.files, "http.admin_token_file",
                   settings.http.admin_token_file));
  }
  TRIMARAN_RETURN_IF_ERROR(serve::ValidateSettings(settings));
  return settings;
}

// ---- Running ----

// The signals that end the program, held back so that they can be waited for.
// Made before there is a second thread, which would get them otherwise.
class EndSignals {
 public:
  EndSignals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  ~EndSignals() { Release(); }
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  void Wait() {
    int signal = 0;
    ::sigwait(&signals_, &signal);
    // The next one ends the program at once.
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    Release();
  }

 private:
  void Release() { ::pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

  sigset_t signals_ = {};
};

ExitCode ReportStart(const absl::Status& error, Environment& environment) {
  const ExitCode code =
      Report(serve::WithSettings(ErrorOfOpen(error)), environment);
  return serve::PortIsTaken(error) ? ExitCode::kPortInUse : code;
}

ExitCode RunServe(const Arguments& arguments, Environment& environment) {
  EndSignals signals;
  // One that came before; those from here on are waited for.
  if (environment.interrupted.load()) return ExitCode::kInterrupted;
  auto settings = ReadSettings(arguments, environment);
  if (!settings.ok()) return Report(settings.status(), environment);
  if (arguments.Has("check-config")) {
    environment.out.Write("the settings are right\n");
    return ExitCode::kOk;
  }
  settings->options.log = StderrLog();
  const auto server = serve::Server::Start(*std::move(settings));
  if (!server.ok()) return ReportStart(server.status(), environment);
  environment.out.Write(absl::StrCat("ready ", (*server)->Ready(), "\n"));
  environment.out.Flush();
  signals.Wait();
  const absl::Status closed = (*server)->Stop();
  if (!closed.ok()) return Report(closed, environment);
  environment.out.Write("closed\n");
  return ExitCode::kOk;
}

constexpr std::string_view kDetails =
    R"(Hosts one replica, and answers clients that speak the protocol of Redis
(RESP2) until SIGINT or SIGTERM. Says "ready ..." when its ports are open.
Settings, commands and what differs from Redis are told in README.md, installed
in share/doc/trimaran/examples, and in tools/serve of the sources.
)";

}  // namespace

Subcommand ServeCommand() {
  static const std::vector<OptionSpec> specs = MakeSpecs();
  return {.name = "serve",
          .summary = "Hosts a replica for clients of Redis' protocol.",
          .operands = "",
          .details = kDetails,
          .options = specs,
          .run = RunServe};
}

}  // namespace trimaran::tool

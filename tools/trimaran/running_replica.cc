#include "tools/trimaran/running_replica.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tools/trimaran/first_line.h"
#include "tools/trimaran/http_client.h"

namespace trimaran::tool {
namespace {

ExitCode ExitCodeOfHttp(int status) {
  switch (status) {
    case 400:
      return ExitCode::kUsage;
    case 403:
      return ExitCode::kPermission;
    case 404:
      return ExitCode::kNoStore;
    default:
      return ExitCode::kIoError;
  }
}

// Shows what comes from there without what would drive a terminal.
std::string Shown(std::string_view body) {
  std::string shown;
  for (const char c : body) {
    const auto byte = static_cast<unsigned char>(c);
    shown.push_back(c == '\n' || (byte >= 0x20 && byte < 0x7f) ? c : '?');
  }
  return shown;
}

ExitCode AskAndShow(const Arguments& arguments, HttpQuestion question,
                    Environment& environment) {
  const auto at = arguments.Value("at");
  if (!at) {
    return Report(
        absl::InvalidArgumentError("--at is needed: http://HOST:PORT"),
        environment);
  }
  auto token = FirstLineOf("token-file", arguments, environment);
  if (!token.ok()) return Report(token.status(), environment);
  question.token = *std::move(token);
  const auto answer = Ask(*at, question, environment.interrupted);
  if (!answer.ok()) return Report(answer.status(), environment);
  const std::string shown = Shown(answer->body);
  if (answer->status == 200) {
    environment.out.Write(shown);
    return ExitCode::kOk;
  }
  environment.out.Flush();
  environment.err.Write(absl::StrCat("trimaran: ", shown));
  return ExitCodeOfHttp(answer->status);
}

}  // namespace

ExitCode ShowRunningStatus(const Arguments& arguments,
                           Environment& environment) {
  HttpQuestion question{.path = arguments.Has("json") ? "/status.json"
                                                      : "/status.txt"};
  return AskAndShow(arguments, std::move(question), environment);
}

ExitCode ActOnGroup(std::string_view action, const Arguments& arguments,
                    Environment& environment) {
  HttpQuestion question{.method = "POST",
                        .path = absl::StrCat("/admin/", ToAbsl(action))};
  for (const std::string_view name :
       {"id", "successor", "address", "name", "timeout"}) {
    const auto value = arguments.Value(name);
    if (value) question.query.emplace_back(name, *value);
  }
  if (arguments.Has("learner")) question.query.emplace_back("learner", "1");
  return AskAndShow(arguments, std::move(question), environment);
}

}  // namespace trimaran::tool

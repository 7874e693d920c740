#include "tools/trimaran/running_replica.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tools/trimaran/first_line.h"
#include "tools/trimaran/http_client.h"
#include "tools/trimaran/newcomer_watch.h"

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

// The member that has to catch up before the action ends, if the action is one
// of those, and a person looks on.
std::optional<uint64_t> NewcomerOf(std::string_view action,
                                   const Arguments& arguments,
                                   const Environment& environment) {
  if (!environment.err.is_terminal()) return std::nullopt;
  if (action != "add" && action != "replace") return std::nullopt;
  const auto text = arguments.Value(action == "add" ? "id" : "successor");
  uint64_t id = 0;
  // What is no number is refused there.
  if (!text || !absl::SimpleAtoi(ToAbsl(*text), &id)) return std::nullopt;
  return id;
}

// `newcomer` is watched while that takes.
ExitCode AskAndShow(const Arguments& arguments, HttpQuestion question,
                    std::optional<uint64_t> newcomer,
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
  std::optional<NewcomerWatch> watch;
  if (newcomer) watch.emplace(*at, *newcomer, environment);
  const auto answer = Ask(*at, question, environment.interrupted);
  watch.reset();
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
  return AskAndShow(arguments, std::move(question), std::nullopt, environment);
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
  return AskAndShow(arguments, std::move(question),
                    NewcomerOf(action, arguments, environment), environment);
}

}  // namespace trimaran::tool

#include "tools/trimaran/running_replica.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/first_line.h"
#include "tools/trimaran/http_client.h"
#include "tools/trimaran/newcomer_watch.h"

namespace trimaran::tool {
namespace {

// The text that JSON of a replica has under a name. Within texts its quotation
// marks are escaped, so that no text is taken for a name.
std::optional<std::string> TextIn(std::string_view json,
                                  std::string_view name) {
  const std::string head = absl::StrCat("\"", ToAbsl(name), "\":\"");
  const size_t at = json.find(head);
  if (at == std::string_view::npos) return std::nullopt;
  json.remove_prefix(at + head.size());
  std::string text;
  while (!json.empty() && json.front() != '"') {
    char c = json.front();
    json.remove_prefix(1);
    if (c == '\\' && !json.empty()) {
      c = json.front();
      json.remove_prefix(1);
      // What has no character of its own is a control character.
      if (c == 'u') json.remove_prefix(std::min<size_t>(json.size(), 4));
      if (c != '"' && c != '\\') c = ' ';
    }
    text.push_back(c);
  }
  return text;
}

// What a refusal means. Nothing is said to be undone that the replica does not
// call so.
absl::Status ErrorOf(const HttpAnswer& answer, bool is_action) {
  const auto error = TextIn(answer.body, "error");
  const bool undone = TextIn(answer.body, "outcome") == "not applied";
  if (error && !undone) {
    return OutcomeUnknownError(absl::StrCat("outcome unknown: ", *error));
  }
  const std::string said = error
                               ? absl::StrCat("not applied: ", *error)
                               : answer.body.substr(0, answer.body.find('\n'));
  switch (answer.status) {
    case 400:
      return absl::InvalidArgumentError(said);
    case 403:
      return absl::PermissionDeniedError(said);
    case 404:
      return absl::NotFoundError(said);
    default:
      break;
  }
  if (error) return RefusedError(said);
  // Of a proxy, that waits no longer; the replica may go on.
  constexpr int server_errors = 500;
  return is_action && answer.status >= server_errors
             ? OutcomeUnknownError(absl::StrCat("outcome unknown: ", said))
             : absl::InternalError(said);
}

// In words, what an action has done.
std::string DoneBy(std::string_view action, const Arguments& arguments) {
  const std::string id(arguments.Value("id").value_or(""));
  const std::string replica = absl::StrCat("replica ", id);
  if (action == "transfer") return absl::StrCat(replica, " leads now\n");
  if (action == "remove") {
    return absl::StrCat(replica, " is no member any more\n");
  }
  if (action == "replace") {
    return absl::StrCat("replica ",
                        ToAbsl(arguments.Value("successor").value_or("")),
                        " has taken the place of ", replica, "\n");
  }
  return absl::StrCat(replica, " is a ",
                      arguments.Has("learner") ? "learner" : "voter", " now\n");
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

// `newcomer` is watched while that takes. The answer is one of success.
absl::StatusOr<std::string> AskFor(const Arguments& arguments,
                                   HttpQuestion question,
                                   std::optional<uint64_t> newcomer,
                                   Environment& environment) {
  const auto at = arguments.Value("at");
  if (!at) {
    return absl::InvalidArgumentError("--at is needed: http://HOST:PORT");
  }
  TRIMARAN_ASSIGN_OR_RETURN(question.token,
                            FirstLineOf("token-file", arguments, environment));
  std::optional<NewcomerWatch> watch;
  if (newcomer) watch.emplace(*at, *newcomer, environment);
  const auto answer = Ask(*at, question, environment.interrupted);
  watch.reset();
  TRIMARAN_RETURN_IF_ERROR(answer.status());
  if (answer->status != 200) {
    return ErrorOf(*answer, question.method == "POST");
  }
  return answer->body;
}

}  // namespace

ExitCode ShowRunningStatus(const Arguments& arguments,
                           Environment& environment) {
  HttpQuestion question{.path = arguments.Has("json") ? "/status.json"
                                                      : "/status.txt"};
  const auto answer =
      AskFor(arguments, std::move(question), std::nullopt, environment);
  if (!answer.ok()) return Report(answer.status(), environment);
  environment.out.Write(Shown(*answer));
  return ExitCode::kOk;
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
  const auto answer =
      AskFor(arguments, std::move(question),
             NewcomerOf(action, arguments, environment), environment);
  if (!answer.ok()) return Report(answer.status(), environment);
  // Anybody may say 200.
  if (!absl::StartsWith(*answer, "{\"ok\":true")) {
    return Report(OutcomeUnknownError("outcome unknown: the answer is none of "
                                      "a replica"),
                  environment);
  }
  environment.out.Write(DoneBy(action, arguments));
  return ExitCode::kOk;
}

}  // namespace trimaran::tool

#include "tools/trimaran/resp_client.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

void AppendCommand(const RespClient::Words& words, std::string& out) {
  absl::StrAppend(&out, "*", words.size(), "\r\n");
  for (const std::string_view word : words) {
    absl::StrAppend(&out, "$", word.size(), "\r\n", ToAbsl(word), "\r\n");
  }
}

absl::Status ErrorOf(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  absl::StatusCode code = absl::StatusCode::kInternal;
  if (word == "NOAUTH" || word == "WRONGPASS") {
    code = absl::StatusCode::kPermissionDenied;
  } else if (word == "ERR") {
    code = absl::StatusCode::kInvalidArgument;
  } else if (word == "UNKNOWN") {
    code = absl::StatusCode::kUnknown;
  }
  return absl::Status(code, ToAbsl(text));
}

}  // namespace

absl::StatusOr<HostPort> ParseRedisAddress(std::string_view text) {
  constexpr std::string_view scheme = "redis://";
  if (text.starts_with(scheme)) {
    text.remove_prefix(scheme.size());
    if (text.ends_with("/")) text.remove_suffix(1);
  }
  if (text.find("://") == std::string_view::npos &&
      text.find('@') == std::string_view::npos) {
    auto address = ParseHostPort(text);
    if (address.ok()) return address;
  }
  return absl::InvalidArgumentError(
      "--at is redis://HOST:PORT, or HOST:PORT of `serve --redis`");
}

absl::StatusOr<std::unique_ptr<RespClient>> RespClient::Connect(
    const HostPort& server, const RespOptions& options,
    const std::atomic<bool>& interrupted) {
  TRIMARAN_ASSIGN_OR_RETURN(
      auto connection,
      TcpConnection::Connect(server, options.timeout, interrupted));
  std::unique_ptr<RespClient> client(
      new RespClient(std::move(connection), options));
  if (!options.password.empty()) {
    TRIMARAN_RETURN_IF_ERROR(client->Call({"AUTH", options.password}).status());
  }
  return client;
}

absl::StatusOr<RespValue> RespClient::Call(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(std::vector<RespValue> answers, CallAll({words}));
  return std::move(answers.front());
}

absl::StatusOr<std::vector<RespValue>> RespClient::CallAll(
    absl::Span<const Words> all) {
  if (broken_) return absl::InternalError("the connection is broken");
  auto answers = Exchange(all);
  if (!answers.ok()) {
    // Answers that are still to come would be taken for those of others.
    broken_ = true;
    return answers;
  }
  for (const RespValue& answer : *answers) {
    if (answer.kind == RespValue::Kind::kError) return ErrorOf(answer.text);
  }
  return answers;
}

absl::StatusOr<std::vector<RespValue>> RespClient::Exchange(
    absl::Span<const Words> all) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + options_.timeout;
  std::string question;
  for (const Words& words : all) AppendCommand(words, question);
  TRIMARAN_RETURN_IF_ERROR(connection_->Send(question, options_.timeout));
  std::vector<RespValue> answers;
  while (answers.size() < all.size()) {
    TRIMARAN_ASSIGN_OR_RETURN(std::optional<RespValue> answer, reader_.Next());
    if (answer.has_value()) {
      answers.push_back(*std::move(answer));
      continue;
    }
    TRIMARAN_ASSIGN_OR_RETURN(const std::string part,
                              connection_->Receive(deadline - clock.Now()));
    if (part.empty()) {
      return absl::InternalError(absl::StrCat(connection_->peer().ToString(),
                                              ": the connection has ended"));
    }
    reader_.Append(part);
  }
  if (!reader_.empty()) {
    return absl::InternalError(absl::StrCat(connection_->peer().ToString(),
                                            ": more answers than questions"));
  }
  return answers;
}

}  // namespace trimaran::tool

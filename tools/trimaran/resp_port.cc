#include "tools/trimaran/resp_port.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/first_line.h"

namespace trimaran::tool {
namespace {

// Rows of one answer, which is looked for again in smaller parts if it is too
// large for the server.
constexpr uint64_t kPageRowsMax = 1000;

absl::Status Unexpected(std::string_view command) {
  return absl::InternalError(
      absl::StrCat("the answer to ", ToAbsl(command), " is none"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RespPort>> RespPort::Open(
    const HostPort& server, const RespOptions& options,
    const std::atomic<bool>& interrupted) {
  std::unique_ptr<RespPort> port(new RespPort(server, options, interrupted));
  TRIMARAN_RETURN_IF_ERROR(port->Reconnect());
  // Whoever is not let in is to know it before the first command.
  TRIMARAN_RETURN_IF_ERROR(port->Call({"PING"}).status());
  return port;
}

absl::Status RespPort::Reconnect() {
  if (client_ != nullptr && !client_->broken()) return absl::OkStatus();
  client_.reset();
  TRIMARAN_ASSIGN_OR_RETURN(
      client_, RespClient::Connect(server_, options_, interrupted_));
  return absl::OkStatus();
}

absl::StatusOr<RespValue> RespPort::Call(const RespClient::Words& words) {
  TRIMARAN_RETURN_IF_ERROR(Reconnect());
  return client_->Call(words);
}

absl::StatusOr<RespValue> RespPort::CallFor(RespValue::Kind kind,
                                            const RespClient::Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(RespValue answer, Call(words));
  if (answer.kind != kind) return Unexpected(words.front());
  return answer;
}

absl::Status RespPort::CallAll(const std::vector<RespClient::Words>& all) {
  TRIMARAN_RETURN_IF_ERROR(Reconnect());
  return client_->CallAll(all).status();
}

absl::StatusOr<std::optional<std::string>> RespPort::Get(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(RespValue answer, Call({"GET", key}));
  if (answer.kind == RespValue::Kind::kNull) {
    return std::optional<std::string>();
  }
  if (answer.kind != RespValue::Kind::kBulk) return Unexpected("GET");
  return std::optional<std::string>(std::move(answer.text));
}

RowPort::Written RespPort::Put(std::string_view key, std::string_view value) {
  TRIMARAN_RETURN_IF_ERROR(
      CallFor(RespValue::Kind::kSimple, {"SET", key, value}).status());
  return std::optional<uint64_t>();
}

RowPort::Written RespPort::Delete(std::string_view key) {
  TRIMARAN_RETURN_IF_ERROR(
      CallFor(RespValue::Kind::kInteger, {"DEL", key}).status());
  return std::optional<uint64_t>();
}

absl::Status RespPort::Scan(const KeyRange& range, uint64_t limit,
                            const Visit& visit) {
  std::string begin = range.begin;
  uint64_t page = kPageRowsMax;
  for (uint64_t left = limit; limit == 0 || left > 0;) {
    const uint64_t wanted = limit == 0 ? page : std::min(page, left);
    const auto answer = CallFor(
        RespValue::Kind::kArray,
        {"TRIMARAN.RANGE", begin, range.end, "LIMIT", absl::StrCat(wanted)});
    if (absl::IsInvalidArgument(answer.status()) && page > 1) {
      page = std::max<uint64_t>(wanted / 8, 1);
      continue;
    }
    TRIMARAN_RETURN_IF_ERROR(answer.status());
    const std::vector<RespValue>& words = answer->elements;
    if (words.size() % 2 != 0 || words.size() > 2 * wanted) {
      return Unexpected("TRIMARAN.RANGE");
    }
    for (size_t at = 0; at < words.size(); at += 2) {
      // Beyond the last one, lest a wrong server makes this go on for ever.
      if (words[at].text < begin) return Unexpected("TRIMARAN.RANGE");
      if (!visit({words[at].text, words[at + 1].text, std::nullopt})) {
        return absl::OkStatus();
      }
      begin = words[at].text;
      begin.push_back('\0');
    }
    if (words.size() < 2 * wanted) return absl::OkStatus();
    left -= std::min(left, wanted);
    page = std::min(2 * page, kPageRowsMax);
  }
  return absl::OkStatus();
}

absl::StatusOr<Record> RespPort::Status() {
  TRIMARAN_ASSIGN_OR_RETURN(
      const RespValue answer,
      CallFor(RespValue::Kind::kBulk, {"INFO", "replication"}));
  struct Known {
    std::string_view there;
    std::string_view here;
    bool number;
  };
  constexpr std::array known = {
      Known{"master_replid", "cluster", false},
      Known{"trimaran_replica", "replica", true},
      Known{"trimaran_role", "role", false},
      Known{"trimaran_leader", "leader", true},
      Known{"trimaran_term", "term", true},
      Known{"trimaran_commit", "commit", true},
      Known{"trimaran_applied", "applied", true},
  };
  Record record("status");
  for (const Known& each : known) {
    for (const absl::string_view line : absl::StrSplit(answer.text, "\r\n")) {
      const std::pair<absl::string_view, absl::string_view> field =
          absl::StrSplit(line, absl::MaxSplits(':', 1));
      if (field.first != ToAbsl(each.there)) continue;
      uint64_t number = 0;
      if (!each.number) {
        record.Bytes(each.here, ToStd(field.second));
      } else if (absl::SimpleAtoi(field.second, &number)) {
        record.Number(each.here, number);
      }
    }
  }
  if (record.fields().size() < known.size()) {
    return absl::InternalError("there is no trimaran there");
  }
  return record;
}

absl::Status RespPort::PutAll(absl::Span<const KeyValue> rows) {
  std::vector<RespClient::Words> all;
  for (const auto& [key, value] : rows) all.push_back({"SET", key, value});
  return CallAll(all);
}

absl::Status RespPort::GetAll(absl::Span<const std::string> keys) {
  std::vector<RespClient::Words> all;
  for (const std::string& key : keys) all.push_back({"GET", key});
  return CallAll(all);
}

absl::Status RespPort::DeleteAll(absl::Span<const std::string> keys) {
  if (keys.empty()) return absl::OkStatus();
  RespClient::Words words = {"DEL"};
  words.insert(words.end(), keys.begin(), keys.end());
  return Call(words).status();
}

absl::StatusOr<RespPlace> ParseRespPlace(const Arguments& arguments,
                                         Environment& environment) {
  RespPlace place;
  TRIMARAN_ASSIGN_OR_RETURN(const std::string at, arguments.Required("at"));
  TRIMARAN_ASSIGN_OR_RETURN(place.server, ParseRedisAddress(at));
  TRIMARAN_ASSIGN_OR_RETURN(
      place.options.password,
      FirstLineOf("password-file", arguments, environment));
  return place;
}

}  // namespace trimaran::tool

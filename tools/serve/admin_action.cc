#include "tools/serve/admin_action.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/json_writer.h"
#include "engine/base/status_macros.h"
#include "tools/serve/constant_time.h"
#include "trimaran/admin.h"
#include "trimaran/errors.h"

namespace trimaran::serve {
namespace {

// ---- What was asked for ----

absl::StatusOr<uint64_t> Id(const HttpRequest& request, std::string_view name) {
  uint64_t id = 0;
  const auto text = request.Query(name);
  if (!text || !absl::SimpleAtoi(ToAbsl(*text), &id) || id == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(name), " is needed, a number from 1"));
  }
  return id;
}

absl::StatusOr<absl::Duration> Timeout(const HttpRequest& request,
                                       absl::Duration usual) {
  const auto text = request.Query("timeout");
  if (!text) return usual;
  absl::Duration timeout;
  if (!absl::ParseDuration(ToAbsl(*text), &timeout) ||
      timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("timeout is a time, such as 30s");
  }
  return timeout;
}

MemberInfo Info(const HttpRequest& request) {
  return {.name = std::string(request.Query("name").value_or("")),
          .address = std::string(request.Query("address").value_or(""))};
}

// ---- Actions ----

using Action = absl::Status (*)(Admin&, const HttpRequest&, JsonWriter&);

// A newcomer may have to get all data.
constexpr absl::Duration kCatchUp = absl::Minutes(10);
constexpr absl::Duration kChange = absl::Seconds(30);

absl::Status Add(Admin& admin, const HttpRequest& request, JsonWriter&) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, Id(request, "id"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout, Timeout(request, kCatchUp));
  const WriteOptions options{.timeout = timeout};
  if (request.Query("learner")) {
    return admin.AddLearner(id, Info(request), options);
  }
  return admin.AddVoter(id, Info(request), options);
}

absl::Status Remove(Admin& admin, const HttpRequest& request, JsonWriter&) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, Id(request, "id"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout, Timeout(request, kChange));
  return admin.Remove(id, {.timeout = timeout});
}

absl::Status Replace(Admin& admin, const HttpRequest& request, JsonWriter&) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, Id(request, "id"));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t successor, Id(request, "successor"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout, Timeout(request, kCatchUp));
  return admin.Replace(id, successor, Info(request), {.timeout = timeout});
}

absl::Status Transfer(Admin& admin, const HttpRequest& request, JsonWriter&) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, Id(request, "id"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout, Timeout(request, kChange));
  return admin.TransferLeadership(id, {.timeout = timeout});
}

absl::Status Checkpoint(Admin& admin, const HttpRequest& request,
                        JsonWriter& json) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout, Timeout(request, kCatchUp));
  TRIMARAN_ASSIGN_OR_RETURN(const LogPlace place, admin.Checkpoint(timeout));
  json.Name("index").Number(place.index);
  return absl::OkStatus();
}

absl::Status Compact(Admin& admin, const HttpRequest& request,
                     JsonWriter& json) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t index, Id(request, "index"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout, Timeout(request, kChange));
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo info,
                            admin.CompactLog(index, {.timeout = timeout}));
  json.Name("index").Number(info.index);
  return absl::OkStatus();
}

absl::Status Backup(Admin& admin, const HttpRequest& request,
                    JsonWriter& json) {
  const std::string directory(request.Query("directory").value_or(""));
  if (directory.empty() || directory.front() != '/') {
    return absl::InvalidArgumentError("directory is needed, from the root");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const auto timeout,
                            Timeout(request, absl::InfiniteDuration()));
  TRIMARAN_ASSIGN_OR_RETURN(const BackupInfo info,
                            admin.CreateBackup(directory, timeout));
  json.Name("index").Number(info.place.index);
  json.Name("rows").Number(info.rows);
  json.Name("bytes").Number(info.bytes);
  return absl::OkStatus();
}

struct NamedAction {
  std::string_view name;
  Action run;
};

constexpr std::array kActions = {
    NamedAction{"add", Add},
    NamedAction{"remove", Remove},
    NamedAction{"replace", Replace},
    NamedAction{"transfer", Transfer},
    NamedAction{"checkpoint", Checkpoint},
    NamedAction{"compact", Compact},
    NamedAction{"backup", Backup},
};

// ---- What came of it ----

int HttpStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    default:
      return IsNotLeader(status) ? 409 : 503;
  }
}

HttpResponse Failed(const absl::Status& status, WriteOutcome outcome) {
  JsonWriter json;
  json.BeginObject();
  json.Name("error").Text(ToStd(status.message()));
  json.Name("outcome").Text(outcome == WriteOutcome::kUnknown ? "unknown"
                                                              : "not applied");
  if (IsNotLeader(status)) json.Name("leader").Number(LeaderIdOf(status));
  json.EndObject();
  return {.status = HttpStatusOf(status),
          .type = "application/json",
          .body = json.text() + "\n"};
}

// Where browsers say that they ask: a page of somebody else's, whose name was
// made to mean this machine, says its own name there.
bool IsNameOfThisMachine(std::string_view host) {
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  if (colon != std::string_view::npos &&
      (bracket == std::string_view::npos || colon > bracket)) {
    host = host.substr(0, colon);
  }
  if (host == "localhost" || host == "[::1]") return true;
  // A name may begin like an address.
  in_addr address = {};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24 == 127;
}

}  // namespace

HttpResponse RunAdminAction(DB& db, std::string_view action,
                            const HttpRequest& request) {
  for (const NamedAction& each : kActions) {
    if (each.name != action) continue;
    JsonWriter json;
    json.BeginObject();
    json.Name("ok").Bool(true);
    const absl::Status status = each.run(db.admin(), request, json);
    if (!status.ok()) {
      // What is wrong with the request itself has begun nothing.
      return Failed(status, absl::IsInvalidArgument(status)
                                ? WriteOutcome::kNotApplied
                                : OutcomeOf(status));
    }
    json.EndObject();
    return {.type = "application/json", .body = json.text() + "\n"};
  }
  return Failed(absl::NotFoundError("there is no such action"),
                WriteOutcome::kNotApplied);
}

std::string_view WhyForbidden(const HttpRequest& request, bool from_here,
                              std::string_view token) {
  if (!token.empty()) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view shown = request.Header("authorization");
    if (shown.rfind(scheme, 0) == 0 &&
        SameBytes(shown.substr(scheme.size()), token)) {
      return {};
    }
    return "the admin token is needed: Authorization: Bearer ...";
  }
  if (!from_here) return "only from this machine, for there is no admin token";
  if (request.Header("x-trimaran-admin").empty()) {
    return "the header X-Trimaran-Admin is needed, which pages of others "
           "cannot send";
  }
  if (!IsNameOfThisMachine(request.Header("host"))) {
    return "the host of the request is not this machine";
  }
  return {};
}

}  // namespace trimaran::serve

#include "tools/serve/operator_pages.h"

#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/serve/admin_action.h"
#include "tools/serve/health.h"
#include "tools/serve/status_json.h"
#include "tools/serve/status_page.h"
#include "tools/serve/status_text.h"
#include "trimaran/admin.h"

namespace trimaran::serve {
namespace {

// A backup may take long, and shall not keep anybody from handing leadership
// on.
constexpr size_t kThreads = 3;
constexpr size_t kActionsWaitingMax = 8;

constexpr std::string_view kAdmin = "/admin/";

}  // namespace

OperatorPages::OperatorPages(DB& db, const Counters& counters,
                             const Clock& clock, const Settings& settings,
                             std::string redis_address)
    : db_(db),
      counters_(counters),
      clock_(clock),
      settings_(settings),
      redis_address_(std::move(redis_address)),
      started_(clock.Now()),
      threads_(kThreads, kActionsWaitingMax) {}

void OperatorPages::Handle(const HttpRequest& request, bool from_here,
                           Done done) {
  if (request.path.rfind(kAdmin, 0) == 0) {
    return Act(request, from_here, std::move(done));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return done({.status = 405, .body = "GET only\n"});
  }
  done(Page(request));
}

void OperatorPages::Act(const HttpRequest& request, bool from_here, Done done) {
  if (request.method != "POST") {
    return done({.status = 405, .body = "POST only\n"});
  }
  const std::string_view why =
      WhyForbidden(request, from_here, settings_.http.admin_token);
  if (!why.empty()) {
    return done({.status = 403, .body = std::string(why) + "\n"});
  }
  // Shared, so that it is still there if nobody takes the task.
  const auto answer = std::make_shared<Done>(std::move(done));
  const bool taken = threads_.Run([this, request, answer] {
    (*answer)(RunAdminAction(db_, request.path.substr(kAdmin.size()), request));
  });
  if (taken) return;
  (*answer)({.status = 503,
             .type = "application/json",
             .body = "{\"error\":\"too many actions are under way\","
                     "\"outcome\":\"not applied\"}\n"});
}

HttpResponse OperatorPages::Page(const HttpRequest& request) {
  if (request.path == "/") {
    return {.type = "text/html; charset=utf-8",
            .body = std::string(StatusPage())};
  }
  if (request.path == "/status.json") return Json();
  if (request.path == "/status.txt") {
    const ReplicaStatus replica = Status();
    return {.body = StatusText(ReportOf(replica))};
  }
  if (request.path == "/metrics") return Metrics();
  if (request.path == "/healthz") return Health();
  return {.status = 404, .body = "there is no such page\n"};
}

ReplicaStatus OperatorPages::Status() {
  auto status = db_.admin().GetStatus();
  if (status.ok()) return *std::move(status);
  ReplicaStatus closed;
  closed.failure = status.status();
  return closed;
}

ServerReport OperatorPages::ReportOf(const ReplicaStatus& replica) const {
  return {.settings = settings_,
          .counters = counters_,
          .replica = replica,
          .address = redis_address_,
          .uptime = clock_.Now() - started_};
}

HttpResponse OperatorPages::Metrics() {
  auto metrics = db_.admin().GetMetrics();
  if (!metrics.ok()) {
    return {.status = 503,
            .body = absl::StrCat(metrics.status().message(), "\n")};
  }
  const ReplicaStatus replica = Status();
  return {.type = "text/plain; version=0.0.4; charset=utf-8",
          .body = absl::StrCat(*metrics, ServeMetrics(ReportOf(replica)))};
}

HttpResponse OperatorPages::Health() {
  const std::string why = WhyUnhealthy(Status());
  if (why.empty()) return {.body = "ok\n"};
  return {.status = 503, .body = why + "\n"};
}

HttpResponse OperatorPages::Json() {
  const ReplicaStatus replica = Status();
  return {.type = "application/json",
          .body = StatusJson(ReportOf(replica)) + "\n"};
}

}  // namespace trimaran::serve

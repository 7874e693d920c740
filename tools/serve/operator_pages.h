#ifndef TRIMARAN_TOOLS_SERVE_OPERATOR_PAGES_H_
#define TRIMARAN_TOOLS_SERVE_OPERATOR_PAGES_H_

#include <string>

#include "engine/base/clock.h"
#include "tools/serve/counters.h"
#include "tools/serve/http_server.h"
#include "tools/serve/server_report.h"
#include "tools/serve/settings.h"
#include "tools/serve/task_threads.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// What the port for operators shows and does:
//
//   GET  /             a page for people, which follows /status.json
//   GET  /status.json  see StatusJson
//   GET  /status.txt   see StatusText
//   GET  /metrics      for Prometheus
//   GET  /healthz      200, or 503 with the reason
//   POST /admin/...    see RunAdminAction
//
// Thread: the loop's, but for the constructor and Stop.
class OperatorPages final : public HttpHandler {
 public:
  // All of it outlives this.
  OperatorPages(DB& db, const Counters& counters, const Clock& clock,
                const Settings& settings, std::string redis_address);

  void Handle(const HttpRequest& request, bool from_here, Done done) override;

  // Waits for what is under way; quick once the database is closed.
  void Stop() { threads_.Stop(); }

 private:
  HttpResponse Page(const HttpRequest& request);
  void Act(const HttpRequest& request, bool from_here, Done done);
  ReplicaStatus Status();
  HttpResponse Metrics();
  HttpResponse Health();
  HttpResponse Json();
  ServerReport ReportOf(const ReplicaStatus& replica) const;

  DB& db_;
  const Counters& counters_;
  const Clock& clock_;
  const Settings& settings_;
  const std::string redis_address_;
  const MonotonicTime started_;
  TaskThreads threads_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_OPERATOR_PAGES_H_

#ifndef TRIMARAN_TOOLS_SERVE_STATUS_JSON_H_
#define TRIMARAN_TOOLS_SERVE_STATUS_JSON_H_

#include <string>

#include "tools/serve/server_report.h"

namespace trimaran::serve {

// The replica, its group, its clients and what has been counted, as one object.
// Counts and buckets of latencies grow from the start of the process; whoever
// wants a rate takes a difference.
//
// Thread: any.
std::string StatusJson(const ServerReport& report);

// What the server counts for itself, in Prometheus' text format.
//
// Thread: any.
std::string ServeMetrics(const ServerReport& report);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_STATUS_JSON_H_

#include "tools/serve/status_json.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/src/prometheus_text.h"
#include "tools/serve/health.h"
#include "tools/serve/json_writer.h"
#include "tools/serve/process_limits.h"

namespace trimaran::serve {
namespace {

const PeerStatus* PeerOf(const ReplicaStatus& replica, uint64_t id) {
  for (const PeerStatus& peer : replica.peers) {
    if (peer.id == id) return &peer;
  }
  return nullptr;
}

const ConnectionStatus* ConnectionOf(const ReplicaStatus& replica,
                                     uint64_t id) {
  for (const ConnectionStatus& each : replica.network.connections) {
    if (each.peer == id) return &each;
  }
  return nullptr;
}

void WriteMember(const ReplicaStatus& replica, const MemberStatus& member,
                 JsonWriter& json) {
  json.OpenObject();
  json.Number("id", member.id);
  json.Text("name", member.info.name);
  json.Text("address", member.info.address);
  json.Flag("voter", member.voter);
  json.Flag("leader", member.id == replica.leader);
  json.Flag("self", member.id == replica.replica_id);
  if (const PeerStatus* peer = PeerOf(replica, member.id)) {
    json.Number("durable", peer->durable);
    json.Number("lag", peer->lag);
    json.Flag("active", peer->recently_active);
    json.Flag("needs_snapshot", peer->needs_snapshot);
  }
  if (const ConnectionStatus* link = ConnectionOf(replica, member.id)) {
    json.Flag("connected", link->sending && link->receiving);
    json.Text("error", link->error);
    if (link->round_trip) {
      json.Real("round_trip_ms", absl::ToDoubleMilliseconds(*link->round_trip));
    }
    json.Number("bytes_sent", link->bytes_sent);
    json.Number("bytes_received", link->bytes_received);
  }
  json.CloseObject();
}

void WriteReplica(const ReplicaStatus& replica, JsonWriter& json) {
  json.Text("cluster", replica.cluster);
  json.Number("replica", replica.replica_id);
  json.Text("role", RoleName(replica.role));
  json.Number("leader", replica.leader);
  json.Number("term", replica.term);
  json.Flag("changing_members", replica.changing_members);
  json.OpenList("members");
  for (const MemberStatus& member : replica.members) {
    WriteMember(replica, member, json);
  }
  json.CloseList();
  json.OpenObject("log");
  json.Number("last", replica.last.index);
  json.Number("durable", replica.durable);
  json.Number("commit", replica.commit);
  json.Number("applied", replica.applied.index);
  json.Number("checkpoint", replica.checkpoint.index);
  json.Number("truncated", replica.truncated.index);
  json.CloseObject();
  json.OpenObject("counts");
  json.Number("leader_changes", replica.counters.leader_changes);
  json.Number("elections_won", replica.counters.elections_won);
  json.Number("log_writes", replica.counters.log_writes);
  json.Number("commands_applied", replica.counters.commands_applied);
  json.Number("checkpoints", replica.counters.checkpoints);
  json.Number("snapshots_produced", replica.counters.snapshots_produced);
  json.Number("snapshots_installed", replica.counters.snapshots_installed);
  json.CloseObject();
  json.Number("writes_waiting", replica.writes_waiting);
  json.Number("reads_waiting", replica.reads_waiting);
}

void WriteLatencies(const Counters& counters, JsonWriter& json) {
  json.OpenList("bucket_ends_ms");
  for (const int64_t nanos : Histogram::kBounds) {
    json.Real({}, static_cast<double>(nanos) / 1e6);
  }
  json.CloseList();
  json.OpenObject("latency");
  for (size_t kind = 0; kind < kJobKinds; ++kind) {
    json.OpenList(kJobKindNames[kind]);
    for (const uint64_t count : counters.latency[kind].Read().counts) {
      json.Number({}, count);
    }
    json.CloseList();
  }
  json.CloseObject();
}

void WriteServer(const ServerReport& report, JsonWriter& json) {
  const Counters& counters = report.counters;
  json.OpenObject("server");
  json.Text("version", TRIMARAN_VERSION);
  json.Text("redis", report.address);
  json.Number("uptime_seconds",
              static_cast<uint64_t>(absl::ToInt64Seconds(report.uptime)));
  json.Number("clients", counters.clients.load());
  json.Number("clients_max", report.settings.redis.clients_max);
  json.Number("connections", counters.connections.load());
  json.Number("refused", counters.connections_refused.load());
  json.Number("commands", counters.commands.load());
  json.Number("bytes_received", counters.bytes_received.load());
  json.Number("bytes_sent", counters.bytes_sent.load());
  json.Number("memory", ResidentBytes());
  WriteLatencies(counters, json);
  json.CloseObject();
}

}  // namespace

std::string StatusJson(const ServerReport& report) {
  JsonWriter json;
  json.OpenObject();
  json.Text("unhealthy", WhyUnhealthy(report.replica));
  WriteReplica(report.replica, json);
  WriteServer(report, json);
  json.CloseObject();
  return json.text();
}

std::string ServeMetrics(const ServerReport& report) {
  const Counters& counters = report.counters;
  constexpr auto gauge = PrometheusText::Type::kGauge;
  constexpr auto counter = PrometheusText::Type::kCounter;
  PrometheusText text;
  text.Add("serve_clients", gauge, "Clients that are connected.",
           counters.clients.load());
  text.Add("serve_connections_total", counter, "Clients that have come.",
           counters.connections.load());
  text.Add("serve_connections_refused_total", counter,
           "Clients for which there was no room.",
           counters.connections_refused.load());
  text.Add("serve_connections_timed_out_total", counter,
           "Clients that were silent, or did not read.",
           counters.connections_timed_out.load());
  text.Add("serve_protocol_errors_total", counter,
           "Connections closed for what they said.",
           counters.protocol_errors.load());
  text.Add("serve_commands_total", counter, "Commands that were answered.",
           counters.commands.load());
  text.Add("serve_received_bytes_total", counter, "From clients.",
           counters.bytes_received.load());
  text.Add("serve_sent_bytes_total", counter, "To clients.",
           counters.bytes_sent.load());
  text.Add("serve_output_waiting_bytes", gauge, "Answers not yet taken.",
           counters.output_bytes.load());
  text.Add("serve_input_waiting_bytes", gauge, "Commands not yet begun.",
           counters.input_bytes.load());
  text.Add("serve_resident_bytes", gauge, "Memory of the process.",
           ResidentBytes());
  for (size_t kind = 0; kind < kJobKinds; ++kind) {
    text.Add(absl::StrCat("serve_", std::string(kJobKindNames[kind]),
                          "_duration_seconds"),
             "From the start of what clients ask for to its end.",
             counters.latency[kind].Read());
  }
  return text.Take();
}

}  // namespace trimaran::serve

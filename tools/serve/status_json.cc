#include "tools/serve/status_json.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/src/prometheus_text.h"
#include "engine/base/json_writer.h"
#include "tools/serve/health.h"
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
  json.BeginObject();
  json.Name("id").Number(member.id);
  json.Name("name").Text(member.info.name);
  json.Name("address").Text(member.info.address);
  json.Name("voter").Bool(member.voter);
  json.Name("leader").Bool(member.id == replica.leader);
  json.Name("self").Bool(member.id == replica.replica_id);
  if (const PeerStatus* peer = PeerOf(replica, member.id)) {
    json.Name("durable").Number(peer->durable);
    json.Name("lag").Number(peer->lag);
    json.Name("active").Bool(peer->recently_active);
    json.Name("needs_snapshot").Bool(peer->needs_snapshot);
  }
  if (const ConnectionStatus* link = ConnectionOf(replica, member.id)) {
    json.Name("connected").Bool(link->sending && link->receiving);
    json.Name("error").Text(link->error);
    if (link->round_trip) {
      json.Name("round_trip_ms")
          .Real(absl::ToDoubleMilliseconds(*link->round_trip));
    }
    json.Name("bytes_sent").Number(link->bytes_sent);
    json.Name("bytes_received").Number(link->bytes_received);
    json.Name("regressions").Number(link->regressions);
  }
  json.EndObject();
}

void WriteReplica(const ServerReport& report, JsonWriter& json) {
  const ReplicaStatus& replica = report.replica;
  json.Name("cluster").Text(replica.cluster);
  json.Name("cluster_name").Text(ClusterName(report));
  json.Name("replica").Number(replica.replica_id);
  json.Name("role").Text(RoleName(replica.role));
  json.Name("leader").Number(replica.leader);
  json.Name("term").Number(replica.term);
  json.Name("changing_members").Bool(replica.changing_members);
  json.Name("members").BeginList();
  for (const MemberStatus& member : replica.members) {
    WriteMember(replica, member, json);
  }
  json.EndList();
  json.Name("log").BeginObject();
  json.Name("last").Number(replica.last.index);
  json.Name("durable").Number(replica.durable);
  json.Name("commit").Number(replica.commit);
  json.Name("applied").Number(replica.applied.index);
  json.Name("checkpoint").Number(replica.checkpoint.index);
  json.Name("truncated").Number(replica.truncated.index);
  json.Name("bytes").Number(replica.log_bytes);
  json.EndObject();
  json.Name("counts").BeginObject();
  json.Name("leader_changes").Number(replica.counters.leader_changes);
  json.Name("elections_won").Number(replica.counters.elections_won);
  json.Name("elections_begun").Number(replica.counters.elections_begun);
  json.Name("log_writes").Number(replica.counters.log_writes);
  json.Name("commands_applied").Number(replica.counters.commands_applied);
  json.Name("checkpoints").Number(replica.counters.checkpoints);
  json.Name("snapshots_produced").Number(replica.counters.snapshots_produced);
  json.Name("snapshots_installed").Number(replica.counters.snapshots_installed);
  json.EndObject();
  json.Name("writes_waiting").Number(replica.writes_waiting);
  json.Name("reads_waiting").Number(replica.reads_waiting);
}

void WriteLatencies(const Counters& counters, JsonWriter& json) {
  json.Name("bucket_ends_ms").BeginList();
  for (const int64_t nanos : Histogram::kBounds) {
    json.Real(static_cast<double>(nanos) / 1e6);
  }
  json.EndList();
  json.Name("latency").BeginObject();
  for (size_t kind = 0; kind < kJobKinds; ++kind) {
    json.Name(kJobKindNames[kind]).BeginList();
    for (const uint64_t count : counters.latency[kind].Read().counts) {
      json.Number(count);
    }
    json.EndList();
  }
  json.EndObject();
}

void WriteServer(const ServerReport& report, JsonWriter& json) {
  const Counters& counters = report.counters;
  json.Name("server").BeginObject();
  json.Name("version").Text(TRIMARAN_VERSION);
  json.Name("redis").Text(report.address);
  json.Name("uptime_seconds")
      .Number(static_cast<uint64_t>(absl::ToInt64Seconds(report.uptime)));
  json.Name("clients").Number(counters.clients.load());
  json.Name("clients_max").Number(report.settings.redis.clients_max);
  json.Name("connections").Number(counters.connections.load());
  json.Name("refused").Number(counters.connections_refused.load());
  json.Name("commands").Number(counters.commands.load());
  json.Name("bytes_received").Number(counters.bytes_received.load());
  json.Name("bytes_sent").Number(counters.bytes_sent.load());
  json.Name("memory").Number(ResidentBytes());
  WriteLatencies(counters, json);
  json.EndObject();
}

}  // namespace

std::string StatusJson(const ServerReport& report) {
  JsonWriter json;
  json.BeginObject();
  json.Name("unhealthy").Text(WhyUnhealthy(report.replica));
  WriteReplica(report, json);
  WriteServer(report, json);
  json.EndObject();
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

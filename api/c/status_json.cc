#include "api/c/status_json.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/json_writer.h"

namespace trimaran::c {
namespace {

// One function per type, by overloading. All are declared first, for templates
// to find the one for what they hold.
void Write(const LogPlace& place, JsonWriter& out);
void Write(const MemberStatus& member, JsonWriter& out);
void Write(const PeerStatus& peer, JsonWriter& out);
void Write(const ConnectionStatus& connection, JsonWriter& out);
void Write(const NetworkStatus& network, JsonWriter& out);
void Write(const ReplicaCounters& counters, JsonWriter& out);
void Write(const absl::Status& status, JsonWriter& out);

void Write(uint64_t value, JsonWriter& out) { out.Number(value); }
void Write(bool value, JsonWriter& out) { out.Bool(value); }
void Write(const std::string& value, JsonWriter& out) { out.Text(value); }
void Write(absl::Duration value, JsonWriter& out) {
  out.Real(absl::ToDoubleSeconds(value));
}
void Write(absl::Time value, JsonWriter& out) {
  Write(value - absl::UnixEpoch(), out);
}

template <typename T>
void Write(const std::optional<T>& value, JsonWriter& out);
template <typename T>
void Write(const std::vector<T>& values, JsonWriter& out);

// `name`: value
template <typename T>
void Field(std::string_view name, const T& value, JsonWriter& out) {
  out.Name(name);
  Write(value, out);
}

void Write(const LogPlace& place, JsonWriter& out) {
  out.BeginObject();
  Field("index", place.index, out);
  Field("term", place.term, out);
  out.EndObject();
}

void Write(const MemberStatus& member, JsonWriter& out) {
  out.BeginObject();
  Field("id", member.id, out);
  Field("name", member.info.name, out);
  Field("address", member.info.address, out);
  Field("voter", member.voter, out);
  Field("store_id", member.store_id, out);
  out.EndObject();
}

void Write(const PeerStatus& peer, JsonWriter& out) {
  out.BeginObject();
  Field("id", peer.id, out);
  Field("voter", peer.voter, out);
  Field("durable", peer.durable, out);
  Field("lag", peer.lag, out);
  Field("commit", peer.commit, out);
  Field("recently_active", peer.recently_active, out);
  Field("needs_snapshot", peer.needs_snapshot, out);
  Field("snapshot_bytes", peer.snapshot_bytes, out);
  Field("snapshot_bytes_sent", peer.snapshot_bytes_sent, out);
  Field("messages_in_flight", peer.messages_in_flight, out);
  out.EndObject();
}

void Write(const ConnectionStatus& connection, JsonWriter& out) {
  out.BeginObject();
  Field("peer", connection.peer, out);
  Field("address", connection.address, out);
  Field("sending", connection.sending, out);
  Field("receiving", connection.receiving, out);
  Field("refused", connection.refused, out);
  Field("error", connection.error, out);
  Field("round_trip", connection.round_trip, out);
  Field("bytes_sent", connection.bytes_sent, out);
  Field("bytes_received", connection.bytes_received, out);
  Field("messages_dropped", connection.messages_dropped, out);
  Field("connects", connection.connects, out);
  Field("regressions", connection.regressions, out);
  out.EndObject();
}

void Write(const NetworkStatus& network, JsonWriter& out) {
  out.BeginObject();
  Field("listen", network.listen, out);
  Field("address", network.address, out);
  Field("connections", network.connections, out);
  Field("strangers_turned_away", network.strangers_turned_away, out);
  Field("peers_refused", network.peers_refused, out);
  Field("certificate_expires", network.certificate_expires, out);
  out.EndObject();
}

void Write(const ReplicaCounters& counters, JsonWriter& out) {
  out.BeginObject();
  Field("leader_changes", counters.leader_changes, out);
  Field("elections_won", counters.elections_won, out);
  Field("elections_begun", counters.elections_begun, out);
  Field("log_writes", counters.log_writes, out);
  Field("entries_applied", counters.entries_applied, out);
  Field("commands_applied", counters.commands_applied, out);
  Field("checkpoints", counters.checkpoints, out);
  Field("snapshots_produced", counters.snapshots_produced, out);
  Field("snapshots_installed", counters.snapshots_installed, out);
  Field("snapshot_bytes_sent", counters.snapshot_bytes_sent, out);
  Field("snapshot_bytes_received", counters.snapshot_bytes_received, out);
  Field("messages_received", counters.messages_received, out);
  Field("messages_sent", counters.messages_sent, out);
  Field("messages_dropped", counters.messages_dropped, out);
  Field("messages_refused", counters.messages_refused, out);
  Field("messages_of_strangers", counters.messages_of_strangers, out);
  out.EndObject();
}

// null while the replica works.
void Write(const absl::Status& status, JsonWriter& out) {
  if (status.ok()) return out.Null();
  const std::string message(status.message());
  out.BeginObject();
  Field("code", static_cast<uint64_t>(status.code()), out);
  Field("message", message, out);
  out.EndObject();
}

template <typename T>
void Write(const std::optional<T>& value, JsonWriter& out) {
  if (value.has_value()) {
    Write(*value, out);
  } else {
    out.Null();
  }
}

template <typename T>
void Write(const std::vector<T>& values, JsonWriter& out) {
  out.BeginList();
  for (const T& value : values) Write(value, out);
  out.EndList();
}

}  // namespace

std::string StatusJson(const ReplicaStatus& status) {
  JsonWriter out;
  out.BeginObject();
  Field("age", status.age, out);
  Field("cluster", status.cluster, out);
  Field("replica_id", status.replica_id, out);
  Field("store_id", status.store_id, out);
  Field("role", std::string(RoleName(status.role)), out);
  Field("leader", status.leader, out);
  Field("term", status.term, out);
  Field("members", status.members, out);
  Field("changing_members", status.changing_members, out);
  Field("peers", status.peers, out);
  Field("network", status.network, out);
  Field("last", status.last, out);
  Field("durable", status.durable, out);
  Field("commit", status.commit, out);
  Field("applied", status.applied, out);
  Field("checkpoint", status.checkpoint, out);
  Field("truncated", status.truncated, out);
  Field("log_bytes", status.log_bytes, out);
  Field("writes_waiting", status.writes_waiting, out);
  Field("reads_waiting", status.reads_waiting, out);
  Field("refuses_writes", status.refuses_writes, out);
  Field("missing_up_to", status.missing_up_to, out);
  Field("refused_by", status.refused_by, out);
  Field("failure", status.failure, out);
  Field("counters", status.counters, out);
  out.EndObject();
  return out.text();
}

}  // namespace trimaran::c

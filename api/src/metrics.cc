#include "api/src/metrics.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "api/src/prometheus_text.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"

namespace trimaran {
namespace {

using Type = PrometheusText::Type;

struct Row {
  std::string_view name;
  Type type = Type::kGauge;
  std::string_view help;
  uint64_t value = 0;
};

void AddState(const ReplicaStatus& status, PrometheusText& text) {
  const Row rows[] = {
      {"up", Type::kGauge, "Whether the replica has not failed for good.",
       status.failure.ok() ? 1U : 0U},
      {"is_leader", Type::kGauge, "Whether this replica leads.",
       status.role == ReplicaRole::kLeader ? 1U : 0U},
      {"leader", Type::kGauge, "The id of the leader; 0 if none is known.",
       status.leader},
      {"term", Type::kGauge, "The election period.", status.term},
      {"members", Type::kGauge, "Members of the group.", status.members.size()},
      {"log_last_index", Type::kGauge, "The last entry of the log.",
       status.last.index},
      {"log_durable_index", Type::kGauge, "The last durable entry.",
       status.durable},
      {"log_entries", Type::kGauge, "Entries that the log has not forgotten.",
       status.last.index - std::min(status.truncated.index, status.last.index)},
      {"log_bytes", Type::kGauge, "The files that hold the log.",
       status.log_bytes},
      {"commit_index", Type::kGauge, "The last entry known to be committed.",
       status.commit},
      {"applied_index", Type::kGauge, "The last entry applied.",
       status.applied.index},
      {"checkpoint_index", Type::kGauge, "The last entry in a checkpoint.",
       status.checkpoint.index},
      {"truncated_index", Type::kGauge, "The last entry forgotten by the log.",
       status.truncated.index},
      {"writes_waiting", Type::kGauge, "Writes that wait for a leader.",
       status.writes_waiting},
      {"reads_waiting", Type::kGauge, "Reads that wait for a state.",
       status.reads_waiting},
      {"refuses_writes", Type::kGauge,
       "Whether there is too little space on the disk.",
       status.refuses_writes ? 1U : 0U},
      {"missing_entries", Type::kGauge,
       "Whether acknowledged entries are missing.",
       status.missing_up_to.has_value() ? 1U : 0U},
  };
  for (const Row& row : rows) {
    text.Add(row.name, row.type, row.help, row.value);
  }
}

void AddCounters(const ReplicaCounters& counters, PrometheusText& text) {
  const Row rows[] = {
      {"leader_changes_total", Type::kCounter,
       "Leaders that this replica has come to know.", counters.leader_changes},
      {"elections_won_total", Type::kCounter,
       "Times that this replica became the leader.", counters.elections_won},
      {"elections_begun_total", Type::kCounter,
       "Elections that this replica began.", counters.elections_begun},
      {"log_writes_total", Type::kCounter, "Synced writes of the log.",
       counters.log_writes},
      {"entries_applied_total", Type::kCounter, "Entries applied.",
       counters.entries_applied},
      {"commands_applied_total", Type::kCounter, "Commands applied.",
       counters.commands_applied},
      {"checkpoints_total", Type::kCounter, "Checkpoints taken.",
       counters.checkpoints},
      {"snapshots_produced_total", Type::kCounter,
       "Snapshots made for other replicas.", counters.snapshots_produced},
      {"snapshots_installed_total", Type::kCounter,
       "Times that the data came as a whole.", counters.snapshots_installed},
      {"snapshot_sent_bytes_total", Type::kCounter,
       "Bytes of snapshots sent to others.", counters.snapshot_bytes_sent},
      {"snapshot_received_bytes_total", Type::kCounter,
       "Bytes of snapshots received.", counters.snapshot_bytes_received},
      {"messages_received_total", Type::kCounter, "Messages from peers.",
       counters.messages_received},
      {"messages_sent_total", Type::kCounter, "Messages to peers.",
       counters.messages_sent},
      {"messages_dropped_total", Type::kCounter,
       "Messages that came when there was no room.", counters.messages_dropped},
      {"messages_refused_total", Type::kCounter,
       "Messages that no correct peer sends.", counters.messages_refused},
      {"messages_of_strangers_total", Type::kCounter,
       "Messages of another data directory than the member's.",
       counters.messages_of_strangers},
  };
  for (const Row& row : rows) {
    text.Add(row.name, row.type, row.help, row.value);
  }
}

void AddStorage(const engine::StorageStatistics& storage,
                PrometheusText& text) {
  const Row rows[] = {
      {"cache_bytes", Type::kGauge, "Memory that the cache of rows takes.",
       storage.cache_bytes_used},
      {"cache_bytes_max", Type::kGauge, "Memory that it may take.",
       storage.cache_bytes_max},
      {"cache_dirty_bytes", Type::kGauge,
       "What the next checkpoint has to write.", storage.cache_bytes_dirty},
      {"lookaside_inserts_total", Type::kCounter,
       "Old versions of rows that did not fit the cache any more.",
       storage.lookaside_inserts},
      {"last_checkpoint_milliseconds", Type::kGauge,
       "How long the last checkpoint took.",
       static_cast<uint64_t>(
           absl::ToInt64Milliseconds(storage.last_checkpoint))},
      {"pinned_transactions", Type::kGauge,
       "Transactions since the oldest state that is still read.",
       storage.pinned_transactions},
  };
  for (const Row& row : rows) {
    text.Add(row.name, row.type, row.help, row.value);
  }
}

void AddCalls(const Timings& timings, PrometheusText& text) {
  text.Begin("writes_total", Type::kCounter,
             "Writes answered here, by what became of them.");
  const std::string_view outcomes[] = {"applied", "not_applied", "unknown"};
  for (size_t i = 0; i < timings.writes.size(); ++i) {
    text.Sample({{"outcome", outcomes[i]}}, timings.writes[i]);
  }
  text.Add("write_seconds", "From a write's submission to its answer.",
           timings.write);
  text.Add("read_wait_seconds", "How long reads waited for a fresh state.",
           timings.read_wait);
  text.Add("log_sync_seconds", "A write of the log and its sync.",
           timings.log_write);
  text.Add("apply_seconds", "A transaction of the state machine.",
           timings.apply);
}

// One sample for each connection.
template <typename ValueOf>
void AddConnections(const NetworkStatus& network, std::string_view name,
                    Type type, std::string_view help, ValueOf value_of,
                    PrometheusText& text) {
  text.Begin(name, type, help);
  for (const ConnectionStatus& connection : network.connections) {
    text.Sample({{"peer", ToStd(absl::StrCat(connection.peer))}},
                value_of(connection));
  }
}

void AddNetwork(const NetworkStatus& network, PrometheusText& text) {
  if (network.listen.empty()) return;
  using Connection = ConnectionStatus;
  AddConnections(
      network, "connection_up", Type::kGauge, "Whether messages get to a peer.",
      [](const Connection& c) { return uint64_t{c.sending}; }, text);
  AddConnections(
      network, "connection_refused", Type::kGauge,
      "Whether a peer and this replica must not talk to each other.",
      [](const Connection& c) { return uint64_t{c.refused}; }, text);
  AddConnections(
      network, "connection_round_trip_microseconds", Type::kGauge,
      "There and back, the last time that it was measured.",
      [](const Connection& c) {
        const absl::Duration trip = c.round_trip.value_or(absl::ZeroDuration());
        return static_cast<uint64_t>(absl::ToInt64Microseconds(trip));
      },
      text);
  AddConnections(
      network, "connection_sent_bytes_total", Type::kCounter,
      "Bytes sent to a peer.", [](const Connection& c) { return c.bytes_sent; },
      text);
  AddConnections(
      network, "connection_received_bytes_total", Type::kCounter,
      "Bytes received from a peer.",
      [](const Connection& c) { return c.bytes_received; }, text);
  AddConnections(
      network, "connection_dropped_messages_total", Type::kCounter,
      "Messages to a peer for which there was no room.",
      [](const Connection& c) { return c.messages_dropped; }, text);
  AddConnections(
      network, "connection_connects_total", Type::kCounter,
      "Times that a connection to a peer was made.",
      [](const Connection& c) { return c.connects; }, text);
  AddConnections(
      network, "connection_regressions_total", Type::kCounter,
      "Times that a peer came back in an older term.",
      [](const Connection& c) { return c.regressions; }, text);
  text.Add("strangers_turned_away_total", Type::kCounter,
           "Connections that did not say who they are.",
           network.strangers_turned_away);
  text.Add("peers_refused_total", Type::kCounter,
           "Connections that were refused for who they are.",
           network.peers_refused);
  if (!network.certificate_expires) return;
  const int64_t end = absl::ToUnixSeconds(*network.certificate_expires);
  text.Add("certificate_expires_timestamp_seconds", Type::kGauge,
           "When the certificate of this replica ends.",
           static_cast<uint64_t>(std::max<int64_t>(end, 0)));
}

// One sample for each peer.
template <typename ValueOf>
void AddPeers(const ReplicaStatus& status, std::string_view name,
              std::string_view help, ValueOf value_of, PrometheusText& text) {
  if (status.peers.empty()) return;
  text.Begin(name, Type::kGauge, help);
  for (const PeerStatus& peer : status.peers) {
    text.Sample({{"peer", ToStd(absl::StrCat(peer.id))}},
                uint64_t{value_of(peer)});
  }
}

void AddMembers(const ReplicaStatus& status, PrometheusText& text) {
  text.Begin("member_info", Type::kGauge, "1 for each member of the group.");
  for (const MemberStatus& member : status.members) {
    const std::string id = absl::StrCat(member.id);
    text.Sample({{"peer", id},
                 {"name", member.info.name},
                 {"address", member.info.address},
                 {"voter", member.voter ? "1" : "0"}},
                1);
  }
}

}  // namespace

void CallTimes::NoteWrite(absl::Duration took, const absl::Status& answer) {
  write.Record(took);
  writes[static_cast<size_t>(OutcomeOf(answer))].fetch_add(
      1, std::memory_order_relaxed);
}

Timings::Timings(const CallTimes& calls, const Node& node)
    : write(calls.write.Read()),
      read_wait(calls.read_wait.Read()),
      log_write(node.log_write_time().Read()),
      apply(node.apply_time().Read()) {
  for (size_t i = 0; i < writes.size(); ++i) {
    writes[i] = calls.writes[i].load(std::memory_order_relaxed);
  }
}

std::string MetricsOf(
    const ReplicaStatus& status, const Timings& timings,
    const absl::StatusOr<engine::StorageStatistics>& storage) {
  PrometheusText text;
  AddState(status, text);
  AddCounters(status.counters, text);
  if (storage.ok()) AddStorage(*storage, text);
  AddCalls(timings, text);
  AddMembers(status, text);
  AddNetwork(status.network, text);
  AddPeers(
      status, "peer_durable_index", "The last entry known durable at a peer.",
      [](const PeerStatus& peer) { return peer.durable; }, text);
  AddPeers(
      status, "peer_lag_entries", "Entries not known durable at a peer.",
      [](const PeerStatus& peer) { return peer.lag; }, text);
  AddPeers(
      status, "peer_active", "Whether a peer was heard of lately.",
      [](const PeerStatus& peer) { return peer.recently_active ? 1U : 0U; },
      text);
  AddPeers(
      status, "peer_needs_snapshot",
      "Whether a peer is being sent the data as a whole.",
      [](const PeerStatus& peer) { return peer.needs_snapshot ? 1U : 0U; },
      text);
  AddPeers(
      status, "peer_snapshot_bytes",
      "What the data has that a peer is sent as a whole, until it has read it.",
      [](const PeerStatus& peer) { return peer.snapshot_bytes; }, text);
  AddPeers(
      status, "peer_snapshot_sent_bytes",
      "How much of that has been sent, or was there.",
      [](const PeerStatus& peer) { return peer.snapshot_bytes_sent; }, text);
  return text.Take();
}

}  // namespace trimaran

#include <string>

#include "absl/strings/str_cat.h"
#include "api/src/status.h"
#include "engine/base/absl_compat.h"

namespace trimaran {
namespace {

enum class Type : uint8_t { kGauge, kCounter };

struct Sample {
  absl::string_view name;
  Type type = Type::kGauge;
  absl::string_view help;
  uint64_t value = 0;
};

void Head(absl::string_view name, Type type, absl::string_view help,
          std::string& text) {
  absl::StrAppend(&text, "# HELP trimaran_", name, " ", help,
                  "\n# TYPE trimaran_", name,
                  type == Type::kCounter ? " counter\n" : " gauge\n");
}

void Append(const Sample& sample, std::string& text) {
  Head(sample.name, sample.type, sample.help, text);
  absl::StrAppend(&text, "trimaran_", sample.name, " ", sample.value, "\n");
}

// One line for each peer, told apart by a label.
template <typename ValueOf>
void AppendPeers(const ReplicaStatus& status, absl::string_view name,
                 absl::string_view help, ValueOf value_of, std::string& text) {
  if (status.peers.empty()) return;
  Head(name, Type::kGauge, help, text);
  for (const PeerStatus& peer : status.peers) {
    absl::StrAppend(&text, "trimaran_", name, "{peer=\"", peer.id, "\"} ",
                    uint64_t{value_of(peer)}, "\n");
  }
}

}  // namespace

std::string MetricsOf(const ReplicaStatus& status) {
  const ReplicaCounters& counters = status.counters;
  const Sample samples[] = {
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
      {"missing_entries", Type::kGauge,
       "Whether acknowledged entries are missing.",
       status.missing_up_to.has_value() ? 1U : 0U},
      {"log_writes_total", Type::kCounter, "Synced writes of the log.",
       counters.log_writes},
      {"entries_applied_total", Type::kCounter, "Entries applied.",
       counters.entries_applied},
      {"commands_applied_total", Type::kCounter, "Commands applied.",
       counters.commands_applied},
      {"messages_received_total", Type::kCounter, "Messages from peers.",
       counters.messages_received},
      {"messages_sent_total", Type::kCounter, "Messages to peers.",
       counters.messages_sent},
      {"messages_dropped_total", Type::kCounter,
       "Messages that came when there was no room.", counters.messages_dropped},
      {"messages_refused_total", Type::kCounter,
       "Messages that no correct peer sends.", counters.messages_refused},
  };
  std::string text;
  for (const Sample& sample : samples) Append(sample, text);
  AppendPeers(
      status, "peer_durable_index", "The last entry known durable at a peer.",
      [](const PeerStatus& peer) { return peer.durable; }, text);
  AppendPeers(
      status, "peer_active", "Whether a peer was heard of lately.",
      [](const PeerStatus& peer) { return uint64_t{peer.recently_active}; },
      text);
  return text;
}

}  // namespace trimaran

#include "tools/serve/server_report.h"

#include <unistd.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"
#include "tools/serve/member_address.h"
#include "tools/serve/process_limits.h"

namespace trimaran::serve {
namespace {

std::string ServerSection(const ServerReport& report) {
  const int64_t seconds = absl::ToInt64Seconds(report.uptime);
  return absl::StrCat(
      "# Server\r\n"
      "redis_version:" TRIMARAN_VERSION
      "\r\n"
      "server_name:trimaran\r\n"
      "trimaran_version:" TRIMARAN_VERSION
      "\r\n"
      "redis_mode:standalone\r\n"
      "process_id:",
      ::getpid(), "\r\nrun_id:", report.replica.cluster,
      absl::StrFormat("%08x", report.replica.replica_id & 0xffffffff),
      "\r\ntcp_address:", report.address, "\r\nuptime_in_seconds:", seconds,
      "\r\nuptime_in_days:", seconds / 86400, "\r\n");
}

std::string ClientsSection(const ServerReport& report) {
  return absl::StrCat(
      "# Clients\r\nconnected_clients:", report.counters.clients.load(),
      "\r\nmaxclients:", report.settings.redis.clients_max,
      "\r\nblocked_clients:0\r\n");
}

std::string MemorySection(const ServerReport& report) {
  const uint64_t resident = ResidentBytes();
  return absl::StrCat(
      "# Memory\r\nused_memory:", resident, "\r\nused_memory_human:",
      absl::StrFormat("%.2fM", static_cast<double>(resident) / 1048576.0),
      "\r\nused_memory_rss:", resident,
      "\r\nclients_output_bytes:", report.counters.output_bytes.load(),
      "\r\nclients_input_bytes:", report.counters.input_bytes.load(),
      "\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n");
}

std::string PersistenceSection(const ServerReport& report) {
  return absl::StrCat(
      "# Persistence\r\nloading:0\r\naof_enabled:1\r\n"
      "log_last_index:",
      report.replica.last.index, "\r\nlog_durable:", report.replica.durable,
      "\r\nlog_truncated:", report.replica.truncated.index,
      "\r\nlog_bytes:", report.replica.log_bytes,
      "\r\ncheckpoint_index:", report.replica.checkpoint.index, "\r\n");
}

std::string StatsSection(const ServerReport& report) {
  const Counters& counters = report.counters;
  return absl::StrCat(
      "# Stats\r\ntotal_connections_received:", counters.connections.load(),
      "\r\ntotal_commands_processed:", counters.commands.load(),
      "\r\ninstantaneous_ops_per_sec:", report.commands_per_second,
      "\r\ntotal_net_input_bytes:", counters.bytes_received.load(),
      "\r\ntotal_net_output_bytes:", counters.bytes_sent.load(),
      "\r\nrejected_connections:", counters.connections_refused.load(),
      "\r\nprotocol_errors:", counters.protocol_errors.load(),
      "\r\nwrites_waiting:", report.replica.writes_waiting,
      "\r\nreads_waiting:", report.replica.reads_waiting, "\r\n");
}

void AppendMembers(const ReplicaStatus& replica, std::string& text) {
  absl::StrAppend(&text, "trimaran_members:", replica.members.size(), "\r\n");
  for (const MemberStatus& member : replica.members) {
    absl::StrAppend(&text, "trimaran_member", member.id,
                    ":address=", member.info.address,
                    ",voter=", member.voter ? 1 : 0);
    for (const PeerStatus& peer : replica.peers) {
      if (peer.id != member.id) continue;
      absl::StrAppend(&text, ",durable=", peer.durable, ",lag=", peer.lag,
                      ",active=", peer.recently_active ? 1 : 0,
                      ",needs_snapshot=", peer.needs_snapshot ? 1 : 0);
    }
    absl::StrAppend(&text, "\r\n");
  }
}

void AppendFollowers(const ReplicaStatus& replica, std::string& text) {
  std::string followers;
  int count = 0;
  for (const PeerStatus& peer : replica.peers) {
    if (peer.id == replica.replica_id) continue;
    const HostAndPort place = AddressOf(replica, peer.id);
    absl::StrAppend(&followers, "slave", count++, ":ip=", place.host,
                    ",port=", place.port,
                    ",state=", peer.recently_active ? "online" : "wait_bgsave",
                    ",offset=", peer.durable, ",lag=", peer.lag, "\r\n");
  }
  absl::StrAppend(&text, "connected_slaves:", count, "\r\n", followers);
}

std::string ReplicationSection(const ServerReport& report) {
  const ReplicaStatus& replica = report.replica;
  const bool leads = replica.role == ReplicaRole::kLeader;
  std::string text = absl::StrCat(
      "# Replication\r\nrole:", leads ? "master" : "slave", "\r\n");
  if (leads) {
    AppendFollowers(replica, text);
  } else {
    const HostAndPort place = AddressOf(replica, replica.leader);
    absl::StrAppend(
        &text, "master_host:", place.host, "\r\nmaster_port:", place.port,
        "\r\nmaster_link_status:", replica.leader == 0 ? "down" : "up",
        "\r\nslave_repl_offset:", replica.applied.index,
        "\r\nslave_read_only:0\r\nconnected_slaves:0\r\n");
  }
  absl::StrAppend(
      &text, "master_replid:", replica.cluster,
      "\r\nmaster_repl_offset:", replica.commit,
      "\r\ntrimaran_cluster:", replica.cluster,
      "\r\ntrimaran_cluster_name:", EscapeForLog(ClusterName(report)),
      "\r\ntrimaran_role:", ToAbsl(RoleName(replica.role)),
      "\r\ntrimaran_replica:", replica.replica_id,
      "\r\ntrimaran_leader:", replica.leader,
      "\r\ntrimaran_term:", replica.term,
      "\r\ntrimaran_commit:", replica.commit,
      "\r\ntrimaran_applied:", replica.applied.index, "\r\n");
  AppendMembers(replica, text);
  return text;
}

struct Section {
  std::string_view name;
  std::string (*text)(const ServerReport&);
};

constexpr std::array kSections = {
    Section{"server", ServerSection},
    Section{"clients", ClientsSection},
    Section{"memory", MemorySection},
    Section{"persistence", PersistenceSection},
    Section{"stats", StatsSection},
    Section{"replication", ReplicationSection},
};

}  // namespace

std::string ClusterName(const ServerReport& report) {
  const std::string& name = report.settings.options.cluster;
  const bool is_id = absl::EqualsIgnoreCase(name, report.replica.cluster);
  return is_id ? std::string() : name;
}

std::string InfoText(const ServerReport& report, std::string_view section) {
  std::string text;
  for (const Section& each : kSections) {
    if (!section.empty() && section != each.name) continue;
    if (!text.empty()) text.append("\r\n");
    text.append(each.text(report));
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> ConfigValues(
    const Settings& settings) {
  return {
      {"appendfsync", "always"},
      {"appendonly", "yes"},
      {"databases", "1"},
      {"maxclients", absl::StrCat(settings.redis.clients_max)},
      {"maxmemory", "0"},
      {"maxmemory-policy", "noeviction"},
      {"proto-max-bulk-len", absl::StrCat(settings.limits.bulk_bytes)},
      {"save", ""},
      {"timeout",
       absl::StrCat(absl::ToInt64Seconds(settings.redis.idle_timeout))},
  };
}

}  // namespace trimaran::serve

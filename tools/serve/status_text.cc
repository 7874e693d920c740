#include "tools/serve/status_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/logging.h"
#include "tools/serve/health.h"

namespace trimaran::serve {
namespace {

std::string ProgressOf(const ReplicaStatus& replica, uint64_t member) {
  for (const PeerStatus& peer : replica.peers) {
    if (peer.id != member) continue;
    return absl::StrCat("durable ", peer.durable, ", lag ", peer.lag,
                        peer.needs_snapshot ? ", gets a snapshot" : "",
                        peer.recently_active ? "" : ", not heard of");
  }
  return "";
}

std::string_view PlaceOf(const ReplicaStatus& replica,
                         const MemberStatus& member) {
  if (member.id == replica.leader) return "leader";
  return member.voter ? "voter" : "learner";
}

std::string ClusterOf(const ServerReport& report) {
  const std::string name = ClusterName(report);
  if (name.empty()) return report.replica.cluster;
  return absl::StrCat(EscapeForLog(name), " (", report.replica.cluster, ")");
}

}  // namespace

std::string StatusText(const ServerReport& report) {
  const ReplicaStatus& replica = report.replica;
  const std::string why = WhyUnhealthy(replica);
  std::string text = absl::StrCat(
      "replica ", replica.replica_id, " of cluster ", ClusterOf(report), ": ",
      std::string(RoleName(replica.role)), " of term ", replica.term, ", ",
      why.empty() ? "healthy" : EscapeForLog(why), "\n");
  absl::StrAppend(&text, "log: last ", replica.last.index, ", durable ",
                  replica.durable, ", committed ", replica.commit, ", applied ",
                  replica.applied.index, ", checkpoint ",
                  replica.checkpoint.index, ", forgotten up to ",
                  replica.truncated.index, "\n");
  absl::StrAppend(&text, "clients: ", report.counters.clients.load(), " at ",
                  report.address, ", ", report.counters.commands.load(),
                  " commands\nmembers:\n");
  for (const MemberStatus& member : replica.members) {
    absl::StrAppend(&text,
                    absl::StrFormat("  %-4d %-8s %-22s %s %s\n", member.id,
                                    std::string(PlaceOf(replica, member)),
                                    EscapeForLog(member.info.address),
                                    EscapeForLog(member.info.name),
                                    ProgressOf(replica, member.id)));
  }
  return text;
}

}  // namespace trimaran::serve

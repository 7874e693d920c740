#ifndef TRIMARAN_STATUS_H_
#define TRIMARAN_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "trimaran/export.h"
#include "trimaran/options.h"

namespace trimaran {

// A place in the order of writes.
struct LogPlace {
  uint64_t index = 0;
  uint64_t term = 0;

  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

enum class ReplicaRole : uint8_t { kFollower, kCandidate, kLeader };
// "follower", "candidate", "leader".
TRIMARAN_EXPORT std::string_view RoleName(ReplicaRole role);

// A member of the group, as far as this replica has applied the writes.
struct MemberStatus {
  uint64_t id = 0;
  MemberInfo info;
  // Counts for majorities; the others get all writes and decide nothing.
  bool voter = false;
  // The data directory that it is bound to; 0 while it is not bound.
  uint64_t store_id = 0;
};

// What a leader knows of a member, itself included.
struct PeerStatus {
  uint64_t id = 0;
  bool voter = false;
  // The last entry that is known to be durable there.
  uint64_t durable = 0;
  // The commit index that it has reported.
  uint64_t commit = 0;
  // How many entries were not known to be durable there, of those that the
  // leader had at the moment at which the rest of this was seen.
  uint64_t lag = 0;
  // Heard of within two election timeouts, or there was no time for it yet.
  bool recently_active = false;
  // It is being sent the data as a whole: not while these are still being made,
  // nor while it reads them in.
  bool needs_snapshot = false;
  // How many bytes this data has, and how many of them have been sent, or were
  // there: of the last one, until it has been read in. 0 if there is none.
  uint64_t snapshot_bytes = 0;
  uint64_t snapshot_bytes_sent = 0;
  uint64_t messages_in_flight = 0;
};

// How a replica that listens for others (Options::listen) is connected to one.
struct ConnectionStatus {
  uint64_t peer = 0;
  std::string address;
  // What this one sends gets there, and the other one's gets here.
  bool sending = false;
  bool receiving = false;
  // One of the two has found that they must not talk to each other, for the
  // reason in `error`; only people can mend that.
  bool refused = false;
  // What stands in the way. Empty if nothing does.
  std::string error;
  // There and back; empty before it was first measured.
  std::optional<absl::Duration> round_trip = std::nullopt;
  // Since the database was opened.
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t messages_dropped = 0;
  uint64_t connects = 0;
  // How often it has shown itself in an older term than before: an older image
  // of its directory seems to have been put back.
  uint64_t regressions = 0;
};

struct NetworkStatus {
  // Where it listens, and what it tells the others of it. Empty if it does not.
  std::string listen;
  std::string address;
  std::vector<ConnectionStatus> connections;
  // Connections that did not say who they are, in time or at all; and those
  // that did, and were refused.
  uint64_t strangers_turned_away = 0;
  uint64_t peers_refused = 0;
  // When the certificate of this replica ends; empty without TLS.
  std::optional<absl::Time> certificate_expires = std::nullopt;
};

// What has been counted since the database was opened.
struct ReplicaCounters {
  // Leaders that this replica has come to know, and how often it was one.
  uint64_t leader_changes = 0;
  uint64_t elections_won = 0;
  // Elections that it began, for it had heard no leader, or was asked to lead.
  uint64_t elections_begun = 0;
  // Synced ones.
  uint64_t log_writes = 0;
  uint64_t entries_applied = 0;
  uint64_t commands_applied = 0;
  uint64_t checkpoints = 0;
  // Made for others; and how often the data came here as a whole.
  uint64_t snapshots_produced = 0;
  uint64_t snapshots_installed = 0;
  // Of their data: sent to others, and received from them.
  uint64_t snapshot_bytes_sent = 0;
  uint64_t snapshot_bytes_received = 0;
  uint64_t messages_received = 0;
  uint64_t messages_sent = 0;
  // That came when there was no room for them.
  uint64_t messages_dropped = 0;
  // That no correct peer would have sent.
  uint64_t messages_refused = 0;
  // That came from another data directory than that of the member they named.
  uint64_t messages_of_strangers = 0;
};

// A copy of what is worth knowing about a replica.
struct ReplicaStatus {
  // How long ago most of it was true: a heartbeat, and longer while the replica
  // is held up, by a disk that does not answer for example.
  absl::Duration age;

  // ---- Who it is ----
  // 32 hexadecimal digits.
  std::string cluster;
  uint64_t replica_id = 0;
  // Drawn at random when the directory was made.
  uint64_t store_id = 0;

  // ---- The group ----
  ReplicaRole role = ReplicaRole::kFollower;
  // 0 if none is known.
  uint64_t leader = 0;
  uint64_t term = 0;
  std::vector<MemberStatus> members;
  // Between two sets of members.
  bool changing_members = false;
  // On a leader only.
  std::vector<PeerStatus> peers;
  NetworkStatus network;

  // ---- The log: truncated <= checkpoint, and applied <= commit <= last ----
  LogPlace last;
  uint64_t durable = 0;
  uint64_t commit = 0;
  LogPlace applied;
  // What a crash does not even make it apply again.
  LogPlace checkpoint;
  // The last entry that the log no longer holds.
  LogPlace truncated;
  // On the disk, in whole files of Options::log_segment_bytes.
  uint64_t log_bytes = 0;

  // ---- Load and trouble ----
  uint64_t writes_waiting = 0;
  uint64_t reads_waiting = 0;
  // There is less space on the disk than Options::free_bytes_min. What clients
  // write here is not taken, and somebody else is to lead.
  bool refuses_writes = false;
  // This replica has lost acknowledged writes up to this one. It neither votes
  // nor counts until it has got them from the others.
  std::optional<LogPlace> missing_up_to;
  // A member that hears nothing of this replica: the group knows another data
  // directory under its id, which was emptied, lost, or copied. Remove that
  // member, and let this machine join under a new id. 0 if there is none.
  uint64_t refused_by = 0;
  // Why it has failed for good; OK while it has not.
  absl::Status failure;
  ReplicaCounters counters;
};

}  // namespace trimaran

#endif  // TRIMARAN_STATUS_H_

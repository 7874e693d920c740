#ifndef TRIMARAN_TESTS_NET_NET_CLUSTER_H_
#define TRIMARAN_TESTS_NET_NET_CLUSTER_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/mutex.h"
#include "tests/net/replica_process.h"
#include "tests/net/replica_settings.h"
#include "tests/net/tcp_proxy.h"

namespace trimaran::net {

// Where a replica runs that is not behind the proxy.
struct Host {
  // "host:port", where it listens and the others reach it.
  std::string address;
  // ReplicaProcess::Launch::wrapper.
  std::vector<std::string> wrapper;
};

struct ClusterOptions {
  // The founders, 1 and so on.
  uint64_t replicas = 3;
  // Of all of them; what is each one's own is filled in.
  ReplicaSettings settings = {};
  // Of the proxy.
  uint64_t seed = 1;
  // By replica; the others are on this machine, behind the proxy.
  std::map<uint64_t, Host> hosts = {};
  // Where the directories are made: a real disk.
  std::string parent = "/var/tmp";
};

// Replicas in processes of their own, each behind a port of one proxy, and what
// can befall them. Their directories are removed with it, unless somebody wants
// to look at them.
//
// Thread: owner, on the thread that has made it, since replicas die with it;
// Find: any.
class NetCluster {
 public:
  // Nobody runs yet.
  static absl::StatusOr<std::unique_ptr<NetCluster>> Make(
      const ClusterOptions& options);
  ~NetCluster();

  // ---- Processes ----

  // Starts one that does not run. Internal: what it says instead.
  absl::Status Start(uint64_t id);
  absl::Status StartAll();
  // kill -9. Nothing where it does not run.
  void Kill(uint64_t id);
  void KillAll();
  void Pause(uint64_t id);
  void Resume(uint64_t id);
  // Ends in order.
  absl::Status Close(uint64_t id);
  // How often a process was killed.
  uint64_t kills() const { return kills_; }

  // The process of a replica; null while there is none.
  std::shared_ptr<ReplicaProcess> Find(uint64_t id);
  // Of all replicas that were ever here.
  std::vector<uint64_t> ids();

  // ---- Directories ----

  std::string DirectoryOf(uint64_t id) const;
  const std::string& root() const { return root_; }
  // While it does not run.
  void Wipe(uint64_t id);
  void SaveDirectory(uint64_t id, const std::string& name);
  void RestoreDirectory(uint64_t id, const std::string& name);
  void KeepDirectories() { keep_ = true; }

  // ---- Members ----

  // Prepares a replica that will join when it is started. The members are told
  // by somebody else.
  absl::Status Prepare(uint64_t id);
  // Where the others reach it.
  std::string AddressOf(uint64_t id) const;
  // Where it listens, behind the proxy.
  uint16_t PortOf(uint64_t id) const;
  // May be changed while it does not run.
  ReplicaSettings& settings(uint64_t id) { return nodes_.at(id).settings; }
  // A second process of a replica, with settings of its own, which the proxy
  // takes for the first one. The caller owns it.
  absl::StatusOr<std::unique_ptr<ReplicaProcess>> StartAnother(
      uint64_t id, const ReplicaSettings& settings);

  TcpProxy& proxy() { return *proxy_; }

  // ---- Asking ----

  // Who leads, with the highest term of those who say so; 0: nobody does within
  // `patience`.
  uint64_t AwaitLeader(absl::Duration patience = absl::Seconds(30));
  // The same call again and again, where the leader is, until it goes well;
  // after `patience` the last error. Not for what must not be done twice.
  ReplicaProcess::Result AskLeader(const std::string& operation,
                                   const std::vector<std::string>& arguments,
                                   absl::Duration patience = absl::Seconds(30));
  // Status of a replica; empty if it does not answer.
  Answer StatusOf(uint64_t id);
  // That all members have the same state, once they have caught up.
  absl::Status AwaitEqual(absl::Duration patience = absl::Minutes(2));
  // The last lines that a replica has logged.
  std::string LogOf(uint64_t id) const;

 private:
  struct Node {
    ReplicaSettings settings;
    std::shared_ptr<ReplicaProcess> process = nullptr;
  };

  explicit NetCluster(const ClusterOptions& options) : options_(options) {}
  absl::Status Found();
  uint64_t IdOf(uint16_t from, uint16_t to);
  absl::StatusOr<std::unique_ptr<ReplicaProcess>> Launch(
      uint64_t id, const ReplicaSettings& settings);

  const ClusterOptions options_;
  std::string root_;
  bool keep_ = false;
  uint64_t kills_ = 0;
  std::map<uint64_t, uint16_t> ports_;
  Mutex mutex_;
  // Settings are the owner's alone.
  std::map<uint64_t, Node> nodes_;
  std::map<pid_t, uint64_t> ids_by_process_ ABSL_GUARDED_BY(mutex_);
  // Asks for ids_by_process_, and so ends first.
  std::unique_ptr<TcpProxy> proxy_;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_NET_CLUSTER_H_

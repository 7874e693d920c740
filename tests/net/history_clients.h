#ifndef TRIMARAN_TESTS_NET_HISTORY_CLIENTS_H_
#define TRIMARAN_TESTS_NET_HISTORY_CLIENTS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "tests/net/replica_process.h"
#include "tests/support/node_sim/history.h"

namespace trimaran::net {

// A replica that runs, or null, by its id.
using FindProcess = std::function<std::shared_ptr<ReplicaProcess>(uint64_t id)>;

struct ClientOptions {
  uint64_t clients = 6;
  // Rows that all of them write; few, so that they meet.
  uint64_t keys = 5;
  // The replicas that are asked are 1 to this.
  uint64_t replicas = 3;
  uint64_t seed = 1;
  // Of a client, for one answer.
  absl::Duration patience = absl::Seconds(3);
  // Between two calls of a client, on average.
  absl::Duration pause = absl::Milliseconds(4);
};

// Clients on threads, each of which makes one call at a time at any replica,
// and all that they were told. Half of what they put are rows of their own that
// nobody touches again, and which have to be there for ever.
//
// Thread: any; Start and Stop: owner.
class HistoryClients {
 public:
  HistoryClients(const ClientOptions& options, FindProcess find);
  ~HistoryClients();

  void Start();
  // After their last answer.
  void Stop();

  // Reads every shared row at each of `replicas`. What is wrong otherwise.
  std::vector<std::string> ReadAll(const std::vector<uint64_t>& replicas);
  // Whether what was put for ever is there at `replica`, and nothing else.
  std::vector<std::string> CheckRows(uint64_t replica);
  // What both judges of linearizability have to say: nothing, one hopes.
  std::vector<std::string> CheckHistory();

  std::vector<node_sim::Op> ops();
  // With a good answer, up to now.
  uint64_t answered() const { return answered_; }
  // The longest time that no write had a good answer.
  absl::Duration longest_gap();
  // Forgets gaps up to now.
  void RestartGap();
  // For another checker: tests/README.md.
  bool WriteHistory(const std::string& path);

 private:
  void Work(uint64_t client);
  node_sim::Op Draw(uint64_t client, Random& random);
  node_sim::Op Call(node_sim::Op op, absl::Duration patience);
  node_sim::Op Begin(node_sim::Op op);
  node_sim::Op End(node_sim::Op op);
  uint64_t NowMicros() const;

  const ClientOptions options_;
  const FindProcess find_;
  const MonotonicClock clock_;
  const MonotonicTime begun_;
  std::atomic<bool> enough_ = false;
  std::atomic<uint64_t> answered_ = 0;
  std::vector<std::thread> threads_;
  Mutex mutex_;
  node_sim::History history_ ABSL_GUARDED_BY(mutex_);
  MonotonicTime last_write_ ABSL_GUARDED_BY(mutex_);
  absl::Duration longest_gap_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_HISTORY_CLIENTS_H_

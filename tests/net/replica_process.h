#ifndef TRIMARAN_TESTS_NET_REPLICA_PROCESS_H_
#define TRIMARAN_TESTS_NET_REPLICA_PROCESS_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/mutex.h"
#include "tests/net/line_protocol.h"
#include "tests/net/replica_settings.h"
#include "tests/net/socket.h"

namespace trimaran::net {

// The program net_replica: beside this one, or what the environment variable
// TRIMARAN_NET_REPLICA says.
std::string ReplicaProgram();

// One net_replica, killed at the latest when this is destroyed.
//
// Thread: Call: any; everything else: the one that has made it. The process
// dies when that thread ends.
class ReplicaProcess {
 public:
  struct Launch {
    ReplicaSettings settings;
    // What it logs is appended there.
    std::string log_path = {};
    // What comes before the program: "ip netns exec name", for example.
    std::vector<std::string> wrapper = {};
    // Told the id of the process before that has done anything.
    std::function<void(pid_t)> on_spawn = nullptr;
  };

  // Starts it and waits until it has opened its database. Internal: it did not;
  // the message is the answer that it gave, or says how it died.
  static absl::StatusOr<std::unique_ptr<ReplicaProcess>> Start(
      const Launch& launch);

  ~ReplicaProcess();

  // What became of a call.
  struct Result {
    enum class Kind : uint8_t {
      // It was never sent.
      kNotSent,
      // Not in time, or the process has died: it may be done, now or later.
      kNoAnswer,
      kAnswered,
    };
    Kind kind = Kind::kNotSent;
    Answer answer = {};

    bool ok() const { return kind == Kind::kAnswered && answer.ok; }
    std::string ToString() const;
  };
  // `patience` is how long to wait for an answer; the database is given
  // `timeout`, or what its settings say.
  Result Call(const std::string& operation,
              const std::vector<std::string>& arguments,
              absl::Duration patience,
              absl::Duration timeout = absl::ZeroDuration());

  // kill -9, and waits until it is gone.
  void Kill();
  // It stands still, and goes on.
  void Pause();
  void Resume();
  // Ends in order. Internal: it did not, within `patience`.
  absl::Status Close(absl::Duration patience = absl::Seconds(30));

  pid_t pid() const { return pid_; }
  bool alive() const { return alive_; }

 private:
  struct Waiter {
    bool done = false;
    Result result;
    CondVar changed;
  };

  ReplicaProcess(pid_t pid, Socket requests, Socket answers);
  // The first line that it says, or how it died.
  absl::Status AwaitReady(absl::Duration patience);
  void Listen();
  void OnLine(const std::string& line);
  void OnEnd();
  Result::Kind SendLine(const std::string& line);
  // Until it is gone, or `patience` is over.
  bool Reap(absl::Duration patience);

  const pid_t pid_;
  Socket requests_;
  Socket answers_;
  std::atomic<bool> alive_ = true;
  bool reaped_ = false;
  Mutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, Waiter*> waiting_ ABSL_GUARDED_BY(mutex_);
  // What it has said before it was ready.
  std::string first_line_ ABSL_GUARDED_BY(mutex_);
  CondVar first_said_;
  std::thread listener_;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_REPLICA_PROCESS_H_

// One replica in a process of its own, for tests: opens a database as its flags
// say (replica_settings.h), prints READY, executes the lines that it reads
// (replica_commands.h) and answers in whatever order they come to their end.
// It dies with the thread that started it, and when nobody can talk to it any
// more; "close" ends it in order.

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/mutex.h"
#include "tests/net/line_protocol.h"
#include "tests/net/replica_commands.h"
#include "tests/net/replica_settings.h"
#include "trimaran/db.h"

namespace trimaran::net {
namespace {

// What is asked of a replica of which the one side reads and the other writes.
//
// Thread: any.
class Service {
 public:
  Service(DB& db, uint64_t workers) : commands_(db) {
    for (uint64_t i = 0; i < workers; ++i) {
      workers_.emplace_back([this] { Work(); });
    }
  }
  // Everything that was asked is answered.
  ~Service() {
    {
      const MutexLock lock(mutex_);
      done_ = true;
      changed_.NotifyAll();
    }
    for (std::thread& worker : workers_) worker.join();
  }

  void Ask(Request request) {
    const MutexLock lock(mutex_);
    waiting_.push_back(std::move(request));
    changed_.NotifyOne();
  }

  void Say(const std::string& line) {
    const MutexLock lock(out_mutex_);
    std::cout << line << '\n' << std::flush;
  }

 private:
  void Work() {
    while (true) {
      Request request;
      {
        const MutexLock lock(mutex_);
        while (waiting_.empty() && !done_) changed_.Wait(mutex_);
        if (waiting_.empty()) return;
        request = std::move(waiting_.front());
        waiting_.pop_front();
      }
      Say(Encode(commands_.Execute(request)));
    }
  }

  ReplicaCommands commands_;
  Mutex out_mutex_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Request> waiting_ ABSL_GUARDED_BY(mutex_);
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
};

Options OptionsOf(const ReplicaSettings& settings) {
  Options options;
  options.cluster = settings.cluster;
  options.replica_id = settings.replica_id;
  options.join = settings.join != 0;
  options.listen = settings.listen;
  options.advertise = settings.advertise;
  options.insecure = settings.insecure != 0;
  if (!settings.tls_certificate.empty()) {
    options.tls = TlsFiles{.authority = settings.tls_authority,
                           .certificate = settings.tls_certificate,
                           .key = settings.tls_key};
  }
  std::vector<std::string> founders;
  if (!settings.founders.empty()) {
    founders = absl::StrSplit(settings.founders, ',');
  }
  for (const std::string& founder : founders) {
    const std::vector<std::string> parts =
        absl::StrSplit(founder, absl::MaxSplits('=', 1));
    uint64_t id = 0;
    if (parts.size() == 2 && absl::SimpleAtoi(parts[0], &id)) {
      options.founders[id] = {.name = absl::StrCat("replica ", id),
                              .address = parts[1]};
    }
  }
  options.heartbeat_interval = absl::Milliseconds(settings.heartbeat_ms);
  options.election_timeout = absl::Milliseconds(settings.election_ms);
  options.default_timeout = absl::Milliseconds(settings.timeout_ms);
  options.log_segment_bytes = settings.log_segment_bytes;
  options.log_bytes_max = settings.log_bytes_max;
  options.log_writes_max = settings.log_writes_max;
  options.checkpoint_bytes = settings.checkpoint_bytes;
  options.cache_bytes = settings.cache_bytes;
  options.free_bytes_min = settings.free_bytes_min;
  options.snapshot_rate = settings.snapshot_rate;
  return options;
}

// Until nobody asks any more, or for the end.
int Serve(std::unique_ptr<DB> db, uint64_t workers) {
  absl::Status closed;
  uint64_t closing = 0;
  {
    Service service(*db, workers);
    service.Say(absl::StrCat("READY pid=", getpid()));
    for (std::string line; closing == 0 && std::getline(std::cin, line);) {
      auto request = DecodeRequest(line);
      if (!request) {
        std::fprintf(stderr, "net_replica: no request: %s\n", line.c_str());
        return 2;
      }
      if (request->operation == "close") {
        closing = request->id;
      } else {
        service.Ask(*std::move(request));
      }
    }
    // Whoever asked is gone: as if by kill -9, so that nothing waits.
    if (closing == 0) _exit(0);
    closed = db->Close();
  }
  db.reset();
  const Answer answer = closed.ok() ? Answer{.id = closing, .ok = true}
                                    : ErrorAnswer(closing, closed);
  std::cout << Encode(answer) << '\n' << std::flush;
  return closed.ok() ? 0 : 1;
}

int Main(int argc, char** argv) {
  // Tests leave no process behind, however they end. Whoever died before this
  // has closed our input.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<std::string> flags;
  for (int at = 1; at < argc; ++at) flags.emplace_back(argv[at]);
  const auto settings = FromFlags(flags);
  if (!settings.ok()) {
    std::fprintf(stderr, "net_replica: %s\n",
                 settings.status().ToString().c_str());
    return 2;
  }
  auto db = DB::Open(OptionsOf(*settings), settings->directory);
  if (!db.ok()) {
    // The same words as for a call, so that a test can ask for the code.
    std::cout << Encode(ErrorAnswer(0, db.status())) << '\n' << std::flush;
    return 3;
  }
  return Serve(*std::move(db), settings->workers);
}

}  // namespace
}  // namespace trimaran::net

int main(int argc, char** argv) { return trimaran::net::Main(argc, argv); }

#include "tools/serve/server.h"

#include <optional>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/base/mutex.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/io_loop.h"
#include "tools/serve/client_loop.h"
#include "tools/serve/counters.h"
#include "tools/serve/db_job_runner.h"
#include "tools/serve/http_server.h"
#include "tools/serve/listening_port.h"
#include "tools/serve/loop_queue.h"
#include "tools/serve/operator_pages.h"
#include "tools/serve/process_limits.h"
#include "tools/serve/redis_server.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran::serve {
namespace {

// How long answers may take to leave at the end.
constexpr absl::Duration kLastAnswers = absl::Seconds(2);

// Something that happens once.
//
// Thread: any.
class Event {
 public:
  void Set() {
    const MutexLock lock(mutex_);
    set_ = true;
    changed_.NotifyAll();
  }
  // False if it has not happened in time.
  bool Wait(absl::Duration timeout) {
    const MonotonicTime deadline = clock_.Now() + timeout;
    const MutexLock lock(mutex_);
    while (!set_) {
      const absl::Duration left = deadline - clock_.Now();
      if (left <= absl::ZeroDuration()) return false;
      changed_.WaitFor(mutex_, left);
    }
    return true;
  }

 private:
  const MonotonicClock clock_{};
  Mutex mutex_;
  CondVar changed_;
  bool set_ ABSL_GUARDED_BY(mutex_) = false;
};

struct OpenPorts {
  OpenPort redis;
  std::optional<OpenPort> http;
};

absl::StatusOr<OpenPorts> OpenAll(const Settings& settings) {
  OpenPorts ports;
  TRIMARAN_ASSIGN_OR_RETURN(ports.redis,
                            ListenAt("redis.listen", settings.redis.listen));
  if (!settings.http.listen.empty()) {
    TRIMARAN_ASSIGN_OR_RETURN(ports.http,
                              ListenAt("http.listen", settings.http.listen));
  }
  if (!settings.options.listen.empty()) {
    // The library opens it itself; this only tells a port that is taken from
    // a directory that is open elsewhere.
    TRIMARAN_RETURN_IF_ERROR(
        ListenAt("replica.listen", settings.options.listen).status());
  }
  return ports;
}

// A start of cursors that no earlier process has handed out.
uint64_t FirstCursor() {
  return static_cast<uint64_t>(absl::GetCurrentTimeNanos()) & 0x7fffffffffff;
}

}  // namespace

class Server::Impl {
 public:
  // What waits for sockets. The second one is null without a port for
  // operators.
  struct Loops {
    std::unique_ptr<ClientLoop> clients;
    std::unique_ptr<IoLoop> operators;
  };

  Impl(Settings settings, std::unique_ptr<DB> db, Loops loops, OpenPorts ports)
      : settings_(std::move(settings)),
        redis_address_(ports.redis.address),
        db_(std::move(db)),
        loops_(std::move(loops)),
        runner_(*db_, FirstCursor(), *loops_.clients),
        redis_({.loop = *loops_.clients,
                .runner = runner_,
                .db = *db_,
                .counters = counters_,
                .clock = clock_,
                .settings = settings_},
               std::move(ports.redis)),
        pages_(*db_, counters_, clock_, settings_, redis_address_) {
    if (!ports.http) return;
    http_address_ = ports.http->address;
    http_queue_ = std::make_unique<LoopQueue>(*loops_.operators);
    http_ =
        std::make_unique<HttpServer>(*loops_.operators, *http_queue_, clock_,
                                     pages_, *std::move(ports.http));
  }
  ~Impl() { Stop().IgnoreError(); }

  void Start() {
    loops_.clients->Post([this] { redis_.Start(); });
    loops_.clients->Start();
    if (http_ != nullptr) loops_.operators->Post([this] { http_->Start(); });
  }

  absl::Status Stop() {
    if (stopped_) return closed_;
    stopped_ = true;
    loops_.clients->Post([this] { redis_.Drain(); });
    if (http_ != nullptr) loops_.operators->Post([this] { http_->Drain(); });
    // Whatever is begun from now on is refused by the database.
    closed_ = db_->Close();
    runner_.Stop();
    pages_.Stop();
    AwaitLastAnswers();
    loops_.clients->Stop();
    if (http_ != nullptr) loops_.operators->Stop();
    redis_.CloseAll();
    return closed_;
  }

  const std::string& redis_address() const { return redis_address_; }
  const std::string& http_address() const { return http_address_; }
  std::string Ready() {
    std::string text = absl::StrCat("replica=", settings_.options.replica_id,
                                    " redis=", redis_address_);
    const auto status = db_->admin().GetStatus();
    if (status.ok() && !status->network.listen.empty()) {
      absl::StrAppend(&text, " members=", status->network.listen);
    }
    if (!http_address_.empty()) {
      absl::StrAppend(&text, " http=", http_address_);
    }
    return text;
  }

 private:
  // For those that have just been handed over: it comes behind them.
  void AwaitLastAnswers() {
    // Shared with the loops, which may come to them later.
    const auto clients = std::make_shared<Event>();
    loops_.clients->Post([this, clients] {
      redis_.WhenAnswered([clients] { clients->Set(); });
    });
    const auto operators = std::make_shared<Event>();
    if (http_ != nullptr) http_queue_->Add([operators] { operators->Set(); });
    clients->Wait(kLastAnswers);
    if (http_ != nullptr) operators->Wait(kLastAnswers);
  }

  const MonotonicClock clock_{};
  const Settings settings_;
  const std::string redis_address_;
  std::string http_address_;
  Counters counters_;
  const std::unique_ptr<DB> db_;
  const Loops loops_;
  DbJobRunner runner_;
  RedisServer redis_;
  OperatorPages pages_;
  std::unique_ptr<LoopQueue> http_queue_;
  std::unique_ptr<HttpServer> http_;
  bool stopped_ = false;
  absl::Status closed_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Settings settings) {
  TRIMARAN_ASSIGN_OR_RETURN(OpenPorts ports, OpenAll(settings));
  settings.redis.clients_max = MakeRoomForClients(settings.redis.clients_max);
  TRIMARAN_ASSIGN_OR_RETURN(auto db,
                            DB::Open(settings.options, settings.directory));
  Impl::Loops loops;
  TRIMARAN_ASSIGN_OR_RETURN(loops.clients, ClientLoop::Create());
  if (ports.http) {
    TRIMARAN_ASSIGN_OR_RETURN(loops.operators, IoLoop::Start());
  }
  try {
    auto impl = std::make_unique<Impl>(std::move(settings), std::move(db),
                                       std::move(loops), std::move(ports));
    impl->Start();
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no room for threads: ", error.what()));
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::string Server::Ready() const { return impl_->Ready(); }
std::string Server::redis_address() const { return impl_->redis_address(); }
std::string Server::http_address() const { return impl_->http_address(); }
absl::Status Server::Stop() { return impl_->Stop(); }

}  // namespace trimaran::serve

#include "replication/tcp/dial.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "replication/tcp/mutant.h"

namespace trimaran {
namespace {

// Of one name; nobody has more replicas behind it than that.
constexpr size_t kEndpointsMax = 8;

}  // namespace

Dial::Dial(IoLoop& loop, const Options& options, Callback callback)
    : loop_(loop),
      options_(options),
      callback_(std::move(callback)),
      timer_(loop),
      life_(std::make_shared<Dial*>(this)) {}

Dial::~Dial() {
  // Before the socket.
  watch_.reset();
}

void Dial::Start(const std::string& address) {
  loop_.Post([address, life = std::weak_ptr<Dial*>(life_)] {
    const auto self = life.lock();
    if (self == nullptr) return;
    Dial& dial = **self;
    const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
    if (!parsed.ok()) {
      dial.Finish(parsed.status());
    } else if (const auto digits = Endpoint::FromDigits(*parsed)) {
      dial.endpoints_ = {*digits};
      dial.TryNext();
    } else {
      dial.LookUp(*parsed);
    }
  });
}

void Dial::LookUp(const HostPort& address) {
  timer_.After(options_.timeout, [this, host = address.host] {
    Finish(absl::DeadlineExceededError(
        absl::StrCat("the look-up of ", host, " took too long")));
  });
  loop_.Resolve(address, [life = std::weak_ptr<Dial*>(life_)](
                             absl::StatusOr<std::vector<Endpoint>> found) {
    const auto self = life.lock();
    if (self == nullptr) return;
    Dial& dial = **self;
    if (!found.ok()) return dial.Finish(found.status());
    dial.endpoints_ = *std::move(found);
    dial.TryNext();
  });
}

void Dial::TryNext() {
  watch_.reset();
  while (next_ < std::min(endpoints_.size(), kEndpointsMax)) {
    const Endpoint& endpoint = endpoints_[next_++];
    if (options_.loopback_only && !endpoint.IsLoopback() &&
        !MutantActive(TcpMutant::kUnprotectedBeyondLoopback)) {
      error_ = absl::PermissionDeniedError(absl::StrCat(
          endpoint.ToString(),
          " is on another machine, and nothing protects the connection: "
          "configure TLS, or allow insecure connections"));
      continue;
    }
    absl::StatusOr<UniqueFd> socket = BeginConnect(endpoint);
    if (!socket.ok()) {
      error_ = socket.status();
      continue;
    }
    socket_ = *std::move(socket);
    watch_.emplace(loop_, socket_.get());
    watch_->WhenWritable([this] { OnConnected(); });
    timer_.After(options_.timeout, [this, text = endpoint.ToString()] {
      error_ =
          absl::DeadlineExceededError(absl::StrCat(text, " does not answer"));
      TryNext();
    });
    return;
  }
  Finish(error_);
}

void Dial::OnConnected() {
  error_ = FinishConnect(socket_);
  if (!error_.ok()) return TryNext();
  watch_.reset();
  Finish(std::move(socket_));
}

void Dial::Finish(absl::StatusOr<UniqueFd> result) {
  timer_.Cancel();
  life_.reset();
  Callback callback = std::move(callback_);
  callback(std::move(result));
}

}  // namespace trimaran

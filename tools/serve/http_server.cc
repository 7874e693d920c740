#include "tools/serve/http_server.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace trimaran::serve {
namespace {

constexpr size_t kConnectionsMax = 64;
constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr absl::Duration kSilenceMax = absl::Seconds(30);
constexpr absl::Duration kSweepInterval = absl::Seconds(1);

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

// One request, and its answer.
//
// Thread: the loop's.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  struct Host {
    IoLoop& loop;
    LoopQueue& queue;
    const Clock& clock;
    HttpHandler& handler;
  };

  HttpConnection(const Host& host, UniqueFd socket,
                 absl::AnyInvocable<void()> closed)
      : host_(host),
        socket_(std::move(socket)),
        closed_(std::move(closed)),
        deadline_(host.clock.Now() + kPatience) {}

  void Start() {
    watch_ = std::make_unique<IoLoop::Watch>(host_.loop, socket_.get());
    WaitForInput();
  }

  void CheckTime(MonotonicTime now) {
    if (now > deadline_) Close();
  }

 private:
  void WaitForInput() {
    watch_->WhenReadable([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->OnReadable();
    });
  }

  void OnReadable() {
    if (watch_ == nullptr) return;
    std::array<char, 4096> buffer;
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (WouldBlock(errno) || errno == EINTR)) {
      return WaitForInput();
    }
    if (size < 0 || (size == 0 && (!asked_ || answered_))) return Close();
    if (size == 0) {
      // Whoever has ended what it sends still gets its answer.
      input_ended_ = true;
      return;
    }
    // What comes behind the request is thrown away, so that the answer does
    // not get lost with it.
    if (asked_) return WaitForInput();
    switch (parser_.Feed({buffer.data(), static_cast<size_t>(size)})) {
      case HttpParser::Result::kNeedMore:
        break;
      case HttpParser::Result::kError:
        asked_ = true;
        Answer(parser_.refusal());
        break;
      case HttpParser::Result::kRequest:
        Ask();
        break;
    }
    if (watch_ != nullptr) WaitForInput();
  }

  void Ask() {
    asked_ = true;
    // It may take as long as it takes.
    deadline_ = MonotonicTime::Infinite();
    host_.handler.Handle(
        parser_.request(), PeerIsLoopback(socket_),
        [weak = weak_from_this(),
         queue = &host_.queue](HttpResponse response) mutable {
          queue->Add([weak = std::move(weak), response = std::move(response)] {
            if (const auto self = weak.lock()) self->Answer(response);
          });
        });
  }

  void Answer(const HttpResponse& response) {
    if (watch_ == nullptr) return;
    deadline_ = host_.clock.Now() + kPatience;
    output_ = HttpText(response, parser_.request().method != "HEAD");
    Flush();
  }

  void Flush() {
    while (watch_ != nullptr && sent_ < output_.size()) {
      const ssize_t size = ::send(socket_.get(), output_.data() + sent_,
                                  output_.size() - sent_, MSG_NOSIGNAL);
      if (size >= 0) {
        sent_ += static_cast<size_t>(size);
        continue;
      }
      if (errno == EINTR) continue;
      if (!WouldBlock(errno)) return Close();
      watch_->WhenWritable([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->Flush();
      });
      return;
    }
    // The other side closes when it has read all of it.
    ::shutdown(socket_.get(), SHUT_WR);
    answered_ = true;
    if (input_ended_) Close();
  }

  void Close() {
    if (watch_ == nullptr) return;
    const auto self = shared_from_this();
    watch_.reset();
    closed_();
  }

  const Host host_;
  const UniqueFd socket_;
  absl::AnyInvocable<void()> closed_;
  std::unique_ptr<IoLoop::Watch> watch_;
  HttpParser parser_;
  bool asked_ = false;
  bool answered_ = false;
  bool input_ended_ = false;
  std::string output_;
  size_t sent_ = 0;
  MonotonicTime deadline_;
};

HttpServer::HttpServer(IoLoop& loop, LoopQueue& queue, const Clock& clock,
                       HttpHandler& handler, OpenPort port)
    : loop_(loop),
      queue_(queue),
      clock_(clock),
      handler_(handler),
      port_(std::move(port)),
      sweep_(loop) {}

HttpServer::~HttpServer() = default;

void HttpServer::Start() {
  watch_ = std::make_unique<IoLoop::Watch>(loop_, port_.socket.get());
  WaitForClients();
  sweep_.After(kSweepInterval, [this] { Sweep(); });
}

void HttpServer::Drain() {
  watch_.reset();
  port_.socket = UniqueFd();
}

void HttpServer::WaitForClients() {
  // Those who find no room wait in the system's queue.
  if (watch_ == nullptr || accepting_) return;
  if (connections_.size() >= kConnectionsMax) return;
  accepting_ = true;
  watch_->WhenReadable([this] {
    accepting_ = false;
    Accept();
  });
}

void HttpServer::Accept() {
  while (connections_.size() < kConnectionsMax) {
    Accepted accepted = AcceptOne(port_.socket);
    // Without room for it the sweep tries again.
    if (accepted.kind == Accepted::Kind::kNoRoom) return;
    if (accepted.kind == Accepted::Kind::kNobody) break;
    if (accepted.kind == Accepted::Kind::kSocket) {
      Add(std::move(accepted.socket));
    }
  }
  WaitForClients();
}

void HttpServer::Add(UniqueFd socket) {
  if (!SetConnectionOptions(socket, kSilenceMax).ok()) return;
  const uint64_t id = next_id_++;
  const auto connection = std::make_shared<HttpConnection>(
      HttpConnection::Host{loop_, queue_, clock_, handler_}, std::move(socket),
      [this, id] {
        connections_.erase(id);
        WaitForClients();
      });
  connections_[id] = connection;
  connection->Start();
}

void HttpServer::Sweep() {
  const MonotonicTime now = clock_.Now();
  std::vector<std::shared_ptr<HttpConnection>> connections;
  for (const auto& [id, connection] : connections_) {
    connections.push_back(connection);
  }
  for (const auto& connection : connections) connection->CheckTime(now);
  WaitForClients();
  sweep_.After(kSweepInterval, [this] { Sweep(); });
}

}  // namespace trimaran::serve

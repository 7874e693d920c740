#include "tools/serve/client_connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/time/time.h"

namespace trimaran::serve {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;
// How long a client may go on talking after it has been said goodbye to.
constexpr absl::Duration kGoodbye = absl::Seconds(2);

ParserLimits LimitsFor(bool authenticated, const LimitSettings& limits) {
  if (!authenticated) return ParserLimits::Unauthenticated();
  return {.bulk_bytes_max = limits.bulk_bytes};
}

SessionLimits SessionLimitsOf(const LimitSettings& limits) {
  return {.reply_bytes_max = limits.reply_bytes,
          .output_bytes_max = limits.output_bytes};
}

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

ClientConnection::ClientConnection(const ConnectionHost& host, UniqueFd socket,
                                   ClientFacts facts,
                                   absl::AnyInvocable<void()> closed)
    : host_(host),
      socket_(std::move(socket)),
      closed_(std::move(closed)),
      parser_(LimitsFor(!host.facts.needs_password(), host.settings.limits)),
      session_(SessionLimitsOf(host.settings.limits), host.facts,
               std::move(facts), host.settings.redis.read_level),
      since_(host.loop.now()),
      last_heard_(since_),
      last_sent_(since_) {}

ClientConnection::~ClientConnection() = default;

bool ClientConnection::Start() {
  watch_ =
      std::make_unique<ClientLoop::Watch>(host_.loop, socket_.get(), *this);
  Wait();
  return watch_->ok();
}

void ClientConnection::Drain() {
  end_of_input_ = true;
  input_.clear();
  session_.RefuseAll("TRYAGAIN not applied: this replica is shutting down");
  Pump();
}

void ClientConnection::CheckTime(MonotonicTime now) {
  if (!open()) return;
  const RedisSettings& redis = host_.settings.redis;
  const bool stalled =
      output_bytes() > 0 && now - last_sent_ > redis.stall_timeout;
  const bool silent = redis.idle_timeout > absl::ZeroDuration() &&
                      session_.idle() && now - last_heard_ > redis.idle_timeout;
  const bool talkative = saying_goodbye_ && now - last_sent_ > kGoodbye;
  if (!stalled && !silent && !talkative) return;
  if (!talkative) host_.counters.connections_timed_out.fetch_add(1);
  Close();
}

// ---- Input ----

bool ClientConnection::HasRoom() const {
  return session_.waiting_bytes() < host_.settings.limits.pipeline_bytes &&
         output_bytes() < host_.settings.limits.output_bytes;
}

void ClientConnection::Wait() {
  if (!open()) return;
  const bool listens =
      !end_of_input_ && input_.empty() && !session_.closing() && HasRoom();
  reading_ = saying_goodbye_ || listens;
  watch_->Want(reading_, writing_);
}

void ClientConnection::OnReady(ClientLoop::Ready ready) {
  // Whatever happens meanwhile.
  const auto self = shared_from_this();
  if (ready.broken && !reading_) return Close();
  if (ready.writable) writing_ = false;
  if (ready.readable || ready.broken) {
    OnReadable();
  } else {
    Pump();
  }
}

void ClientConnection::OnReadable() {
  if (saying_goodbye_) return Discard();
  // All connections read on one thread.
  static thread_local std::array<char, kReadBytes> buffer;
  const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0) {
    if (WouldBlock(errno) || errno == EINTR) return Pump();
    return Close();
  }
  last_heard_ = host_.loop.now();
  if (size == 0) {
    // What it has asked for is still answered.
    end_of_input_ = true;
  } else {
    host_.counters.bytes_received.fetch_add(static_cast<uint64_t>(size),
                                            std::memory_order_relaxed);
    Consume({buffer.data(), static_cast<size_t>(size)});
  }
  Pump();
}

void ClientConnection::Consume(std::string_view input) {
  while (!input.empty() && HasRoom() && !session_.closing()) {
    switch (parser_.Next(input)) {
      case RespParser::Result::kNeedMore:
        break;
      case RespParser::Result::kCommand:
        session_.Push(parser_.Take());
        break;
      case RespParser::Result::kError:
        host_.counters.protocol_errors.fetch_add(1);
        session_.PushLast(parser_.error());
        end_of_input_ = true;
        input_.clear();
        return;
    }
    if (session_.state().authenticated) continue;
    // What comes next may be larger as soon as this is answered.
    Advance();
    parser_.set_limits(
        LimitsFor(session_.state().authenticated, host_.settings.limits));
  }
  input_ = std::string(input);
}

// ---- Work ----

void ClientConnection::Advance() {
  if (session_.busy()) return;
  const size_t before = session_.commands_done();
  std::optional<Job> job = session_.Advance(output_);
  host_.counters.commands.fetch_add(session_.commands_done() - before,
                                    std::memory_order_relaxed);
  if (job) Submit(*std::move(job));
}

void ClientConnection::Pump() {
  do {
    Advance();
    if (!input_.empty() && HasRoom() && !session_.closing()) {
      Consume(std::exchange(input_, std::string()));
      Advance();
    }
    Flush();
    // Answers that have left have made room for more.
  } while (CanGoOn());
  Wait();
}

bool ClientConnection::CanGoOn() const {
  if (!open() || output_bytes() > 0) return false;
  return session_.can_advance() || (!session_.busy() && !session_.closing() &&
                                    !input_.empty() && HasRoom());
}

void ClientConnection::Submit(Job job) {
  const MonotonicTime begun = host_.loop.now();
  const Job::Kind kind = job.kind;
  host_.runner.Submit(std::move(job), [weak = weak_from_this(), begun,
                                       kind](JobResult result) mutable {
    const auto self = weak.lock();
    if (self == nullptr) return;
    const ConnectionHost& host = self->host_;
    host.counters.LatencyOf(kind).Record(host.loop.now() - begun);
    host.counters.commands.fetch_add(result.answered,
                                     std::memory_order_relaxed);
    self->session_.Finish(std::move(result), self->output_);
    self->Pump();
  });
}

// ---- Output ----

void ClientConnection::Flush() {
  if (!open() || writing_) return;
  const size_t before = sent_;
  while (sent_ < output_.size()) {
    const ssize_t size = ::send(socket_.get(), output_.data() + sent_,
                                output_.size() - sent_, MSG_NOSIGNAL);
    if (size >= 0) {
      sent_ += static_cast<size_t>(size);
      continue;
    }
    if (errno == EINTR) continue;
    if (!WouldBlock(errno)) return Close();
    writing_ = true;
    break;
  }
  if (sent_ != before) {
    last_sent_ = host_.loop.now();
    host_.counters.bytes_sent.fetch_add(sent_ - before,
                                        std::memory_order_relaxed);
  }
  if (sent_ < output_.size()) {
    // Gives back what was sent, now and then, without moving the rest often.
    if (sent_ < output_.size() / 2) return;
    output_.erase(0, sent_);
    sent_ = 0;
    return;
  }
  output_.clear();
  sent_ = 0;
  // Room for one large answer is not kept for ever.
  if (output_.capacity() > host_.settings.limits.output_bytes) {
    output_.shrink_to_fit();
  }
  const bool done = end_of_input_ && input_.empty() && session_.idle();
  if (session_.closing() || done) BeginGoodbye();
}

void ClientConnection::BeginGoodbye() {
  if (saying_goodbye_) return;
  saying_goodbye_ = true;
  last_sent_ = host_.loop.now();
  ::shutdown(socket_.get(), SHUT_WR);
  Discard();
}

void ClientConnection::Discard() {
  std::array<char, 4096> nowhere;
  for (int piece = 0; piece < 16; ++piece) {
    const ssize_t size =
        ::recv(socket_.get(), nowhere.data(), nowhere.size(), 0);
    if (size > 0) continue;
    if (size < 0 && WouldBlock(errno)) break;
    return Close();
  }
}

void ClientConnection::Close() {
  if (!open()) return;
  watch_.reset();
  ::shutdown(socket_.get(), SHUT_RDWR);
  // It may be what keeps this alive.
  const auto self = shared_from_this();
  closed_();
}

}  // namespace trimaran::serve

#include "tests/net/proxy_flow.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace trimaran::net {
namespace {

// Read and written at a time. Small enough for several connections to share a
// throttled link fairly.
constexpr size_t kPieceBytes = size_t{16} << 10;
// What a slow link keeps, and what one keeps for the sake of delay.
constexpr size_t kThrottledBytes = size_t{32} << 10;
constexpr size_t kWaitingBytes = size_t{1} << 20;

bool OnlyLater() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

size_t ProxyFlow::waiting_max() const {
  return link_.rules.bytes_per_second > 0 ? kThrottledBytes : kWaitingBytes;
}

bool ProxyFlow::WantsToRead() const {
  return !ended_ && !link_.rules.cut && waiting_bytes_ < waiting_max();
}

MonotonicTime ProxyFlow::next_write() const {
  if (waiting_.empty() || link_.rules.cut) return MonotonicTime::Infinite();
  return std::max(waiting_.front().due, link_.free_at);
}

bool ProxyFlow::WantsToWrite(MonotonicTime now) const {
  return next_write() <= now;
}

bool ProxyFlow::Read(MonotonicTime now, Random& random) {
  std::array<char, kPieceBytes> buffer;
  const ssize_t count = recv(source_, buffer.data(), buffer.size(), 0);
  if (count < 0) return OnlyLater();
  if (count == 0) {
    ended_ = true;
    if (waiting_.empty()) PassEnd();
    return true;
  }
  std::string bytes(buffer.data(), static_cast<size_t>(count));
  if (random.Chance(link_.rules.corrupt_per_million)) {
    bytes[random.Uniform(bytes.size())] ^=
        static_cast<char>(1u << random.Uniform(8));
    ++link_.pieces_corrupted;
  }
  absl::Duration delay = link_.rules.delay;
  const auto jitter =
      static_cast<uint64_t>(absl::ToInt64Microseconds(link_.rules.jitter));
  if (jitter > 0) delay += absl::Microseconds(random.Uniform(jitter));
  last_due_ = std::max(last_due_, now + delay);
  waiting_bytes_ += bytes.size();
  waiting_.push_back({.due = last_due_, .bytes = std::move(bytes)});
  return true;
}

bool ProxyFlow::Write(MonotonicTime now) {
  Piece& piece = waiting_.front();
  const ssize_t count =
      send(sink_, piece.bytes.data(), piece.bytes.size(), MSG_NOSIGNAL);
  if (count < 0) return OnlyLater();
  const auto sent = static_cast<size_t>(count);
  link_.bytes += sent;
  waiting_bytes_ -= sent;
  if (link_.rules.bytes_per_second > 0) {
    link_.free_at =
        std::max(link_.free_at, now) +
        absl::Seconds(static_cast<double>(sent) /
                      static_cast<double>(link_.rules.bytes_per_second));
  }
  piece.bytes.erase(0, sent);
  if (piece.bytes.empty()) waiting_.pop_front();
  if (waiting_.empty() && ended_) PassEnd();
  return true;
}

void ProxyFlow::PassEnd() {
  if (!end_passed_) shutdown(sink_, SHUT_WR);
  end_passed_ = true;
}

void ProxyFlow::HalfClose() {
  waiting_.clear();
  waiting_bytes_ = 0;
  ended_ = true;
  PassEnd();
}

}  // namespace trimaran::net

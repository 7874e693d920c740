#include "tests/net/tcp_proxy.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/mutex.h"
#include "tests/net/socket.h"

namespace trimaran::net {
namespace {

using Pair = std::pair<uint64_t, uint64_t>;

// A connection through the proxy.
struct Connection {
  Connection(Pair dialled_, Socket near_, Socket far_, Link& out_link,
             Link& back_link)
      : dialled(dialled_),
        near(std::move(near_)),
        far(std::move(far_)),
        out(near.file(), far.file(), out_link),
        back(far.file(), near.file(), back_link) {}

  bool done() const { return out.done() && back.done(); }
  void Reset() {
    near.Reset();
    far.Reset();
  }

  // Who, and whom.
  const Pair dialled;
  // To who has dialled, and to whom.
  Socket near;
  Socket far;
  ProxyFlow out;
  ProxyFlow back;
};

short EventsOf(const ProxyFlow& in, const ProxyFlow& out, MonotonicTime now) {
  return static_cast<short>((in.WantsToRead() ? POLLIN : 0) |
                            (out.WantsToWrite(now) ? POLLOUT : 0));
}

}  // namespace

class TcpProxy::Impl {
 public:
  Impl(uint64_t seed, FindDialler find, Socket wake_read, Socket wake_write)
      : find_(std::move(find)),
        wake_read_(std::move(wake_read)),
        wake_write_(std::move(wake_write)),
        random_(seed),
        thread_([this] { Run(); }) {}

  ~Impl() {
    {
      const MutexLock lock(mutex_);
      stopped_ = true;
    }
    Wake();
    thread_.join();
  }

  absl::StatusOr<std::string> Open(uint64_t replica, uint16_t target) {
    auto listener = ListenOn(0);
    if (!listener.ok()) return listener.status();
    const std::string address =
        absl::StrCat("127.0.0.1:", LocalPortOf(*listener));
    {
      const MutexLock lock(mutex_);
      ports_[replica] = {.listener = *std::move(listener), .target = target};
    }
    Wake();
    return address;
  }

  void SetRules(uint64_t from, uint64_t to, const LinkRules& rules) {
    {
      const MutexLock lock(mutex_);
      Link& link = links_[{from, to}];
      link.rules = rules;
      link.free_at = MonotonicTime();
    }
    Wake();
  }
  LinkRules rules(uint64_t from, uint64_t to) {
    const MutexLock lock(mutex_);
    return links_[{from, to}].rules;
  }
  void Heal() {
    {
      const MutexLock lock(mutex_);
      for (auto& [pair, link] : links_) {
        link.rules = {};
        link.free_at = MonotonicTime();
      }
      refused_.clear();
    }
    Wake();
  }

  void Drop(Pair pair) {
    {
      const MutexLock lock(mutex_);
      DropLocked(pair);
    }
    Wake();
  }
  void Refuse(Pair pair) {
    {
      const MutexLock lock(mutex_);
      refused_.insert(pair);
      DropLocked(pair);
    }
    Wake();
  }
  void HalfClose(Pair pair) {
    {
      const MutexLock lock(mutex_);
      for (Connection& connection : connections_) {
        if (connection.dialled == pair) connection.out.HalfClose();
      }
    }
    Wake();
  }
  void DropAfter(Pair pair, uint64_t bytes) {
    const MutexLock lock(mutex_);
    Link& link = links_[pair];
    link.reset_at = link.bytes + bytes;
  }

  Counts counts(Pair pair) {
    const MutexLock lock(mutex_);
    const Link& link = links_[pair];
    Counts counts{.bytes = link.bytes,
                  .pieces_corrupted = link.pieces_corrupted,
                  .connections = dialled_[pair]};
    for (const Connection& connection : connections_) {
      counts.connections_open += connection.dialled == pair ? 1 : 0;
    }
    return counts;
  }
  uint64_t turned_away() {
    const MutexLock lock(mutex_);
    return turned_away_;
  }

 private:
  struct Port {
    Socket listener;
    uint16_t target = 0;
  };

  void Wake() {
    const char byte = 0;
    (void)!write(wake_write_.file(), &byte, 1);
  }

  void Run() {
    std::vector<pollfd> files;
    while (true) {
      absl::Duration wait;
      {
        const MutexLock lock(mutex_);
        if (stopped_) return;
        wait = Prepare(files);
      }
      // Rounded up, so that it does not wake just before something is due.
      const auto wait_ms = std::min<int64_t>(
          absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))),
          1000);
      poll(files.data(), files.size(), static_cast<int>(wait_ms));
      if (files[0].revents != 0) {
        std::array<char, 64> ignored;
        (void)!read(wake_read_.file(), ignored.data(), ignored.size());
      }
      Accept();
      const MutexLock lock(mutex_);
      Pass();
    }
  }

  // What to wait for, and how long at most.
  absl::Duration Prepare(std::vector<pollfd>& files)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    files.clear();
    files.push_back({wake_read_.file(), POLLIN, 0});
    for (const auto& [replica, port] : ports_) {
      files.push_back({port.listener.file(), POLLIN, 0});
    }
    const MonotonicTime now = clock_.Now();
    MonotonicTime next = MonotonicTime::Infinite();
    for (const Connection& c : connections_) {
      const short near = EventsOf(c.out, c.back, now);
      const short far = EventsOf(c.back, c.out, now);
      // An error of what nobody wants to use would be told again and again.
      if (near != 0) files.push_back({c.near.file(), near, 0});
      if (far != 0) files.push_back({c.far.file(), far, 0});
      for (const ProxyFlow* flow : {&c.out, &c.back}) {
        if (!flow->WantsToWrite(now)) next = std::min(next, flow->next_write());
      }
    }
    return next == MonotonicTime::Infinite() ? absl::Seconds(1) : next - now;
  }

  void Accept() {
    while (true) {
      uint64_t replica = 0;
      uint16_t target = 0;
      Socket near;
      {
        const MutexLock lock(mutex_);
        for (const auto& [id, port] : ports_) {
          near = AcceptFrom(port.listener);
          replica = id;
          target = port.target;
          if (near.valid()) break;
        }
      }
      if (!near.valid()) return;
      // May take a while, and may ask whoever calls us meanwhile.
      const uint64_t from = find_(PeerPortOf(near), LocalPortOf(near));
      const MutexLock lock(mutex_);
      Admit({from, replica}, std::move(near), target);
    }
  }

  void Admit(Pair pair, Socket near, uint16_t target)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (pair.first == 0) ++turned_away_;
    if (pair.first == 0 || refused_.contains(pair)) {
      near.Reset();
      return;
    }
    auto far = ConnectTo(target, /*wait=*/false);
    if (!far.ok()) {
      near.Reset();
      return;
    }
    ++dialled_[pair];
    connections_.emplace_back(pair, std::move(near), *std::move(far),
                              links_[pair], links_[{pair.second, pair.first}]);
  }

  void Pass() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const MonotonicTime now = clock_.Now();
    for (auto at = connections_.begin(); at != connections_.end();) {
      if (PassOne(*at, now)) {
        ++at;
      } else {
        if (!at->done()) at->Reset();
        at = connections_.erase(at);
      }
    }
    for (auto& [pair, link] : links_) {
      if (link.bytes < link.reset_at) continue;
      link.reset_at = std::numeric_limits<uint64_t>::max();
      DropLocked(pair);
    }
    // Another one is the first to be served by a throttled link.
    if (connections_.size() > 1) {
      connections_.splice(connections_.end(), connections_,
                          connections_.begin());
    }
  }

  // False: it is over.
  bool PassOne(Connection& connection, MonotonicTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (ProxyFlow* flow : {&connection.out, &connection.back}) {
      if (flow->WantsToRead() && !flow->Read(now, random_)) return false;
      if (flow->WantsToWrite(now) && !flow->Write(now)) return false;
    }
    return !connection.done();
  }

  void DropLocked(Pair pair) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto at = connections_.begin(); at != connections_.end();) {
      if (at->dialled == pair) {
        at->Reset();
        at = connections_.erase(at);
      } else {
        ++at;
      }
    }
  }

  const FindDialler find_;
  const MonotonicClock clock_;
  Socket wake_read_;
  Socket wake_write_;
  Mutex mutex_;
  SeededRandom random_ ABSL_GUARDED_BY(mutex_);
  // Never erased from: flows point into it.
  std::map<Pair, Link> links_ ABSL_GUARDED_BY(mutex_);
  std::set<Pair> refused_ ABSL_GUARDED_BY(mutex_);
  std::map<Pair, uint64_t> dialled_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Port> ports_ ABSL_GUARDED_BY(mutex_);
  std::list<Connection> connections_ ABSL_GUARDED_BY(mutex_);
  uint64_t turned_away_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<TcpProxy>> TcpProxy::Start(uint64_t seed,
                                                          FindDialler find) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return absl::UnavailableError("pipe2");
  }
  return std::unique_ptr<TcpProxy>(new TcpProxy(std::make_unique<Impl>(
      seed, std::move(find), Socket(ends[0]), Socket(ends[1]))));
}

TcpProxy::TcpProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TcpProxy::~TcpProxy() = default;

absl::StatusOr<std::string> TcpProxy::Open(uint64_t replica, uint16_t target) {
  return impl_->Open(replica, target);
}
void TcpProxy::SetRules(uint64_t from, uint64_t to, const LinkRules& rules) {
  impl_->SetRules(from, to, rules);
}
LinkRules TcpProxy::rules(uint64_t from, uint64_t to) const {
  return impl_->rules(from, to);
}
void TcpProxy::Heal() { impl_->Heal(); }
void TcpProxy::Drop(uint64_t from, uint64_t to) { impl_->Drop({from, to}); }
void TcpProxy::Refuse(uint64_t from, uint64_t to) { impl_->Refuse({from, to}); }
void TcpProxy::HalfClose(uint64_t from, uint64_t to) {
  impl_->HalfClose({from, to});
}
void TcpProxy::DropAfter(uint64_t from, uint64_t to, uint64_t bytes) {
  impl_->DropAfter({from, to}, bytes);
}
TcpProxy::Counts TcpProxy::counts(uint64_t from, uint64_t to) const {
  return impl_->counts({from, to});
}
uint64_t TcpProxy::turned_away() const { return impl_->turned_away(); }

}  // namespace trimaran::net

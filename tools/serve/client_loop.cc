#include "tools/serve/client_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/check.h"

namespace trimaran::serve {
namespace {

// Of one turn. Others wait for the next one.
constexpr int kReadyMax = 512;
// Not a watch: those begin with generation 1.
constexpr uint64_t kBell = 0;

uint64_t NameOf(uint32_t generation, int fd) {
  return uint64_t{generation} << 32 | static_cast<uint32_t>(fd);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClientLoop>> ClientLoop::Create() {
  UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
  UniqueFd bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event = {};
  // It is never read from: each ring is an event by itself.
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = kBell;
  if (poll.get() < 0 || bell.get() < 0 ||
      ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, bell.get(), &event) != 0) {
    return absl::ResourceExhaustedError(
        SocketError("no event loop", errno).message());
  }
  return std::unique_ptr<ClientLoop>(
      new ClientLoop(std::move(poll), std::move(bell)));
}

ClientLoop::ClientLoop(UniqueFd poll, UniqueFd bell)
    : poll_(std::move(poll)), bell_(std::move(bell)), now_(clock_.Now()) {}

ClientLoop::~ClientLoop() { Stop(); }

void ClientLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ClientLoop::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  Post([] {});
  if (thread_.joinable()) thread_.join();
}

void ClientLoop::Post(Task task) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    posted_.push_back(std::move(task));
    wake = std::exchange(asleep_, false);
  }
  if (!wake) return;
  const uint64_t once = 1;
  // It fails only where it was rung 2^64 times.
  [[maybe_unused]] const ssize_t size =
      ::write(bell_.get(), &once, sizeof(once));
}

void ClientLoop::RunAt(MonotonicTime when, Task task) {
  timed_.push_back({when, std::move(task)});
}

// ---- The thread ----

void ClientLoop::Run() {
  while (true) {
    TakeReady();
    {
      const MutexLock lock(mutex_);
      if (stopping_) return;
    }
    RunPosted();
    RunDue();
    EndTurn();
  }
}

void ClientLoop::TakeReady() {
  bool idle = false;
  {
    const MutexLock lock(mutex_);
    idle = posted_.empty();
    asleep_ = idle;
  }
  std::array<epoll_event, kReadyMax> ready;
  const int count =
      ::epoll_wait(poll_.get(), ready.data(), kReadyMax, idle ? Patience() : 0);
  {
    const MutexLock lock(mutex_);
    asleep_ = false;
  }
  now_ = clock_.Now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<size_t>(i)];
    if (event.data.u64 != kBell) TellListener(event.data.u64, event.events);
  }
}

int ClientLoop::Patience() const {
  MonotonicTime next = MonotonicTime::Infinite();
  for (const Timed& each : timed_) next = std::min(next, each.when);
  if (next == MonotonicTime::Infinite()) return -1;
  constexpr absl::Duration longest = absl::Seconds(1);
  const absl::Duration left =
      std::clamp(next - clock_.Now(), absl::ZeroDuration(), longest);
  // A little too late, rather than too early several times.
  return static_cast<int>(
      absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))));
}

void ClientLoop::TellListener(uint64_t of_watch, uint32_t events) {
  const auto fd = static_cast<size_t>(of_watch & 0xffffffff);
  const Watched& watched = watched_[fd];
  // It may have gone in this turn.
  if (watched.listener == nullptr || watched.generation != of_watch >> 32) {
    return;
  }
  watched.listener->OnReady({.readable = (events & EPOLLIN) != 0,
                             .writable = (events & EPOLLOUT) != 0,
                             .broken = (events & (EPOLLERR | EPOLLHUP)) != 0});
}

void ClientLoop::RunPosted() {
  std::vector<Task> tasks;
  {
    const MutexLock lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) task();
}

void ClientLoop::RunDue() {
  if (timed_.empty()) return;
  const auto first =
      std::partition(timed_.begin(), timed_.end(),
                     [this](const Timed& each) { return each.when > now_; });
  std::vector<Timed> due(std::make_move_iterator(first),
                         std::make_move_iterator(timed_.end()));
  timed_.erase(first, timed_.end());
  for (Timed& each : due) each.task();
}

void ClientLoop::EndTurn() {
  // What one does may be a reason for another.
  while (!at_end_.empty()) {
    std::vector<Task> tasks;
    tasks.swap(at_end_);
    for (Task& task : tasks) task();
  }
}

uint32_t ClientLoop::NextGeneration() {
  // After four thousand million of them.
  if (++last_generation_ == 0) ++last_generation_;
  return last_generation_;
}

// ---- Watch ----

ClientLoop::Watch::Watch(ClientLoop& loop, int fd, Listener& listener)
    : loop_(loop), fd_(fd), generation_(loop.NextGeneration()) {
  const auto at = static_cast<size_t>(fd);
  if (loop.watched_.size() <= at) loop.watched_.resize(at + 1);
  TRIMARAN_CHECK(loop.watched_[at].listener == nullptr);
  epoll_event event = {};
  event.data.u64 = NameOf(generation_, fd);
  ok_ = ::epoll_ctl(loop.poll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  if (ok_) {
    loop.watched_[at] = {.listener = &listener, .generation = generation_};
  }
}

ClientLoop::Watch::~Watch() {
  if (!ok_) return;
  epoll_event ignored = {};
  ::epoll_ctl(loop_.poll_.get(), EPOLL_CTL_DEL, fd_, &ignored);
  loop_.watched_[static_cast<size_t>(fd_)] = {};
}

void ClientLoop::Watch::Want(bool readable, bool writable) {
  const uint32_t events =
      (readable ? uint32_t{EPOLLIN} : 0) | (writable ? uint32_t{EPOLLOUT} : 0);
  if (!ok_ || events == events_) return;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = NameOf(generation_, fd_);
  // It is there, and there is nothing else that could be wrong.
  TRIMARAN_CHECK_EQ(::epoll_ctl(loop_.poll_.get(), EPOLL_CTL_MOD, fd_, &event),
                    0);
  events_ = events;
}

}  // namespace trimaran::serve

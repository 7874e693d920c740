#include "replication/tcp/io_loop.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace trimaran {

class IoLoop::Impl {
 public:
  ~Impl() { Stop(); }

  void Start() {
    thread_ = std::thread([this] { context_.run(); });
  }
  void Stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  asio::io_context& context() { return context_; }
  asio::ip::tcp::resolver& resolver() { return resolver_; }

 private:
  // One thread runs it; others only post.
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{
      context_.get_executor()};
  asio::ip::tcp::resolver resolver_{context_};
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<IoLoop>> IoLoop::Start() {
  // The only calls of Asio that have no form without exceptions: they open the
  // descriptors that the loop waits with, and a thread.
  try {
    auto impl = std::make_unique<Impl>();
    impl->Start();
    return std::unique_ptr<IoLoop>(new IoLoop(std::move(impl)));
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no event loop: ", error.what()));
  }
}

IoLoop::IoLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

IoLoop::~IoLoop() { impl_->Stop(); }

void IoLoop::Post(Task task) { asio::post(impl_->context(), std::move(task)); }

void IoLoop::Stop() { impl_->Stop(); }

void IoLoop::Resolve(const HostPort& address, ResolveCallback callback) {
  auto finish =
      [callback = std::move(callback), host = address.host](
          const std::error_code& error,
          const asio::ip::tcp::resolver::results_type& results) mutable {
        std::vector<Endpoint> endpoints;
        for (const auto& result : results) {
          const asio::ip::tcp::endpoint endpoint = result.endpoint();
          endpoints.emplace_back(endpoint.data(),
                                 static_cast<socklen_t>(endpoint.size()));
        }
        if (endpoints.empty()) {
          callback(absl::UnavailableError(
              absl::StrCat("cannot look up ", host, ": ", error.message())));
        } else {
          callback(std::move(endpoints));
        }
      };
  // The first call starts the thread of the resolver.
  try {
    impl_->resolver().async_resolve(address.host, absl::StrCat(address.port),
                                    std::move(finish));
  } catch (const std::system_error& error) {
    asio::post(impl_->context(),
               [finish = std::move(finish), code = error.code()]() mutable {
                 finish(code, {});
               });
  }
}

// ---- Timer ----

class IoLoop::Timer::Impl {
 public:
  explicit Impl(asio::io_context& context) : timer_(context) {}

  void After(absl::Duration delay, Task task,
             const std::shared_ptr<Impl>& self) {
    timer_.expires_after(absl::ToChronoNanoseconds(delay));
    task_ = std::move(task);
    const uint64_t round = ++round_;
    timer_.async_wait([self, round](const std::error_code& error) {
      // A timer that had already gone off when it was cancelled comes here
      // without an error.
      if (error || round != self->round_ || !self->task_) return;
      Task due = std::exchange(self->task_, nullptr);
      due();
    });
  }
  void Cancel() {
    ++round_;
    task_ = nullptr;
    timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  Task task_;
  uint64_t round_ = 0;
};

IoLoop::Timer::Timer(IoLoop& loop)
    : impl_(std::make_shared<Impl>(loop.impl_->context())) {}

IoLoop::Timer::~Timer() { Cancel(); }

void IoLoop::Timer::After(absl::Duration delay, Task task) {
  impl_->After(delay, std::move(task), impl_);
}

void IoLoop::Timer::Cancel() { impl_->Cancel(); }

// ---- Watch ----

class IoLoop::Watch::Impl {
 public:
  using Wait = asio::posix::stream_descriptor::wait_type;

  Impl(asio::io_context& context, int fd) : descriptor_(context) {
    std::error_code error;
    descriptor_.assign(fd, error);
    // A descriptor that cannot be watched is never ready; whoever waits for it
    // has a deadline.
    open_ = !error;
  }

  void When(Wait what, Task task, const std::shared_ptr<Impl>& self) {
    if (!open_) return;
    descriptor_.async_wait(
        what, [self, task = std::move(task)](const std::error_code&) mutable {
          // Whatever the error, the next call of the system's tells it.
          if (self->open_) task();
        });
  }
  void Forget() {
    if (!std::exchange(open_, false)) return;
    // It is its owner who closes it.
    descriptor_.release();
  }

 private:
  asio::posix::stream_descriptor descriptor_;
  bool open_ = false;
};

IoLoop::Watch::Watch(IoLoop& loop, int fd)
    : impl_(std::make_shared<Impl>(loop.impl_->context(), fd)) {}

IoLoop::Watch::~Watch() { impl_->Forget(); }

void IoLoop::Watch::WhenReadable(Task task) {
  impl_->When(Impl::Wait::wait_read, std::move(task), impl_);
}

void IoLoop::Watch::WhenWritable(Task task) {
  impl_->When(Impl::Wait::wait_write, std::move(task), impl_);
}

}  // namespace trimaran

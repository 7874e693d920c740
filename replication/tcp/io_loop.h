#ifndef TRIMARAN_REPLICATION_TCP_IO_LOOP_H_
#define TRIMARAN_REPLICATION_TCP_IO_LOOP_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "replication/tcp/address.h"

namespace trimaran {

// A thread that waits for sockets, timers and names, and runs what was to be
// done then. All of Asio is behind this header: it is used for what it does on
// every system, waiting; bytes are moved by the callers, by the calls of the
// system's that can gather.
//
// Thread: any, where nothing else is said.
class IoLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  // ResourceExhausted: the process has no room for it.
  static absl::StatusOr<std::unique_ptr<IoLoop>> Start();
  // As Stop does.
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // Runs `task` on the loop's thread; tasks run in the order of posting. After
  // Stop it never runs.
  void Post(Task task);

  // Ends the loop after the task that is running, and joins the thread. What
  // waits is dropped by the destructor. Not on the loop itself. A name that is
  // being looked up is waited for.
  void Stop();

  using ResolveCallback =
      absl::AnyInvocable<void(absl::StatusOr<std::vector<Endpoint>>)>;
  // Looks up a name, on a thread that is kept for this; not empty if OK. On the
  // loop's thread, which also runs `callback`.
  void Resolve(const HostPort& address, ResolveCallback callback);

  // Runs one task later. On the loop's thread.
  class Timer {
   public:
    explicit Timer(IoLoop& loop);
    // Cancels.
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Instead of what was to run before.
    void After(absl::Duration delay, Task task);
    void Cancel();

   private:
    class Impl;
    const std::shared_ptr<Impl> impl_;
  };

  // Waits for one file descriptor. On the loop's thread.
  class Watch {
   public:
    // `fd` stays open until this is gone.
    Watch(IoLoop& loop, int fd);
    // No task runs any more.
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Runs the task once, when reading (writing) would not block. One task at
    // a time waits for each.
    void WhenReadable(Task task);
    void WhenWritable(Task task);

   private:
    class Impl;
    const std::shared_ptr<Impl> impl_;
  };

 private:
  class Impl;
  explicit IoLoop(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_IO_LOOP_H_

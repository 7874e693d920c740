#ifndef TRIMARAN_TOOLS_SERVE_CLIENT_LOOP_H_
#define TRIMARAN_TOOLS_SERVE_CLIENT_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "replication/tcp/socket.h"

namespace trimaran::serve {

// A thread for the sockets of clients, which works in turns: first what can be
// read and written, then what was posted, then what is to be done when both
// are. So whatever comes together can be handed on together; and nobody has to
// wake the thread while it is awake. A socket that nobody waits for anew is
// waited for all the same: most requests cost a turn nothing but a read and a
// write.
//
// Thread: any, where nothing else is said.
class ClientLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  // ResourceExhausted: the process has no room for it.
  static absl::StatusOr<std::unique_ptr<ClientLoop>> Create();
  // As Stop does.
  ~ClientLoop();
  ClientLoop(const ClientLoop&) = delete;
  ClientLoop& operator=(const ClientLoop&) = delete;

  // Once. Throws std::system_error where there is no room for a thread.
  void Start();
  // Ends after what is running, and joins. What waits is dropped when this is
  // destroyed. Not on the loop itself.
  void Stop();

  // Runs the task, behind those before it.
  void Post(Task task);

  // ---- On the loop's thread ----

  // When this turn began, or was made.
  MonotonicTime now() const { return now_; }
  void AtEndOfTurn(Task task) { at_end_.push_back(std::move(task)); }
  // At that time, or up to a millisecond later.
  void RunAt(MonotonicTime when, Task task);

  struct Ready {
    bool readable = false;
    bool writable = false;
    // Nothing will ever go out any more. It is told whether it is wanted or
    // not, and again and again until the watch has gone.
    bool broken = false;
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnReady(Ready ready) = 0;
  };

  // Waits for one file descriptor, again and again, as long as that is wanted.
  // On the loop's thread.
  class Watch {
   public:
    // `fd` stays open, and `listener` there, until this is gone.
    Watch(ClientLoop& loop, int fd, Listener& listener);
    // The listener hears nothing any more.
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // False: there was no room for it, and it will never be ready.
    bool ok() const { return ok_; }
    // At first it is neither.
    void Want(bool readable, bool writable);

   private:
    ClientLoop& loop_;
    const int fd_;
    const uint32_t generation_;
    uint32_t events_ = 0;
    bool ok_ = false;
  };

 private:
  struct Watched {
    // Null where nothing is watched.
    Listener* listener = nullptr;
    // Tells it from an earlier one of the same number, of which the turn may
    // still have news.
    uint32_t generation = 0;
  };
  struct Timed {
    MonotonicTime when;
    Task task;
  };

  ClientLoop(UniqueFd poll, UniqueFd bell);

  void Run();
  // Waits if there is nothing to do.
  void TakeReady();
  // How long it may sleep, as epoll has it.
  int Patience() const;
  void TellListener(uint64_t of_watch, uint32_t events);
  void RunPosted();
  void RunDue();
  void EndTurn();
  uint32_t NextGeneration();

  const MonotonicClock clock_{};
  const UniqueFd poll_;
  // Rung to wake the thread.
  const UniqueFd bell_;
  std::thread thread_;

  Mutex mutex_;
  std::vector<Task> posted_ ABSL_GUARDED_BY(mutex_);
  bool asleep_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // ---- The loop's thread's own ----
  MonotonicTime now_;
  // By file descriptor.
  std::vector<Watched> watched_;
  uint32_t last_generation_ = 0;
  std::vector<Task> at_end_;
  std::vector<Timed> timed_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_CLIENT_LOOP_H_

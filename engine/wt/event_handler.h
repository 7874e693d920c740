#ifndef TRIMARAN_ENGINE_WT_EVENT_HANDLER_H_
#define TRIMARAN_ENGINE_WT_EVENT_HANDLER_H_

#include <wiredtiger.h>

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "engine/base/logging.h"
#include "engine/base/mutex.h"
#include "engine/wt/poison.h"

namespace trimaran::wt {

// Takes what WiredTiger has to say: into the log, and into the latch where it
// says that it has come to an end. It must outlive the connection.
//
// Thread: any; WiredTiger calls it from threads of its own.
class EventHandler {
 public:
  EventHandler(std::string_view home, const Logger& log, PoisonLatch& latch);
  EventHandler(const EventHandler&) = delete;
  EventHandler& operator=(const EventHandler&) = delete;

  // From now on nobody is told anything, and neither the latch nor the sink of
  // the log is needed any more.
  void Disconnect();

  WT_EVENT_HANDLER* raw() { return &callbacks_.raw; }

  // The error that was reported last, other than the end itself: a return code
  // says little about what led to it. 0 and empty if there was none.
  struct Cause {
    int code = 0;
    std::string text;
  };
  Cause cause() const;

 private:
  // What WiredTiger gets. It hands back the address of the first member, which
  // is the address of the whole.
  struct Callbacks {
    WT_EVENT_HANDLER raw;
    EventHandler* owner;
  };

  static EventHandler& OwnerOf(WT_EVENT_HANDLER* raw);
  // Nothing may be thrown through WiredTiger, whose locks would stay locked.
  // Without memory, for which a report must not be lost, the process ends.
  static int OnError(WT_EVENT_HANDLER* raw, WT_SESSION* session, int code,
                     const char* message) noexcept;
  static int OnMessage(WT_EVENT_HANDLER* raw, WT_SESSION* session,
                       const char* message) noexcept;

  void PoisonIfBad(int code, std::string_view message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string home_;
  Callbacks callbacks_;
  // Held while the sink writes, so that Disconnect waits for that.
  mutable Mutex mutex_;
  Logger log_ ABSL_GUARDED_BY(mutex_);
  // Null when disconnected.
  PoisonLatch* latch_ ABSL_GUARDED_BY(mutex_);
  Cause cause_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_EVENT_HANDLER_H_

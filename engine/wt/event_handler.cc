#include "engine/wt/event_handler.h"

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/wt/wt_status.h"

namespace trimaran::wt {
namespace {

// Enough for a reason, whatever a path or a key in it measures.
constexpr size_t kCauseBytesMax = 1024;

}  // namespace

EventHandler::EventHandler(std::string_view home, const Logger& log,
                           PoisonLatch& latch)
    : home_(home), callbacks_{{}, this}, log_(log), latch_(&latch) {
  callbacks_.raw.handle_error = &EventHandler::OnError;
  callbacks_.raw.handle_message = &EventHandler::OnMessage;
}

void EventHandler::Disconnect() {
  MutexLock lock(mutex_);
  log_ = Logger();
  latch_ = nullptr;
}

EventHandler::Cause EventHandler::cause() const {
  MutexLock lock(mutex_);
  return cause_;
}

EventHandler& EventHandler::OwnerOf(WT_EVENT_HANDLER* raw) {
  return *reinterpret_cast<Callbacks*>(raw)->owner;
}

int EventHandler::OnError(WT_EVENT_HANDLER* raw, WT_SESSION*, int code,
                          const char* message) noexcept {
  EventHandler& self = OwnerOf(raw);
  MutexLock lock(self.mutex_);
  self.log_.Error(message);
  self.PoisonIfBad(code, message);
  if (code == WT_PANIC) return 0;
  // An error is followed by complaints about what it leaves in the cache, and
  // about what cannot be closed because of it.
  const bool may_follow = code == 0 || code == EINVAL;
  if (may_follow && self.cause_.code != 0) return 0;
  self.cause_.code = code;
  self.cause_.text = std::string_view(message).substr(0, kCauseBytesMax);
  return 0;
}

int EventHandler::OnMessage(WT_EVENT_HANDLER* raw, WT_SESSION*,
                            const char* message) noexcept {
  EventHandler& self = OwnerOf(raw);
  MutexLock lock(self.mutex_);
  self.log_.Info(message);
  self.PoisonIfBad(0, message);
  return 0;
}

void EventHandler::PoisonIfBad(int code, std::string_view message) {
  if (latch_ == nullptr || latch_->poisoned() ||
      !ReportPoisons(code, message, home_)) {
    return;
  }
  const std::string& before = cause_.text;
  const std::string text =
      absl::StrCat("WiredTiger in ", home_, " reports: ", ToAbsl(message),
                   before.empty() ? "" : "; and before: ", before);
  // A panic says what has been done, and not why: the disk may be at fault, or
  // what is on it.
  (void)latch_->Poison(ReportPoisons(0, message, home_)
                           ? CorruptionError(text)
                           : absl::InternalError(text));
}

}  // namespace trimaran::wt

#ifndef TRIMARAN_ENGINE_WT_SESSION_POOL_H_
#define TRIMARAN_ENGINE_WT_SESSION_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/mutex.h"
#include "engine/wt/session.h"

namespace trimaran::wt {

class Connection;

// Sessions for whoever needs one for a moment. They are opened when first
// wanted, and keep their cursors from one lease to the next.
//
// Thread: any. Must be destroyed after its leases and before its connection.
class SessionPool {
 public:
  // A session for as long as it lives. Whoever holds it has ended his
  // transaction and closed his own cursors before it ends (the first is
  // checked).
  //
  // Thread: one at a time.
  class Lease {
   public:
    // For SessionPool.
    Lease(SessionPool* pool, std::unique_ptr<Session> session,
          size_t retired_seen)
        : pool_(pool),
          session_(std::move(session)),
          retired_seen_(retired_seen) {}
    ~Lease() { Return(); }
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          session_(std::move(other.session_)),
          retired_seen_(other.retired_seen_) {}
    Lease& operator=(Lease&& other) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Session* operator->() const { return session_.get(); }
    Session& operator*() const { return *session_; }

   private:
    void Return();

    SessionPool* pool_;
    std::unique_ptr<Session> session_;
    size_t retired_seen_;
  };

  // At most `sessions_max` leases at a time. > 0.
  SessionPool(Connection& connection, size_t sessions_max);
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  // ResourceExhausted, which names the limit, if all are out; never waits. The
  // poison of the connection, once there is one.
  absl::StatusOr<Lease> Acquire();

  // Closes the cursors that idle sessions keep on `table`, and those of leased
  // ones when they come back, so that the table can be dropped. Nobody may ask
  // for a cursor on it any more.
  void RetireTable(std::string_view table);

  // For Lease.
  void Return(std::unique_ptr<Session> session, size_t retired_seen);

 private:
  struct Idle {
    std::unique_ptr<Session> session;
    // How many of `retired_` it has no cursors of.
    size_t retired_seen = 0;
  };

  void CloseRetired(Idle& idle) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Connection& connection_;
  const size_t sessions_max_;
  Mutex mutex_;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mutex_);
  size_t leased_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> retired_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_SESSION_POOL_H_

#ifndef TRIMARAN_ENGINE_WT_SESSION_POOL_H_
#define TRIMARAN_ENGINE_WT_SESSION_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/wt/session.h"

namespace trimaran::wt {

class Connection;

// Sessions for whoever needs one for a moment. They are opened when first
// wanted, and stay open from one lease to the next. A thread finds the session
// that it had last, if that is free, and takes no lock.
//
// Thread: any. Must be destroyed after its leases and before its connection.
class SessionPool {
 private:
  struct Slot;

 public:
  // A session for as long as it lives. Whoever holds it ends his transactions
  // and closes his cursors before it ends (checked).
  //
  // Thread: one at a time.
  class Lease {
   public:
    // For SessionPool.
    Lease(SessionPool* pool, Slot* slot) : pool_(pool), slot_(slot) {}
    ~Lease() {
      if (slot_ != nullptr) pool_->Return(*slot_);
    }
    Lease(Lease&& other) noexcept
        : pool_(other.pool_), slot_(std::exchange(other.slot_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        if (slot_ != nullptr) pool_->Return(*slot_);
        pool_ = other.pool_;
        slot_ = std::exchange(other.slot_, nullptr);
      }
      return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Session* operator->() const { return slot_->session.get(); }
    Session& operator*() const { return *slot_->session; }

   private:
    SessionPool* pool_;
    Slot* slot_;
  };

  // At most `sessions_max` leases at a time. > 0.
  SessionPool(Connection& connection, size_t sessions_max);
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  // ResourceExhausted, which names the limit, if all are out; never waits. The
  // poison of the connection, once there is one.
  absl::StatusOr<Lease> Acquire();

 private:
  // Each on a cache line of its own: threads work on neighbours.
  struct alignas(64) Slot {
    // Whoever makes it false has the rest of the slot to himself until he
    // makes it true again.
    std::atomic<bool> idle = true;
    uint64_t leases = 0;
    // Null until first wanted.
    std::unique_ptr<Session> session;
  };

  static bool Occupy(Slot& slot);
  void Return(Slot& slot);

  Connection& connection_;
  std::vector<Slot> slots_;
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_SESSION_POOL_H_

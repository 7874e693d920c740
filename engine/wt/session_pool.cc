#include "engine/wt/session_pool.h"

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/wt/connection.h"

namespace trimaran::wt {

SessionPool::Lease& SessionPool::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    Return();
    pool_ = std::exchange(other.pool_, nullptr);
    session_ = std::move(other.session_);
    retired_seen_ = other.retired_seen_;
  }
  return *this;
}

void SessionPool::Lease::Return() {
  if (session_ == nullptr) return;
  std::exchange(pool_, nullptr)->Return(std::move(session_), retired_seen_);
}

SessionPool::SessionPool(Connection& connection, size_t sessions_max)
    : connection_(connection), sessions_max_(sessions_max) {
  TRIMARAN_CHECK_GT(sessions_max, 0u);
  MutexLock lock(mutex_);
  idle_.reserve(sessions_max);
}

SessionPool::~SessionPool() {
  MutexLock lock(mutex_);
  TRIMARAN_CHECK_EQ(leased_, 0u) << "sessions are still leased";
}

absl::StatusOr<SessionPool::Lease> SessionPool::Acquire() {
  if (connection_.poisoned()) return connection_.Health();
  size_t retired_seen = 0;
  {
    MutexLock lock(mutex_);
    if (leased_ == sessions_max_) {
      return absl::ResourceExhaustedError(
          absl::StrCat("all ", sessions_max_, " pooled sessions of ",
                       connection_.home(), " are in use"));
    }
    ++leased_;
    if (!idle_.empty()) {
      Idle idle = std::move(idle_.back());
      idle_.pop_back();
      return Lease(this, std::move(idle.session), idle.retired_seen);
    }
    retired_seen = retired_.size();
  }
  absl::StatusOr<std::unique_ptr<Session>> session = Session::Open(connection_);
  if (!session.ok()) {
    MutexLock lock(mutex_);
    --leased_;
    return session.status();
  }
  return Lease(this, *std::move(session), retired_seen);
}

void SessionPool::Return(std::unique_ptr<Session> session,
                         size_t retired_seen) {
  TRIMARAN_CHECK(!session->in_transaction()) << "left open by a lease";
  // Takes all cursors off their rows, which would pin pages and a snapshot.
  if (!session->Reset().ok()) session.reset();
  MutexLock lock(mutex_);
  --leased_;
  if (session == nullptr) return;
  Idle idle{std::move(session), retired_seen};
  CloseRetired(idle);
  idle_.push_back(std::move(idle));
}

// Works in memory only, and so under the lock.
void SessionPool::CloseRetired(Idle& idle) {
  for (; idle.retired_seen < retired_.size(); ++idle.retired_seen) {
    idle.session->CloseCachedCursor(retired_[idle.retired_seen]);
  }
}

void SessionPool::RetireTable(std::string_view table) {
  MutexLock lock(mutex_);
  retired_.emplace_back(table);
  for (Idle& idle : idle_) CloseRetired(idle);
}

}  // namespace trimaran::wt

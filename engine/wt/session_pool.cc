#include "engine/wt/session_pool.h"

#include <functional>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/wt/connection.h"

namespace trimaran::wt {
namespace {

// After so many leases a session gives back the memory that it has gathered.
// Doing it each time would cost as much as a read.
constexpr uint64_t kLeasesPerReset = 256;

// Where this thread looks first. Thread ids are addresses, whose low bits are
// alike, and are therefore mixed.
size_t PreferredSlot(size_t slots) {
  const uint64_t id = std::hash<std::thread::id>{}(std::this_thread::get_id());
  const uint64_t mixed = (id * 0x9e3779b97f4a7c15u) >> 32;
  return static_cast<size_t>((mixed * slots) >> 32);
}

}  // namespace

SessionPool::SessionPool(Connection& connection, size_t sessions_max)
    : connection_(connection), slots_(sessions_max) {
  TRIMARAN_CHECK_GT(sessions_max, 0u);
}

SessionPool::~SessionPool() {
  for (const Slot& slot : slots_) {
    TRIMARAN_CHECK(slot.idle.load()) << "a session is still leased";
  }
}

bool SessionPool::Occupy(Slot& slot) {
  return slot.idle.load(std::memory_order_relaxed) && slot.idle.exchange(false);
}

absl::StatusOr<SessionPool::Lease> SessionPool::Acquire() {
  if (connection_.poisoned()) return connection_.Health();
  size_t position = PreferredSlot(slots_.size());
  for (size_t tried = 0; tried < slots_.size(); ++tried) {
    Slot& slot = slots_[position];
    position = position + 1 == slots_.size() ? 0 : position + 1;
    if (!Occupy(slot)) continue;
    if (slot.session == nullptr) {
      // Also where there is no memory for one.
      absl::Cleanup leave = [&slot] { slot.idle.store(true); };
      TRIMARAN_ASSIGN_OR_RETURN(slot.session, Session::Open(connection_));
      std::move(leave).Cancel();
    }
    return Lease(this, &slot);
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("all ", slots_.size(), " pooled sessions of ",
                   connection_.home(), " are in use"));
}

void SessionPool::Return(Slot& slot) {
  Session& session = *slot.session;
  TRIMARAN_CHECK(!session.in_transaction()) << "left open by a lease";
  TRIMARAN_CHECK_EQ(session.open_cursors(), 0u) << "left open by a lease";
  if (++slot.leases % kLeasesPerReset == 0 && !session.Reset().ok()) {
    slot.session.reset();
  }
  slot.idle.store(true);
}

}  // namespace trimaran::wt

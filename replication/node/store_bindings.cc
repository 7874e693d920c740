#include "replication/node/store_bindings.h"

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/check.h"
#include "engine/format/command.h"

namespace trimaran {
namespace {

// A binding that nobody takes up is proposed anew.
constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

StoreBindings::StoreBindings(const engine::StoreIdentity& self,
                             const Logger& logger,
                             absl::AnyInvocable<void(PendingWritePtr)> propose)
    : self_(self), logger_(logger), propose_(std::move(propose)) {
  heard_[self_.replica] = self_.store;
}

bool StoreBindings::Admits(ReplicaId replica, StoreId store) {
  const StoreId bound = BoundStore(replica);
  if (bound == StoreId()) {
    const bool known = peers_.contains(replica);
    if (known && store != StoreId()) heard_.try_emplace(replica, store);
    return true;
  }
  if (bound == store) return true;
  StoreId& last = refused_[replica];
  if (last != store) {
    last = store;
    logger_.Error("store ", store, " says that it is replica ", replica,
                  ", which is store ", bound,
                  ": nothing that it says is heard");
  }
  return false;
}

StoreId StoreBindings::BoundStore(ReplicaId replica) const {
  const auto peer = peers_.find(replica);
  return peer == peers_.end() ? StoreId() : peer->second.store;
}

void StoreBindings::OnRefused(ReplicaId by, StoreId bound) {
  if (bound == self_.store || refused_by_ != kNoReplica) return;
  refused_by_ = by;
  logger_.Error("replica ", by, " hears nothing of this one: replica ",
                self_.replica, " of the group is store ", bound,
                ", and this is store ", self_.store,
                "; remove the old replica from the group, and let this machine "
                "join it under a new id");
}

bool StoreBindings::Refresh(const engine::RegionState& region) {
  PeerDirectory peers;
  for (const auto* ids : {&region.conf.voters, &region.conf.voters_outgoing,
                          &region.conf.learners}) {
    for (const ReplicaId id : *ids) peers[id] = PeerRecord();
  }
  for (const auto& [id, member] : region.members) {
    // Who is bound to a store has been a member. The others are about to be.
    const bool former = !region.conf.Contains(id) && member.store != StoreId();
    peers[id] = {
        .address = member.address, .store = member.store, .member = !former};
  }
  if (peers == peers_) return false;
  peers_ = std::move(peers);
  std::erase_if(heard_, [this](const auto& heard) {
    return heard.first != self_.replica && !peers_.contains(heard.first);
  });
  return true;
}

void StoreBindings::BindNext(MonotonicTime now) {
  if (proposing_) return;
  for (const auto& [replica, peer] : peers_) {
    const auto heard = heard_.find(replica);
    if (peer.store != StoreId() || heard == heard_.end()) continue;
    auto command = engine::EncodeCommand(
        {.stamp = {},
         .body = engine::SetMemberCommand{.replica = replica,
                                          .store_id = heard->second.value(),
                                          .name = "",
                                          .address = ""}});
    TRIMARAN_CHECK(command.ok());
    proposing_ = true;
    propose_(std::make_shared<PendingWrite>(
        *std::move(command), now + kPatience,
        [this](const absl::StatusOr<AppliedWrite>&) {
          // Whatever came of it, the next look tells.
          proposing_ = false;
        }));
    return;
  }
}

}  // namespace trimaran

#include "replication/tcp/peer_links.h"

#include <utility>
#include <vector>

namespace trimaran {

PeerLinks::PeerLinks(const Services& services, StreamFactory& streams,
                     Routes& routes)
    : services_(services),
      streams_(streams),
      routes_(routes),
      table_(services.options.replica) {}

PeerLinks::Links PeerLinks::MakeLinks(ReplicaId peer) {
  Links links;
  links.route = routes_.FindOrAdd(peer);
  links.messages = std::make_unique<OutgoingLink>(
      services_, streams_, peer, wire::Channel::kMessages, links.route);
  links.bulk = std::make_unique<OutgoingLink>(
      services_, streams_, peer, wire::Channel::kBulk, links.route);
  return links;
}

void PeerLinks::Adjust() {
  const std::map<ReplicaId, std::string> targets = table_.Targets();
  std::vector<ReplicaId> leaving;
  for (const auto& [peer, links] : links_) {
    if (!targets.contains(peer)) leaving.push_back(peer);
  }
  for (const ReplicaId peer : leaving) {
    links_.erase(peer);
    services_.board.Forget(peer);
    routes_.Remove(peer);
  }
  for (const auto& [peer, address] : targets) {
    auto found = links_.find(peer);
    if (found == links_.end()) {
      found = links_.emplace(peer, MakeLinks(peer)).first;
    }
    const StoreId store = table_.StoreOf(peer);
    found->second.messages->SetTarget(address, store);
    found->second.bulk->SetTarget(address, store);
  }
}

void PeerLinks::SetDirectory(PeerDirectory directory) {
  table_.SetDirectory(std::move(directory));
  Adjust();
}

void PeerLinks::OnHeard(ReplicaId peer, const std::string& address) {
  table_.Learn(peer, address);
  Adjust();
  const auto found = links_.find(peer);
  if (found != links_.end()) found->second.messages->Nudge();
}

void PeerLinks::OnSilent(ReplicaId peer) {
  const auto found = links_.find(peer);
  if (table_.IsKnown(peer) ||
      (found != links_.end() && found->second.messages->up())) {
    return;
  }
  table_.ForgetUnknown(peer);
  Adjust();
  services_.board.Forget(peer);
}

void PeerLinks::Wake(ReplicaId peer) {
  const auto found = links_.find(peer);
  if (found == links_.end()) return;
  found->second.messages->Wake();
  found->second.bulk->Wake();
}

void PeerLinks::Tick() {
  for (auto& [peer, links] : links_) {
    links.messages->Tick();
    links.bulk->Tick();
  }
}

}  // namespace trimaran

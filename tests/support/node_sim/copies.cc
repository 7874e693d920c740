#include "tests/support/node_sim/copies.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "replication/raft/messages.h"

namespace trimaran::node_sim {

Copies::Copies(NodeWorld& world)
    : world_(world),
      transport_(
          world.transport,
          [this](const PeerMessage& message) { OnSend(message); },
          SeededRandom(world.options.group.seed ^ 0x6374),
          world.options.group.network.report_unreachable_ppm) {}

void Copies::Take(const SimHost& original) {
  TRIMARAN_CHECK(!original.up());
  std::unique_ptr<ReplicaDisks> disks = original.disks().Copy();
  if (disks == nullptr) return;
  machines_.push_back(
      std::make_unique<SimHost>(original, std::move(disks), transport_));
  latest_[original.id()] = machines_.back().get();
  world_.Tell(original.id(), "is copied as it is at ",
              original.durable_log().last().id.index.value());
}

SimHost* Copies::Of(ReplicaId replica) const {
  const auto found = latest_.find(replica);
  return found == latest_.end() ? nullptr : found->second;
}

void Copies::OnSend(const PeerMessage& message) {
  const auto* raft = std::get_if<raft::Message>(&message.body);
  if (raft == nullptr) return;
  if (raft::ClaimsToLead(*raft)) {
    world_.findings.Report(
        Rule::kOneLeaderPerTerm,
        absl::StrCat("a copy of replica ", message.from.value(),
                     " leads in term ", raft->term.value()));
    return;
  }
  world_.promises.OnSend(*raft, Of(message.from)->durable_log());
}

}  // namespace trimaran::node_sim

#include "tests/support/node_sim/transfer_checker.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/format/manifest_codec.h"

namespace trimaran::node_sim {

void TransferChecker::OnSend(const PeerMessage& message, uint64_t life,
                             sim::SimTime now) {
  const Way there{message.from, message.to};
  if (const auto* offer = std::get_if<MsgSnapshotOffer>(&message.body)) {
    OnOffer(there, *offer, life, now);
  } else if (const auto* done = std::get_if<MsgSnapshotDone>(&message.body)) {
    OnDone(there, *done);
  } else if (const auto* raft = std::get_if<raft::Message>(&message.body)) {
    const auto* ack = raft->As<raft::MsgAppResp>();
    if (ack != nullptr && !ack->rejected) {
      OnAcknowledged({message.to, message.from}, ack->index);
    }
  }
}

void TransferChecker::OnOffer(const Way& way, const MsgSnapshotOffer& offer,
                              uint64_t life, sim::SimTime now) {
  const auto manifest = engine::DecodeManifest(offer.manifest);
  TRIMARAN_CHECK(manifest.ok()) << manifest.status().ToString();
  const uint64_t snapshot = manifest->id.value();
  const Term term = offer.announcement.term;
  Transfer& last = last_[way];
  const bool same_office = last.life == life && last.term == term;
  // Made again.
  if (same_office && last.snapshot == snapshot) return;
  if (same_office && !last.ended && now - last.since < patience_) {
    findings_.Report(
        Rule::kBoundedQueues,
        absl::StrCat("replica ", way.first.value(), " offers replica ",
                     way.second.value(), " the snapshot at ",
                     manifest->position.id.index.value(), ", while the one at ",
                     last.index.value(), " is still on its way"));
  }
  ++transfers_;
  last = {.life = life,
          .term = term,
          .snapshot = snapshot,
          .index = manifest->position.id.index,
          .since = now};
}

void TransferChecker::OnDone(const Way& way, const MsgSnapshotDone& done) {
  const auto end = [&](const Way& of) {
    const auto found = last_.find(of);
    if (found == last_.end() || found->second.snapshot != done.snapshot) return;
    found->second.ended = true;
  };
  switch (done.result) {
    case MsgSnapshotDone::Result::kReceived:
      // Until it has been installed the leader waits.
      return;
    case MsgSnapshotDone::Result::kRefused:
      return end({way.second, way.first});
    case MsgSnapshotDone::Result::kGone:
      return end(way);
  }
}

void TransferChecker::OnAcknowledged(const Way& way, LogIndex index) {
  const auto found = last_.find(way);
  if (found != last_.end() && index >= found->second.index) {
    found->second.ended = true;
  }
}

}  // namespace trimaran::node_sim

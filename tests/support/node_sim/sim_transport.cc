#include "tests/support/node_sim/sim_transport.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "replication/raft/debug_string.h"

namespace trimaran::node_sim {
namespace {

std::string Shown(const PeerMessage& message) {
  if (const auto* raft = std::get_if<raft::Message>(&message.body)) {
    return raft::DebugString(*raft);
  }
  if (const auto* forward = std::get_if<MsgForward>(&message.body)) {
    return absl::StrCat("MsgForward ", forward->request);
  }
  if (const auto* answer = std::get_if<MsgForwardResp>(&message.body)) {
    return absl::StrCat("MsgForwardResp ", answer->request, " at ",
                        answer->appended ? answer->appended->index.value() : 0);
  }
  if (const auto* offer = std::get_if<MsgSnapshotOffer>(&message.body)) {
    return absl::StrCat("MsgSnapshotOffer ",
                        raft::DebugString(offer->announcement));
  }
  if (const auto* fetch = std::get_if<MsgSnapshotFetch>(&message.body)) {
    return absl::StrCat("MsgSnapshotFetch ", fetch->chunk, "+", fetch->count);
  }
  if (const auto* chunk = std::get_if<MsgSnapshotChunk>(&message.body)) {
    return absl::StrCat("MsgSnapshotChunk ", chunk->chunk, ", ",
                        chunk->bytes.size(), " bytes");
  }
  if (const auto* done = std::get_if<MsgSnapshotDone>(&message.body)) {
    return absl::StrCat("MsgSnapshotDone ", static_cast<int>(done->result));
  }
  if (const auto* refused = std::get_if<MsgStoreRefused>(&message.body)) {
    return absl::StrCat("MsgStoreRefused ", refused->bound.value());
  }
  const auto& digest = std::get<MsgStateDigest>(message.body);
  return absl::StrCat("MsgStateDigest at ", digest.place.index.value(), " ",
                      digest.error);
}

}  // namespace

SimTransport::SimTransport(Scheduler& scheduler,
                           const sim::NetworkOptions& options,
                           SeededRandom random, sim::Trace& trace)
    : scheduler_(scheduler),
      options_(options),
      random_(random),
      trace_(trace) {}

void SimTransport::Attach(ReplicaId replica, MessageSink& sink) {
  TRIMARAN_CHECK_LE(replica.value(), kReplicasEver);
  TRIMARAN_CHECK(sinks_.emplace(replica, &sink).second);
}

void SimTransport::Detach(ReplicaId replica) { sinks_.erase(replica); }

void SimTransport::Send(std::vector<PeerMessage> messages) {
  for (PeerMessage& message : messages) {
    observer_(message);
    SendOne(std::move(message));
  }
}

void SimTransport::SendOne(PeerMessage message) {
  TRIMARAN_CHECK_LE(message.to.value(), kReplicasEver);
  const Link& way = link(message.from, message.to);
  if (way.cut || way.load >= options_.link_capacity ||
      random_.Chance(options_.loss_ppm)) {
    return Lose(message);
  }
  SimTime delay = options_.delay.Draw(random_);
  if (random_.Chance(options_.slow_ppm)) {
    delay += options_.slow_delay.Draw(random_);
    TellOfPart(message);
  }
  if (random_.Chance(options_.replay_ppm)) {
    Deliver(message, delay + options_.replay_delay.Draw(random_),
            /*in_order=*/false);
  }
  Deliver(std::move(message), delay, /*in_order=*/!reorders_);
}

void SimTransport::Deliver(PeerMessage message, SimTime delay, bool in_order) {
  Link& way = link(message.from, message.to);
  ++way.load;
  SimTime at = scheduler_.now() + delay;
  if (in_order) {
    at = std::max(at, way.last_arrival);
    way.last_arrival = at;
  }
  scheduler_.At(at,
                [this, message = std::move(message), epoch = epoch_]() mutable {
                  Arrive(std::move(message), epoch);
                });
}

void SimTransport::Arrive(PeerMessage message, uint64_t epoch) {
  Link& way = link(message.from, message.to);
  --way.load;
  if (way.cut || epoch != epoch_) return;
  const auto receiver = sinks_.find(message.to);
  if (receiver == sinks_.end()) return Lose(message);
  ++delivered_;
  trace_.Fold(message.from.value() << 32 | message.to.value());
  trace_.Fold(scheduler_.now());
  if (trace_.on()) {
    trace_.Line(
        scheduler_.now(), message.to,
        absl::StrCat("hears ", message.from.value(), ": ", Shown(message)));
  }
  receiver->second->Deliver(std::move(message));
}

void SimTransport::Lose(const PeerMessage& message) {
  if (!random_.Chance(options_.report_unreachable_ppm)) return;
  const auto sender = sinks_.find(message.from);
  if (sender != sinks_.end()) sender->second->Unreachable(message.to);
}

void SimTransport::TellOfPart(const PeerMessage& message) {
  const auto sender = sinks_.find(message.from);
  if (sender != sinks_.end()) {
    sender->second->PartPassed(message.to, Passage::kToPeer);
  }
  const auto receiver = sinks_.find(message.to);
  if (receiver != sinks_.end()) {
    receiver->second->PartPassed(message.from, Passage::kFromPeer);
  }
}

void SimTransport::HealAll() {
  for (auto& row : links_) {
    for (Link& way : row) way.cut = false;
  }
  partitioned_ = false;
}

template <typename Cuts>
void SimTransport::CutWhere(size_t count, Cuts cuts) {
  for (size_t from = 1; from <= count; ++from) {
    for (size_t to = 1; to <= count; ++to) {
      if (from != to && cuts(from, to)) Cut(ReplicaId(from), ReplicaId(to));
    }
  }
}

void SimTransport::Divide(size_t count, bool both_directions) {
  std::array<bool, kReplicasEver + 1> left{};
  for (size_t i = 1; i <= count; ++i) left[i] = random_.OneIn(2);
  CutWhere(count, [&](size_t from, size_t to) {
    return left[from] != left[to] && (both_directions || left[from]);
  });
}

void SimTransport::Partition(size_t count) {
  HealAll();
  partitioned_ = true;
  const size_t one = 1 + random_.Uniform(count);
  switch (random_.Uniform(6)) {
    case 0:
      return Divide(count, /*both_directions=*/true);
    case 1:
      return Divide(count, /*both_directions=*/false);
    case 2:
      return CutWhere(count, [&](size_t from, size_t to) {
        return from == one || to == one;
      });
    case 3:
      return CutWhere(count, [&](size_t from, size_t) { return from == one; });
    case 4:
      return CutWhere(count, [&](size_t, size_t to) { return to == one; });
    default:
      CutWhere(count, [&](size_t, size_t) { return random_.OneIn(3); });
  }
}

void SimTransport::Calm() {
  options_ = sim::NetworkOptions();
  ++epoch_;
  HealAll();
}

}  // namespace trimaran::node_sim

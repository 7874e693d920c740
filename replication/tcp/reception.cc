#include "replication/tcp/reception.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/logging.h"
#include "replication/tcp/contest.h"
#include "replication/tcp/mutant.h"

namespace trimaran {
namespace {

// Of the terms that are remembered; see PeerTable for who may be a peer.
constexpr size_t kShownMax = 1024;

}  // namespace

Reception::Reception(const Services& services, StreamFactory& streams,
                     PeerLinks& links, UniqueFd listening)
    : services_(services),
      streams_(streams),
      links_(links),
      listener_(services, std::move(listening),
                [this](UniqueFd socket) { OnAccepted(std::move(socket)); }) {}

Reception::~Reception() = default;

// ---- Who comes ----

void Reception::OnAccepted(UniqueFd socket) {
  services_.board.UpdateTotals([](TcpStatus& status) { ++status.accepted; });
  if (all_.size() - CountOpen() >= services_.options.strangers_max &&
      !MutantActive(TcpMutant::kStrangersUnbounded)) {
    TurnOutOldestStranger();
  }
  SetConnectionOptions(socket, services_.options.silence_max).IgnoreError();
  auto stream =
      streams_.Make(std::move(socket), StreamFactory::Side::kAcceptor);
  if (!stream.ok()) {
    services_.Warn(kNoReplica, "stream", ToStd(stream.status().message()));
    return;
  }
  const uint64_t id = next_id_++;
  auto incoming = std::make_unique<Incoming>(
      id, services_, static_cast<Incoming::Host&>(*this), *std::move(stream),
      services_.clock.Now() + services_.options.handshake_timeout);
  incoming->Start();
  all_.emplace(id, std::move(incoming));
}

void Reception::TurnOutOldestStranger() {
  for (auto& [id, incoming] : all_) {
    if (incoming->phase() == Phase::kOpen) continue;
    if (incoming->phase() != Phase::kClosed) {
      TurnAway(*incoming,
               "too many connections that have not said who they are");
    }
    // Not later: many may come before that.
    all_.erase(id);
    return;
  }
}

void Reception::TurnAway(Incoming& incoming, std::string_view why) {
  services_.board.UpdateTotals([](TcpStatus& status) { ++status.turned_away; });
  services_.Warn(kNoReplica, why,
                 absl::StrCat("turned a connection away: ", ToAbsl(why)));
  incoming.Close();
  SweepLater();
}

// ---- Who may stay ----

void Reception::OnHello(Incoming& incoming) {
  const wire::Hello& hello = incoming.hello();
  if (!LeadsTo(streams_, incoming.PeerNames(), hello.from.cluster,
               hello.from.replica)) {
    return Refuse(incoming,
                  {.reason = wire::RefusalReason::kCertificate,
                   .text = absl::StrCat(
                       "the certificate is not that of ",
                       CertifiedName(hello.from.cluster, hello.from.replica)),
                   .bound = StoreId()});
  }
  if (const auto refusal = Judge(incoming)) return Refuse(incoming, *refusal);
  const TcpOptions& options = services_.options;
  if (CountOpen() + options.strangers_max >= options.connections_max) {
    return Refuse(incoming, {.reason = wire::RefusalReason::kBusy,
                             .text = "too many connections",
                             .bound = StoreId()});
  }
  NotePosition(hello);
  Settle(incoming);
}

std::optional<wire::Refusal> Reception::Judge(const Incoming& incoming) const {
  return wire::JudgeHello(incoming.hello(), services_.self(),
                          links_.table().directory());
}

void Reception::NotePosition(const wire::Hello& hello) {
  const ReplicaId peer = hello.from.replica;
  const Term term = hello.position.term;
  auto found = shown_.find(peer);
  if (found == shown_.end()) {
    if (shown_.size() >= kShownMax) return;
    found = shown_.emplace(peer, Shown{hello.from, term}).first;
  }
  Shown& shown = found->second;
  const bool same_store = shown.from.store == hello.from.store;
  // What one process said on two connections may come in any order.
  if (same_store && term < shown.term && shown.from.nonce != hello.from.nonce) {
    services_.Warn(
        peer, "regression",
        absl::StrCat("the store of replica ", peer.value(),
                     " has been in term ", shown.term.value(),
                     " and is in term ", term.value(),
                     " now: an older image of it seems to have been put back"));
    services_.board.Update(peer, [](LinkStatus& link) { ++link.regressions; });
  }
  shown.term = same_store ? std::max(shown.term, term) : term;
  shown.from = hello.from;
}

std::vector<Incoming*> Reception::Rivals(const Incoming& incoming) {
  std::vector<Incoming*> rivals = InPhase(Phase::kOpen);
  std::erase_if(rivals, [&](const Incoming* other) {
    return Compare(other->hello(), incoming.hello()) != Contest::kContests;
  });
  return rivals;
}

void Reception::Settle(Incoming& incoming) {
  const std::vector<Incoming*> rivals = Rivals(incoming);
  if (rivals.empty() || MutantActive(TcpMutant::kSecondProcessWelcome)) {
    return Welcome(incoming);
  }
  const TcpOptions& options = services_.options;
  incoming.Contest(
      services_.clock.Now() +
      std::min(options.silence_max, options.handshake_timeout / 2));
  for (Incoming* rival : rivals) rival->Ping();
}

void Reception::Welcome(Incoming& incoming) {
  for (Incoming* other : InPhase(Phase::kOpen)) {
    if (Compare(other->hello(), incoming.hello()) == Contest::kReplaces &&
        !MutantActive(TcpMutant::kOlderConnectionKept)) {
      ShowBytes(*other);
      other->Close();
      SweepLater();
    }
  }
  incoming.Welcome();
  const wire::Hello& hello = incoming.hello();
  services_.board.Update(hello.from.replica, [&](LinkStatus& link) {
    link.refused_here.clear();
    if (hello.channel == wire::Channel::kMessages) link.receiving = true;
  });
  if (hello.channel == wire::Channel::kMessages) {
    links_.OnHeard(hello.from.replica, hello.address);
  }
}

void Reception::NoteAlive(const Incoming& incoming) {
  // Whoever else says that it is this replica is a second process.
  for (Incoming* other : InPhase(Phase::kContested)) {
    if (Compare(incoming.hello(), other->hello()) != Contest::kContests) {
      continue;
    }
    Refuse(*other,
           {.reason = wire::RefusalReason::kTwoProcesses,
            .text = absl::StrCat(
                "another process speaks for replica ", incoming.peer().value(),
                " and is alive: it runs twice, or its directory was "
                "copied and the copy was opened"),
            .bound = StoreId()});
  }
}

void Reception::SettleContests(ReplicaId peer) {
  for (Incoming* other : InPhase(Phase::kContested)) {
    if (other->peer() != peer || !Rivals(*other).empty()) continue;
    // The one before it may have had to go because the replica has left.
    if (const auto refusal = Judge(*other)) {
      Refuse(*other, *refusal);
    } else {
      Settle(*other);
    }
  }
}

void Reception::Refuse(Incoming& incoming, const wire::Refusal& refusal) {
  NoteRefusal(incoming, refusal, /*by_dialler=*/false);
  incoming.Refuse(refusal,
                  services_.clock.Now() + services_.options.handshake_timeout);
}

void Reception::OnRefusal(Incoming& incoming, const wire::Refusal& refusal) {
  NoteRefusal(incoming, refusal, /*by_dialler=*/true);
  incoming.Close();
  SweepLater();
}

void Reception::NoteRefusal(const Incoming& incoming,
                            const wire::Refusal& refusal, bool by_dialler) {
  const ReplicaId peer = incoming.peer();
  const std::string text =
      absl::StrCat(ToAbsl(wire::RefusalReasonName(refusal.reason)), ": ",
                   EscapeForLog(refusal.text));
  services_.Warn(peer, text,
                 absl::StrCat(by_dialler ? "refused by whoever dialled, "
                                         : "refused a connection, ",
                              text));
  services_.board.UpdateTotals([&](TcpStatus& status) {
    ++status.refused;
    status.last_refusal = text;
  });
  services_.board.UpdateKnown(
      peer, [&](LinkStatus& link) { link.refused_here = text; });
}

// ---- Who leaves ----

void Reception::OnClosed(Incoming& incoming, Phase last,
                         const absl::Status& why) {
  const std::string_view text = ToStd(why.message());
  switch (last) {
    case Phase::kStranger:
      if (absl::IsPermissionDenied(why)) {
        NoteRefusal(incoming,
                    {.reason = wire::RefusalReason::kCertificate,
                     .text = std::string(text),
                     .bound = StoreId()},
                    /*by_dialler=*/false);
      }
      TurnAway(incoming, text);
      return;
    case Phase::kOpen:
      if (!absl::IsUnavailable(why)) {
        services_.board.UpdateTotals(
            [](TcpStatus& status) { ++status.broken_streams; });
      }
      AfterOpen(incoming, text);
      return;
    case Phase::kContested:
    case Phase::kEnding:
    case Phase::kClosed:
      SweepLater();
      return;
  }
}

void Reception::CloseOpen(Incoming& incoming, std::string_view why) {
  incoming.Close();
  AfterOpen(incoming, why);
}

void Reception::AfterOpen(Incoming& incoming, std::string_view why) {
  const ReplicaId peer = incoming.peer();
  services_.Warn(peer, why,
                 absl::StrCat("the connection from replica ", peer.value(),
                              " has ended: ", ToAbsl(why)));
  ShowBytes(incoming);
  SweepLater();
  const std::vector<Incoming*> open = InPhase(Phase::kOpen);
  const bool heard = std::any_of(open.begin(), open.end(), [&](Incoming* one) {
    return one->peer() == peer &&
           one->hello().channel == wire::Channel::kMessages;
  });
  if (!heard) {
    services_.board.UpdateKnown(
        peer, [](LinkStatus& link) { link.receiving = false; });
    links_.OnSilent(peer);
  }
  SettleContests(peer);
}

void Reception::JudgeAgain() {
  for (Incoming* incoming : InPhase(Phase::kOpen)) {
    // It learns why when it dials again.
    if (const auto refusal = Judge(*incoming)) {
      CloseOpen(*incoming, wire::RefusalReasonName(refusal->reason));
    }
  }
}

void Reception::Tick() {
  // Before the deadlines of those that wait for what this finds.
  for (Incoming* incoming : InPhase(Phase::kOpen)) CheckOpen(*incoming);
  const MonotonicTime now = services_.clock.Now();
  for (auto& [id, incoming] : all_) CheckDeadline(*incoming, now);
}

void Reception::CheckOpen(Incoming& incoming) {
  // It may have had to go for another one of this tick.
  if (incoming.phase() != Phase::kOpen) return;
  ShowBytes(incoming);
  // Its answer to a ping stands behind a long frame that is on its way.
  if (incoming.TakePart()) NoteAlive(incoming);
  const TcpOptions& options = services_.options;
  if (incoming.CountSilence() * options.ping_interval > options.silence_max) {
    CloseOpen(incoming,
              absl::StrCat("nothing heard for ",
                           absl::FormatDuration(options.silence_max)));
  }
}

void Reception::CheckDeadline(Incoming& incoming, MonotonicTime now) {
  if (now < incoming.deadline()) return;
  switch (incoming.phase()) {
    case Phase::kStranger:
      TurnAway(incoming, "no handshake in time");
      return;
    case Phase::kContested:
      // Whoever it was before is gone. The last of them that is closed makes
      // the newcomer welcome.
      for (Incoming* rival : Rivals(incoming)) {
        CloseOpen(*rival, "another process of the replica has taken over");
      }
      return;
    case Phase::kEnding:
      incoming.Close();
      SweepLater();
      return;
    case Phase::kOpen:
    case Phase::kClosed:
      return;
  }
}

// ---- Tools ----

std::vector<Incoming*> Reception::InPhase(Phase phase) {
  std::vector<Incoming*> found;
  for (const auto& [id, incoming] : all_) {
    if (incoming->phase() == phase) found.push_back(incoming.get());
  }
  return found;
}

size_t Reception::CountOpen() const {
  return static_cast<size_t>(std::count_if(
      all_.begin(), all_.end(),
      [](const auto& entry) { return entry.second->phase() == Phase::kOpen; }));
}

void Reception::ShowBytes(Incoming& incoming) {
  const uint64_t bytes = incoming.TakeBytesRead();
  services_.board.UpdateKnown(
      incoming.peer(), [&](LinkStatus& link) { link.bytes_received += bytes; });
}

void Reception::SweepLater() {
  services_.loop.Post([this] {
    std::erase_if(all_, [](const auto& entry) {
      return entry.second->phase() == Phase::kClosed;
    });
  });
}

}  // namespace trimaran

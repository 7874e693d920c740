#include "tests/fuzz/node_machine.h"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/format/command.h"
#include "engine/format/manifest_codec.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/debug_string.h"
#include "tests/fuzz/wire_round_trip.h"

namespace trimaran {
namespace {

constexpr ReplicaId kSelf = FuzzedNode::kSelf;
// Rounds of a network in which an honest leader is understood, or never.
constexpr int kRoundsMax = 200;

std::string EncodedPut(const std::string& key, const std::string& value) {
  engine::WriteCommand write;
  write.operations = {engine::PutOp{engine::kDefaultFamily, key, value}};
  auto encoded = engine::EncodeCommand({std::nullopt, write});
  TRIMARAN_CHECK(encoded.ok()) << encoded.status();
  return *std::move(encoded);
}

Payload Entry(const engine::CommandBody& body,
              std::optional<engine::SessionStamp> stamp) {
  engine::EntryEncoder encoder;
  const absl::Status added = encoder.Add({stamp, body});
  TRIMARAN_CHECK(added.ok()) << added;
  return Payload(encoder.Take());
}

// Entries that mean something.
std::vector<Payload> MakeEntries() {
  engine::WriteCommand write;
  write.operations = {engine::PutOp{engine::kDefaultFamily, "key", "value"}};
  const engine::SessionStamp stamp{engine::SessionId(1), 1};
  return {Payload(),
          Entry(write, std::nullopt),
          Entry(write, stamp),
          Entry(engine::OpenSessionCommand(), std::nullopt),
          Entry(engine::CompactLogCommand{LogIndex(8), Term(6)}, std::nullopt),
          Entry(engine::AuditCommand{.asker = ReplicaId(2), .request = 3},
                std::nullopt)};
}

const std::vector<Payload>& Entries() {
  static const std::vector<Payload>& entries =
      *new std::vector<Payload>(MakeEntries());
  return entries;
}

// Whether somebody may have got the node to commit what it cannot apply.
bool MeansNothing(const PeerBody& body) {
  const auto* message = std::get_if<raft::Message>(&body);
  const auto* append = message ? message->As<raft::MsgApp>() : nullptr;
  if (append == nullptr) return false;
  return std::any_of(append->entries.begin(), append->entries.end(),
                     [](const LogEntry& entry) {
                       return entry.type == EntryType::kNormal &&
                              !entry.payload.empty() &&
                              !engine::DecodeEntry(entry.payload.bytes()).ok();
                     });
}

}  // namespace

void NodeReach::Add(const NodeReach& other) {
  elections_won += other.elections_won;
  applied += other.applied;
  writes_done += other.writes_done;
  reads_done += other.reads_done;
  others_done += other.others_done;
  refused += other.refused;
  strangers += other.strangers;
  checkpoints += other.checkpoints;
  snapshots_offered += other.snapshots_offered;
  restarts += other.restarts;
  failures += other.failures;
  recovered += other.recovered;
}

NodeMachine::NodeMachine(std::string_view bytes)
    : bytes_(bytes),
      node_(bytes_.Byte()),
      peaceful_(bytes_.Coin()),
      lagging_(peaceful_ && bytes_.Coin() ? ReplicaId(4) : kNoReplica) {}

size_t NodeMachine::Run() {
  size_t operations = 0;
  for (; !bytes_.done(); ++operations) {
    Operation();
    node_.Look();
  }
  FollowHonestLeader();
  node_.Stop();
  NoteLife();
  TRIMARAN_CHECK_EQ(asked_, answered_) << "somebody is not answered";
  return operations;
}

void NodeMachine::Operation() {
  const uint64_t choice = bytes_.Below(64);
  if (choice < 34 && peaceful_ && !bytes_.OneIn(16)) {
    return choice < 30 ? AnswerAll(/*truly=*/true) : WinElection();
  }
  if (choice < 34) return PeerOperation(choice);
  if (choice < 44) return ClientOperation(choice - 34);
  HostOperation(choice - 44);
}

// ---- Peers ----

raft::MessageMaker NodeMachine::Maker() {
  raft::MessageMaker maker(
      bytes_, node_.status().raft,
      [this](LogIndex index) -> std::optional<Term> {
        const auto term = node_.store().log().TermAt(index);
        return term.ok() ? std::optional<Term>(*term) : std::nullopt;
      });
  maker.UseCommands(Entries());
  return maker;
}

// What the transport lets through: it knows whom a connection is to, and takes
// no message that names somebody else, or that nobody could have encoded.
void NodeMachine::Deliver(ReplicaId from, PeerBody body) {
  if (from == kNoReplica || from == kSelf) return;
  const auto name = [from](raft::Message& message) {
    message.group = GroupId(1);
    message.from = from;
    message.to = kSelf;
  };
  if (auto* message = std::get_if<raft::Message>(&body)) name(*message);
  if (auto* offer = std::get_if<MsgSnapshotOffer>(&body)) {
    name(offer->announcement);
  }
  auto arrived = wire::OverTheWire(body);
  if (!arrived) {
    ++reach_.refused;
    return;
  }
  if (MeansNothing(*arrived)) node_.ExpectPoison();
  if (const auto* message = std::get_if<raft::Message>(&*arrived)) {
    node_.logs().OnMessage(*message);
  }
  const StoreId store =
      bytes_.OneIn(32) ? StoreId(bytes_.Byte()) : FuzzedNode::StoreOf(from);
  node_.node().Deliver({from, kSelf, *std::move(arrived), store});
}

void NodeMachine::DeliverRaft(const raft::Message& message) {
  Deliver(message.from, message);
}

Payload NodeMachine::MaybeNonsense() {
  if (bytes_.OneIn(3)) return Payload(std::string(bytes_.Below(16), '\xfe'));
  return Entries()[bytes_.Byte() % Entries().size()];
}

void NodeMachine::PeerOperation(uint64_t choice) {
  raft::MessageMaker maker = Maker();
  const ReplicaId from = maker.Replica();
  const uint64_t snapshot = bytes_.OneIn(3) ? bytes_.Byte() : last_snapshot_;
  const auto chunk = static_cast<uint32_t>(bytes_.Below(8));
  switch (choice) {
    case 0:
    case 1:
      return AnswerAll(/*truly=*/true);
    case 2:
      return AnswerAll(/*truly=*/false);
    case 3:
      return WinElection();
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return DeliverRaft(maker.HonestAppend());
    case 9:
    case 10:
      return Deliver(from, MsgForward{bytes_.Below(8), MaybeNonsense()});
    case 11:
    case 12: {
      MsgForwardResp answer{.request = bytes_.Coin() ? last_request_
                                                     : bytes_.Below(8)};
      if (bytes_.Coin()) answer.appended = maker.Entry();
      answer.reason = static_cast<DropReason>(bytes_.Below(4));
      return Deliver(from, answer);
    }
    case 13:
      return Deliver(from, MsgSnapshotOffer{std::string(bytes_.Below(64), 'm'),
                                            maker.Any()});
    case 14:
      return Deliver(from, MsgSnapshotFetch{snapshot, chunk, chunk});
    case 15:
      return Deliver(from, MsgSnapshotChunk{snapshot, chunk, Payload("c")});
    case 16:
      return Deliver(
          from, MsgSnapshotDone{snapshot, static_cast<MsgSnapshotDone::Result>(
                                              bytes_.Below(3))});
    case 17:
      if (!bytes_.OneIn(4)) return;
      return Deliver(from, MsgStoreRefused{StoreId(bytes_.Byte())});
    case 18:
      return Deliver(from,
                     MsgStateDigest{.request = bytes_.Below(4),
                                    .place = maker.Entry(),
                                    .chain = bytes_.Byte(),
                                    .rows = bytes_.Byte(),
                                    .hash = std::string(bytes_.Below(70), 'a'),
                                    .error = ""});
    case 19:
      return node_.node().Unreachable(from);
    case 20:
      return node_.node().PartPassed(
          from, bytes_.Coin() ? Passage::kFromPeer : Passage::kToPeer);
    default:
      return DeliverRaft(maker.Any());
  }
}

void NodeMachine::WinElection() {
  for (int round = 0; round < 4; ++round) {
    if (node_.status().raft.role == raft::Role::kLeader) return;
    node_.Pass(absl::Milliseconds(450));
    node_.RunAll();
    AnswerAll(/*truly=*/true);
    AnswerAll(/*truly=*/true);
  }
}

void NodeMachine::AnswerAll(bool truly) {
  for (const PeerMessage& said : node_.TakeSaid()) {
    if (const auto* offer = std::get_if<MsgSnapshotOffer>(&said.body)) {
      ++reach_.snapshots_offered;
      const auto manifest = engine::DecodeManifest(offer->manifest);
      TRIMARAN_CHECK(manifest.ok()) << manifest.status();
      last_snapshot_ = manifest->id.value();
    }
    if (const auto* forward = std::get_if<MsgForward>(&said.body)) {
      last_request_ = forward->request;
    }
    auto answer = AnswerTo(said, truly);
    if (answer) Deliver(said.to, *std::move(answer));
    // The inbox is small.
    node_.RunAll();
  }
}

std::optional<PeerBody> NodeMachine::AnswerTo(const PeerMessage& said,
                                              bool truly) {
  if (std::holds_alternative<MsgSnapshotOffer>(said.body)) {
    return MsgSnapshotFetch{last_snapshot_, 0, 1 + (truly ? 0U : 7U)};
  }
  const auto* asked = std::get_if<raft::Message>(&said.body);
  if (asked == nullptr) return std::nullopt;
  const bool lags = said.to == lagging_;
  const bool no = lags || (!truly && bytes_.Coin());
  raft::Message answer{asked->group, asked->to, kSelf, asked->term, {}};
  if (asked->As<raft::MsgPreVote>() != nullptr) {
    answer.body = raft::MsgPreVoteResp{no, EntryId()};
  } else if (asked->As<raft::MsgVote>() != nullptr) {
    answer.body = raft::MsgVoteResp{no, EntryId()};
  } else if (const auto* append = asked->As<raft::MsgApp>()) {
    const LogIndex reached = append->prev.index + append->entries.size();
    const EntryId hint = lags ? EntryId() : Maker().Entry();
    answer.body =
        no ? raft::MsgAppResp{append->prev.index, true, hint, LogIndex()}
           : raft::MsgAppResp{reached, false, EntryId(),
                              std::min(reached, append->commit)};
  } else if (const auto* beat = asked->As<raft::MsgHeartbeat>()) {
    answer.body = raft::MsgHeartbeatResp{beat->round};
  } else if (const auto* read = asked->As<raft::MsgReadIndex>()) {
    answer.body = raft::MsgReadIndexResp{read->id, node_.status().raft.commit,
                                         node_.status().raft.term};
    answer.term = node_.status().raft.term;
  } else {
    return std::nullopt;
  }
  return answer;
}

// ---- Clients ----

template <typename T>
absl::AnyInvocable<void(absl::StatusOr<T>)> NodeMachine::Waiter(
    uint64_t& done) {
  ++asked_;
  return [this, &done, life = life_,
          answers = 0](const absl::StatusOr<T>& answer) mutable {
    TRIMARAN_CHECK_EQ(++answers, 1) << "answered twice";
    TRIMARAN_CHECK_EQ(life, life_) << "answered by the next life";
    ++answered_;
    if (!answer.ok()) return;
    ++done;
    if constexpr (std::is_same_v<T, AppliedWrite>) {
      node_.ExpectApplied(answer->entry);
    }
  };
}

MonotonicTime NodeMachine::Deadline() {
  constexpr int64_t kMillis[] = {0, 10, 300, 5000};
  return node_.now() + absl::Milliseconds(kMillis[bytes_.Below(4)]);
}

std::string NodeMachine::Command() {
  // One after the other: arguments have no order.
  const std::string key(1 + bytes_.Below(4), 'k');
  const std::string value(bytes_.Byte(), 'v');
  return EncodedPut(key, value);
}

void NodeMachine::Write() {
  std::string command = Command();
  const auto write = std::make_shared<PendingWrite>(
      std::move(command), Deadline(), Waiter<AppliedWrite>(reach_.writes_done));
  if (node_.node().Submit(write)) return;
  write->Answer(absl::ResourceExhaustedError("the queue is full"));
}

void NodeMachine::Read() {
  const ReadDemand demand{
      .kind = static_cast<ReadDemand::Kind>(bytes_.Below(4)),
      .index = Maker().Index(),
      .staleness_max = absl::Milliseconds(bytes_.Byte())};
  node_.node().Submit(std::make_shared<PendingRead>(
      demand, node_.now(), Deadline(), Waiter<LogIndex>(reach_.reads_done)));
}

void NodeMachine::ClientOperation(uint64_t choice) {
  raft::MessageMaker maker = Maker();
  uint64_t& others = reach_.others_done;
  switch (choice) {
    case 4:
    case 5:
      return Read();
    case 6: {
      const raft::ConfChange change = maker.Change();
      return node_.node().ChangeMembers(change, Deadline(),
                                        Waiter<ConfState>(others));
    }
    case 7:
      return node_.node().TransferLeadership(
          maker.Replica(),
          [done = Waiter<bool>(others)](const absl::Status& status) mutable {
            status.ok() ? done(true) : done(status);
          });
    case 8: {
      if (bytes_.Coin()) {
        return node_.node().Audit(Deadline(), Waiter<AuditReport>(others));
      }
      const LogIndex index = maker.Index();
      return node_.node().CompactLog(index, Deadline(),
                                     Waiter<AppliedWrite>(others));
    }
    case 9:
      return node_.node().Checkpoint(Waiter<engine::AppliedState>(others));
    default:
      return Write();
  }
}

// ---- The host ----

void NodeMachine::HostOperation(uint64_t choice) {
  constexpr int64_t kMillis[] = {1, 10, 50, 200, 1000};
  switch (choice) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return node_.RunAll();
    case 7:
    case 8:
    case 9:
    case 10:
      return node_.Pass(absl::Milliseconds(kMillis[bytes_.Below(5)]));
    case 11:
      if (bytes_.OneIn(4)) Restart();
      return;
    case 12:
      if (bytes_.OneIn(16)) node_.FailDiskSoon();
      return;
    default:
      return node_.RunOne(choice);
  }
}

void NodeMachine::Restart() {
  NoteLife();
  ++life_;
  ++reach_.restarts;
  // Nobody is answered by a process that is gone.
  asked_ = 0;
  answered_ = 0;
  node_.Restart();
}

void NodeMachine::NoteLife() {
  const NodeStatus& status = node_.status();
  reach_.elections_won += status.counters.elections_won;
  reach_.applied += status.counters.entries_applied;
  reach_.refused += status.counters.messages_refused;
  reach_.strangers += status.counters.messages_of_strangers;
  reach_.checkpoints += status.counters.checkpoints;
  if (node_.failed()) ++reach_.failures;
}

// ---- The end ----

std::optional<ReplicaId> NodeMachine::HonestLeader() const {
  const NodeStatus& status = node_.status();
  for (const ReplicaId voter : status.raft.conf.voters) {
    if (voter != kSelf) return voter;
  }
  return std::nullopt;
}

void NodeMachine::FollowHonestLeader() {
  node_.RunAll();
  if (node_.failed()) Restart();
  node_.RunAll();
  if (node_.failed()) return;
  // The status is a tick old at most.
  node_.Pass(absl::Milliseconds(100));
  node_.RunAll();
  const std::optional<ReplicaId> leader = HonestLeader();
  if (!leader) return;
  const raft::RaftStatus raft = node_.status().raft;
  const auto committed = node_.store().log().TermAt(raft.commit);
  TRIMARAN_CHECK(committed.ok())
      << committed.status() << ", " << raft::DebugString(raft);
  const EntryId prev{raft.commit, *committed};
  const Term term = raft.term + 1;
  const LogIndex last = prev.index + 1;
  const raft::MsgApp append{
      prev, {{last, term, EntryType::kNormal, Payload()}}, last};
  const auto members = node_.store().machine().region().members;
  const auto bound = members.find(*leader);
  const StoreId store =
      bound != members.end() && bound->second.store != StoreId()
          ? bound->second.store
          : FuzzedNode::StoreOf(*leader);
  for (int round = 0; round < kRoundsMax; ++round) {
    node_.node().Deliver(
        {*leader, kSelf,
         raft::Message{GroupId(1), *leader, kSelf, term, append}, store});
    node_.RunAll();
    if (node_.failed()) return;
    if (node_.status().raft.applied >= last) {
      ++reach_.recovered;
      return;
    }
    node_.Pass(absl::Milliseconds(10));
  }
  TRIMARAN_CHECK(false) << "an honest leader, replica " << *leader
                        << ", is not followed: "
                        << raft::DebugString(node_.status().raft);
}

}  // namespace trimaran

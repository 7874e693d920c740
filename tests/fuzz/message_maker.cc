#include "tests/fuzz/message_maker.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace trimaran::raft {
namespace {

uint64_t Before(uint64_t value) { return value == 0 ? 0 : value - 1; }

}  // namespace

LogIndex MessageMaker::Index() {
  const LogIndex near[] = {status_.last.index,     status_.commit,
                           status_.boundary.index, status_.durable,
                           status_.applied,        status_.applying};
  const uint8_t choice = bytes_.Byte();
  if (choice < 0xc0) {
    const uint64_t base = near[choice % std::size(near)].value();
    switch ((choice / std::size(near)) % 4) {
      case 0:
        return LogIndex(Before(base));
      case 1:
        return LogIndex(base + 1);
      default:
        return LogIndex(base);
    }
  }
  if (choice < 0xf0) {
    // Somewhere in the log, or a little after it.
    const uint64_t length = status_.last.index - status_.boundary.index + 4;
    return status_.boundary.index + bytes_.Byte() % length;
  }
  const LogIndex odd[] = {LogIndex(),
                          LogIndex(1),
                          kMaxLogIndex,
                          kMaxLogIndex + 1,
                          LogIndex(~uint64_t{0}),
                          kMaxLogIndex - 1};
  return odd[choice % std::size(odd)];
}

Term MessageMaker::AnyTerm() {
  const uint64_t now = status_.term.value();
  const uint8_t choice = bytes_.Byte();
  if (choice < 0x80) return status_.term;
  if (choice < 0xb0) return Term(now + 1);
  if (choice < 0xd0) return Term(Before(now));
  if (choice < 0xe0) return Term(now + bytes_.Byte());
  if (choice < 0xe8) return Term();
  const uint64_t jump = uint64_t{1} << 40;
  const Term odd[] = {Term(1), Term(now + jump), Term(now + jump + 1),
                      Term(~uint64_t{0}), status_.last.term};
  return odd[choice % std::size(odd)];
}

EntryId MessageMaker::Entry() {
  const LogIndex index = Index();
  const auto term = term_at_(index);
  if (term.has_value() && !bytes_.OneIn(6)) return {index, *term};
  return {index, AnyTerm()};
}

ReplicaId MessageMaker::Replica() {
  return ReplicaId(bytes_.Below(kFuzzReplicas + 1));
}

Payload MessageMaker::Command() {
  if (!commands_.empty()) return commands_[bytes_.Byte() % commands_.size()];
  return Payload(std::string(bytes_.Below(24), 'x'));
}

ConfChange MessageMaker::Change() {
  ConfChange change;
  const uint8_t shape = bytes_.Byte();
  change.transition = static_cast<ConfChangeTransition>(shape % 3);
  const int steps = (shape / 3) % 4;
  for (int i = 0; i < steps; ++i) {
    change.steps.push_back(
        {static_cast<ConfChangeType>(bytes_.Below(3)), Replica()});
  }
  if (shape >= 0xf0) change.context = "context";
  return change;
}

SnapshotMeta MessageMaker::Snapshot(Term term) {
  SnapshotMeta snapshot;
  snapshot.id = bytes_.OneIn(4)
                    ? Entry()
                    : EntryId{status_.last.index + bytes_.Below(4), term};
  if (bytes_.OneIn(4)) {
    snapshot.conf = status_.conf;
    return snapshot;
  }
  const uint8_t members = bytes_.Byte();
  for (uint64_t id = 1; id <= kFuzzReplicas; ++id) {
    if ((members >> id & 1) != 0) {
      snapshot.conf.voters.push_back(ReplicaId(id));
    } else if (bytes_.OneIn(3)) {
      snapshot.conf.learners.push_back(ReplicaId(id));
    } else if (bytes_.OneIn(5)) {
      snapshot.conf.voters_outgoing.push_back(ReplicaId(id));
    }
  }
  snapshot.conf.auto_leave = bytes_.OneIn(3);
  return snapshot;
}

LogEntry MessageMaker::NextEntry(EntryId after, Term newest) {
  LogEntry entry;
  entry.index = after.index + 1;
  const uint8_t choice = bytes_.Byte();
  const auto known = term_at_(entry.index);
  if (known.has_value() && choice % 4 != 0) {
    entry.term = *known;
  } else {
    entry.term = (choice & 0x10) != 0 ? after.term : newest;
  }
  entry.term = std::max(entry.term, after.term);
  if ((choice & 0xe0) == 0xe0) {
    entry.type = EntryType::kConfChange;
    // Some that nobody could have proposed.
    entry.payload = bytes_.OneIn(8) ? Payload("\xff?")
                                    : Payload(EncodeConfChange(Change()));
  } else {
    entry.payload = Command();
  }
  return entry;
}

MsgApp MessageMaker::Append(Term term) {
  MsgApp append;
  append.prev = Entry();
  EntryId after = append.prev;
  const uint64_t count = bytes_.Below(6);
  for (uint64_t i = 0; i < count; ++i) {
    append.entries.push_back(NextEntry(after, term));
    after = append.entries.back().id();
  }
  if (!append.entries.empty() && bytes_.OneIn(32)) {
    LogEntry& broken = append.entries[bytes_.Below(append.entries.size())];
    broken.index = Index();
    broken.term = AnyTerm();
    broken.type = static_cast<EntryType>(bytes_.Below(4));
  }
  append.commit = bytes_.Coin() ? after.index : Index();
  return append;
}

MessageBody MessageMaker::Body(Term term) {
  switch (bytes_.Below(18)) {
    case 0: {
      MsgProp request;
      const uint64_t count = bytes_.Below(4);
      for (uint64_t i = 0; i < count; ++i) {
        if (bytes_.OneIn(3)) {
          request.proposals.push_back(
              {EntryType::kConfChange, Payload(EncodeConfChange(Change()))});
        } else {
          request.proposals.push_back({EntryType::kNormal, Command()});
        }
      }
      if (bytes_.OneIn(16)) {
        request.proposals.push_back(
            {static_cast<EntryType>(bytes_.Below(4)), Command()});
      }
      return request;
    }
    case 1:
    case 2:
      return MsgAppResp{Index(), bytes_.OneIn(3), Entry(), Index()};
    case 3:
      return MsgHeartbeat{Index(), ReadRound(bytes_.Byte()),
                          bytes_.Coin() ? Entry() : EntryId()};
    case 4:
      return MsgHeartbeatResp{ReadRound(bytes_.Below(16))};
    case 5:
      return MsgVote{Entry(), Entry(), bytes_.OneIn(4),
                     static_cast<int64_t>(bytes_.Below(3))};
    case 6:
      return MsgPreVote{Entry(), Entry(),
                        static_cast<int64_t>(bytes_.Below(3))};
    case 7:
      return MsgVoteResp{bytes_.OneIn(4), Entry()};
    case 8:
      return MsgPreVoteResp{bytes_.OneIn(4), Entry()};
    case 9:
      return MsgSnap{Snapshot(term)};
    case 10:
      return MsgTimeoutNow{};
    case 11:
      return MsgTransferLeader{Replica()};
    case 12:
      return MsgReadIndex{ReadId(bytes_.Below(8)),
                          static_cast<ReadMode>(bytes_.Below(3)), Replica()};
    case 13:
      return MsgReadIndexResp{ReadId(bytes_.Below(8)), Index(), AnyTerm()};
    default:
      return Append(term);
  }
}

Message MessageMaker::Addressed(Term term, MessageBody body) {
  Message message{GroupId(1), Replica(), status_.id, term, std::move(body)};
  const bool termless = message.As<MsgProp>() != nullptr ||
                        message.As<MsgTransferLeader>() != nullptr ||
                        message.As<MsgReadIndex>() != nullptr;
  if (termless) message.term = Term();
  return message;
}

Message MessageMaker::Any() {
  const Term term = AnyTerm();
  Message message = Addressed(term, Body(term));
  if (bytes_.OneIn(64)) message.to = Replica();
  if (bytes_.OneIn(64)) message.group = GroupId(bytes_.Below(3));
  if (bytes_.OneIn(64)) message.term = AnyTerm();
  return message;
}

Message MessageMaker::HonestAppend() {
  const bool leads = status_.role == Role::kLeader;
  const Term term = leads || bytes_.OneIn(4) ? status_.term + 1
                                             : std::max(status_.term, Term(1));
  MsgApp append;
  append.prev = status_.last;
  if (bytes_.Coin()) {
    append.prev.index = status_.commit;
    append.prev.term = term_at_(status_.commit).value_or(status_.term);
  }
  EntryId after = append.prev;
  const uint64_t count = bytes_.Below(4);
  for (uint64_t i = 0; i < count; ++i) {
    LogEntry entry = NextEntry(after, term);
    if (entry.term > term) entry.term = term;
    append.entries.push_back(std::move(entry));
    after = append.entries.back().id();
  }
  append.commit = bytes_.Coin() ? after.index : status_.commit;
  Message message{GroupId(1), status_.leader, status_.id, term, append};
  if (message.from == kNoReplica || message.from == status_.id) {
    message.from = ReplicaId(2 + bytes_.Below(3));
  }
  return message;
}

}  // namespace trimaran::raft

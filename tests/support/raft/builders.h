#ifndef TRIMARAN_TESTS_SUPPORT_RAFT_BUILDERS_H_
#define TRIMARAN_TESTS_SUPPORT_RAFT_BUILDERS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/config.h"
#include "replication/raft/messages.h"

// Short ways to write down what the tests of the core are full of. They take
// plain numbers: a table of twenty rows has to stay readable.

namespace trimaran::raft {

// The entry "index/term", in the order in which it is printed.
constexpr EntryId At(uint64_t index, uint64_t term) {
  return {LogIndex(index), Term(term)};
}

LogEntry EntryAt(EntryId id, std::string_view text = "");

// Entries without payload, of the given terms, beginning at `first`.
std::vector<LogEntry> EntriesOfTerms(uint64_t first,
                                     const std::vector<uint64_t>& terms);

std::vector<EntryId> IdsOf(const std::vector<LogEntry>& entries);

// What the non-empty normal entries among `entries` carry.
std::vector<std::string> TextsOf(const std::vector<LogEntry>& entries);

std::vector<ReplicaId> Replicas(const std::vector<uint64_t>& ids);

// The voters 1 .. `count`.
ConfState Voters(uint64_t count);

struct Route {
  uint64_t from = 0;
  uint64_t to = 0;
};

template <typename Body>
Message MakeMessage(Route route, uint64_t term, Body body) {
  return {GroupId(1), ReplicaId(route.from), ReplicaId(route.to), Term(term),
          std::move(body)};
}

// "Everything up to `index` is durable here."
inline MsgAppResp Ack(uint64_t index) {
  return {LogIndex(index), false, {}, {}};
}

// The plain algorithm: without pre-vote and check-quorum, and with every
// invariant checked after every input. Ten ticks to an election, one to a
// heartbeat.
Config PlainConfig(uint64_t id = 1);

// The messages of one kind among `messages`, in order.
template <typename Body>
std::vector<Message> OfKind(const std::vector<Message>& messages) {
  std::vector<Message> found;
  for (const Message& message : messages) {
    if (message.As<Body>() != nullptr) found.push_back(message);
  }
  return found;
}

// The bodies of one kind among the messages to `to`, in order.
template <typename Body>
std::vector<Body> BodiesTo(uint64_t to, const std::vector<Message>& messages) {
  std::vector<Body> found;
  for (const Message& message : messages) {
    const Body* body = message.As<Body>();
    if (body != nullptr && message.to == ReplicaId(to)) found.push_back(*body);
  }
  return found;
}

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_SUPPORT_RAFT_BUILDERS_H_

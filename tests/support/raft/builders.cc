#include "tests/support/raft/builders.h"

namespace trimaran::raft {

LogEntry EntryAt(EntryId id, std::string_view text) {
  LogEntry entry;
  entry.index = id.index;
  entry.term = id.term;
  entry.payload = Payload(text);
  return entry;
}

std::vector<LogEntry> EntriesOfTerms(uint64_t first,
                                     const std::vector<uint64_t>& terms) {
  std::vector<LogEntry> entries;
  for (const uint64_t term : terms) {
    entries.push_back(EntryAt(At(first + entries.size(), term)));
  }
  return entries;
}

std::vector<EntryId> IdsOf(const std::vector<LogEntry>& entries) {
  std::vector<EntryId> ids;
  for (const LogEntry& entry : entries) ids.push_back(entry.id());
  return ids;
}

std::vector<std::string> TextsOf(const std::vector<LogEntry>& entries) {
  std::vector<std::string> texts;
  for (const LogEntry& entry : entries) {
    if (entry.type != EntryType::kNormal || entry.payload.empty()) continue;
    texts.emplace_back(entry.payload.bytes());
  }
  return texts;
}

std::vector<ReplicaId> Replicas(const std::vector<uint64_t>& ids) {
  std::vector<ReplicaId> replicas;
  for (const uint64_t id : ids) replicas.emplace_back(id);
  return replicas;
}

ConfState Voters(uint64_t count) {
  ConfState conf;
  for (uint64_t id = 1; id <= count; ++id) conf.voters.emplace_back(id);
  return conf;
}

Config PlainConfig(uint64_t id) {
  Config config;
  config.id = ReplicaId(id);
  config.pre_vote = false;
  config.check_quorum = false;
  config.step_down_on_removal = false;
  config.check_invariants = true;
  return config;
}

}  // namespace trimaran::raft

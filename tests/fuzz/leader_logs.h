#ifndef TRIMARAN_TESTS_FUZZ_LEADER_LOGS_H_
#define TRIMARAN_TESTS_FUZZ_LEADER_LOGS_H_

#include <map>
#include <set>

#include "engine/base/log_types.h"
#include "replication/raft/messages.h"

namespace trimaran {

// What the leaders of each term have said of their logs. An honest one only
// ever adds to its log, and an entry, which is known by its index and term,
// follows the same one in all logs. After what contradicts that, an entry that
// was acknowledged need not be there any more.
//
// Thread: owner.
class LeaderLogs {
 public:
  // What is said to the node, or by it; nothing but appends matters.
  void OnMessage(const raft::Message& message) {
    const auto* append = message.As<raft::MsgApp>();
    if (append == nullptr) return;
    EntryId before = append->prev;
    Note(message.term, before);
    for (const LogEntry& entry : append->entries) {
      Follows(before, entry.id());
      before = entry.id();
      Note(message.term, before);
    }
  }
  // There is a log with the one behind the other.
  void Follows(EntryId before, EntryId id) {
    const auto known = before_.emplace(id, before).first;
    if (known->second != before) all_doubtful_ = true;
  }

  bool Contradicts(Term term) const {
    return all_doubtful_ || contradicted_.count(term) > 0;
  }

 private:
  // The entry, and all that are known to come before it.
  void Note(Term term, EntryId id) {
    std::map<LogIndex, Term>& log = logs_[term];
    for (;;) {
      const auto [known, is_new] = log.emplace(id.index, id.term);
      if (known->second != id.term) contradicted_.insert(term);
      const auto before = before_.find(id);
      if (!is_new || before == before_.end()) return;
      id = before->second;
    }
  }

  struct ById {
    bool operator()(const EntryId& a, const EntryId& b) const {
      return a.index != b.index ? a.index < b.index : a.term < b.term;
    }
  };
  std::map<Term, std::map<LogIndex, Term>> logs_;
  std::map<EntryId, EntryId, ById> before_;
  std::set<Term> contradicted_;
  bool all_doubtful_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_LEADER_LOGS_H_

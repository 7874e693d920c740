#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_ORACLE_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/format/command_result.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/engine_model/model_state.h"
#include "tests/support/node_sim/findings.h"
#include "tests/support/node_sim/history.h"
#include "tests/support/node_sim/state_digest.h"

namespace trimaran::node_sim {

// The state of the group as it should be: what is committed, applied once, one
// entry after the other. It sees the disks of replicas and never a node.
//
// Checks N3 (nothing takes effect twice) and N5 (state machines that have
// applied the same entries are equal).
//
// Thread: owner.
class Oracle {
 public:
  Oracle(const engine::ModelState& start, Findings& findings);

  // The state machine of `replica` has come to `state`; `log` is what is
  // durable of its log.
  void OnState(ReplicaId replica, const ObservedState& state,
               const engine::ModelLogImage& log);

  LogIndex applied() const { return state_.progress.applied.id.index; }
  // Of an entry that has been applied.
  EntryId IdAt(LogIndex index) const {
    return places_[Offset(index)].position.id;
  }
  // Of that entry; its configuration, and the one before the last change of
  // membership. Some entries are committed by the one, some by the other.
  const ConfState& ConfAt(LogIndex index) const;
  const ConfState& ConfBefore(LogIndex index) const;
  const ConfState& conf() const { return confs_.back().second; }
  // The fewest voters that any configuration has had.
  size_t voters_min() const;
  // Where it began.
  LogIndex conf_index() const { return confs_.back().first; }
  // Of all sessions that were ever opened.
  engine::SessionId last_session() const { return state_.last_session; }

  // What `key` was at `index`.
  RowValue ValueAt(std::string_view key, LogIndex index) const;

  // What the command of a client has done.
  struct Effect {
    LogIndex index;
    engine::CommandResult result;
  };
  // Null if it has done nothing (yet).
  const Effect* EffectOf(uint64_t op_id) const;

 private:
  struct Place {
    engine::LogPosition position;
    StateDigest digest;
  };

  size_t Offset(LogIndex index) const;
  bool Advance(ReplicaId replica, const ObservedState& state,
               const engine::ModelLogImage& log);
  void Apply(const LogEntry& entry);
  void Do(const engine::Command& command, EntryId entry);
  void NoteEffect(const engine::WriteCommand& write,
                  const engine::CommandResult& result);
  size_t ConfPlace(LogIndex index) const;

  Findings& findings_;
  const LogIndex start_;
  engine::ModelState state_;
  // From the start on.
  std::vector<Place> places_;
  // Where each configuration began.
  std::vector<std::pair<LogIndex, ConfState>> confs_;
  std::map<std::string, std::vector<std::pair<LogIndex, RowValue>>, std::less<>>
      rows_;
  std::unordered_map<uint64_t, Effect> effects_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_ORACLE_H_

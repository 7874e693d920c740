#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_HISTORY_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "tests/support/sim/sim_time.h"

namespace trimaran::node_sim {

using sim::SimTime;

enum class OpKind : uint8_t {
  kPut,
  kDelete,
  // Puts if the row has the expected value (or is absent, where none is
  // expected); else does nothing.
  kCompareAndPut,
  // Reads the row and puts another value, in one command.
  kSwap,
  // Puts several rows in one command.
  kPutSeveral,
  // Reads in the log, as a command.
  kReadByCommand,
  kReadLinearizable,
  kReadLease,
  kReadAtLeast,
  kReadBounded,
  // Reads all rows, by an iterator of one view; promises what kReadLinearizable
  // does.
  kScan,
};
std::string_view OpKindName(OpKind kind);
// Whether it goes through the log.
inline bool IsCommand(OpKind kind) { return kind <= OpKind::kReadByCommand; }

enum class OpOutcome : uint8_t {
  // Nobody has said anything yet, or ever will: the replica has crashed.
  kOpen,
  kOk,
  // A write that never takes effect, or a read that read nothing.
  kNotApplied,
  kUnknown,
};
std::string_view OutcomeName(OpOutcome outcome);

using RowValue = std::optional<std::string>;

// One call of a client, and what came of it.
struct Op {
  // From 1 on, in the order of the calls. Values that it puts contain it.
  uint64_t id = 0;
  uint64_t client = 0;
  ReplicaId replica;
  OpKind kind = OpKind::kPut;
  // One key, but for kPutSeveral; all that there can be, for kScan.
  std::vector<std::string> keys;
  // What it puts.
  std::string value;
  // Of kCompareAndPut.
  RowValue expected;

  SimTime called_at = 0;
  // The largest index that anybody had been told of before the call; of a
  // bounded read, before the moment that it looks back to.
  LogIndex floor;
  // Of kReadAtLeast, what was asked for.
  LogIndex demanded;

  OpOutcome outcome = OpOutcome::kOpen;
  SimTime returned_at = 0;
  // Of a write the entry that did it, of a read that of the state.
  LogIndex index;
  // Of a kCompareAndPut.
  bool succeeded = true;
  // What it has read; of a kScan, the row of the first key.
  RowValue observed;
  // Of a kScan: the row of each key.
  std::vector<RowValue> scanned;

  // Places of call and return among all calls and returns; 0: none yet.
  uint64_t call_order = 0;
  uint64_t return_order = 0;

  bool reads() const {
    return kind >= OpKind::kSwap && kind != OpKind::kPutSeveral;
  }
};

// The command of an operation that IsCommand; its views point into `op`. What
// puts no value carries a comparison that always holds and names it.
struct OpCommand {
  explicit OpCommand(const Op& op);
  std::string marker;
  engine::WriteCommand write;
};
// Whose command it is; 0 if no client's.
uint64_t OpIdOf(const engine::WriteCommand& write);

// All calls of a run.
//
// Thread: owner.
class History {
 public:
  // Fills in the id and the place of the call.
  Op& Call(Op op);
  // Its answer, filled in already, has come.
  void Return(Op& op) { op.return_order = ++order_; }

  // Ids count from 1.
  Op& at(uint64_t id) { return ops_[id - 1]; }
  const std::vector<Op>& ops() const { return ops_; }

  // One line of JSON for each call; see tests/README.md.
  void Write(std::FILE* out) const;

 private:
  std::vector<Op> ops_;
  uint64_t order_ = 0;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_HISTORY_H_

#include "tests/net/index_witness.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::net {
namespace {

using node_sim::Op;
using node_sim::OpKind;
using node_sim::OpOutcome;
using node_sim::RowValue;

bool IsDone(const Op& op) { return op.outcome == OpOutcome::kOk; }
bool MayBeDone(const Op& op) {
  return node_sim::IsCommand(op.kind) && op.kind != OpKind::kReadByCommand &&
         (op.outcome == OpOutcome::kUnknown || op.outcome == OpOutcome::kOpen);
}
bool IsLinearizable(const Op& op) {
  return node_sim::IsCommand(op.kind) || op.kind == OpKind::kReadLinearizable ||
         op.kind == OpKind::kReadLease || op.kind == OpKind::kScan;
}
bool Changes(const Op& op) {
  return node_sim::IsCommand(op.kind) && op.kind != OpKind::kReadByCommand &&
         (op.kind != OpKind::kCompareAndPut || op.succeeded);
}
RowValue ValueAfter(const Op& op) {
  return op.kind == OpKind::kDelete ? RowValue() : RowValue(op.value);
}

// Of a read, the state behind an entry.
uint64_t PlaceOf(const Op& op) {
  return op.index.value() + (node_sim::IsCommand(op.kind) ? 0 : 1);
}

// What a read has seen of one of its keys.
const RowValue& ObservedOf(const Op& op, const std::string& key) {
  if (op.kind != OpKind::kScan) return op.observed;
  const auto place = std::find(op.keys.begin(), op.keys.end(), key);
  return op.scanned.at(static_cast<size_t>(place - op.keys.begin()));
}

class Witness {
 public:
  explicit Witness(const std::vector<Op>& ops) : ops_(ops) {}

  std::vector<std::string> Run() {
    CheckRealTime();
    std::set<std::string> keys;
    for (const Op& op : ops_) keys.insert(op.keys.begin(), op.keys.end());
    for (const std::string& key : keys) CheckKey(key);
    return std::move(errors_);
  }

 private:
  void Report(const Op& op, const std::string& what) {
    errors_.push_back(absl::StrCat(
        "op ", op.id, ", a ", ToAbsl(node_sim::OpKindName(op.kind)), " of ",
        op.keys.front(), " by client ", op.client, " at replica ",
        op.replica.value(), ", index ", op.index.value(), ", ", what));
  }

  void CheckRealTime() {
    // By place among all calls and returns.
    std::map<uint64_t, const Op*> events;
    for (const Op& op : ops_) {
      if (!IsDone(op) || op.index.value() == 0) continue;
      events[op.call_order] = &op;
      events[op.return_order] = &op;
    }
    uint64_t floor = 0;
    std::map<uint64_t, uint64_t> floors;
    for (const auto& [place, op] : events) {
      const uint64_t index = op->index.value();
      if (place == op->call_order) {
        floors[op->id] = floor;
        continue;
      }
      uint64_t least = floors[op->id];
      if (!IsLinearizable(*op)) least = op->demanded.value();
      if (node_sim::IsCommand(op->kind)) ++least;
      if (index < least) {
        Report(*op, absl::StrCat("is below ", least));
      }
      if (IsLinearizable(*op)) floor = std::max(floor, index);
    }
  }

  void CheckKey(const std::string& key) {
    writes_.clear();
    bounds_.clear();
    doubtful_deletes_ = 0;
    std::vector<const Op*> sorted;
    for (const Op& op : ops_) {
      if (std::find(op.keys.begin(), op.keys.end(), key) == op.keys.end()) {
        continue;
      }
      if (MayBeDone(op)) Doubt(op);
      if (!IsDone(op) || op.index.value() == 0) continue;
      sorted.push_back(&op);
      if (Changes(op)) writes_[op.index.value()].push_back(&op);
    }
    std::stable_sort(
        sorted.begin(), sorted.end(),
        [](const Op* a, const Op* b) { return PlaceOf(*a) < PlaceOf(*b); });
    for (const Op* op : sorted) CheckSeen(*op, key);
  }

  void Doubt(const Op& op) {
    if (op.kind == OpKind::kDelete) {
      ++doubtful_deletes_;
    } else {
      bounds_[op.value] = {0, std::numeric_limits<uint64_t>::max()};
    }
  }

  void CheckSeen(const Op& op, const std::string& key) {
    if (op.kind == OpKind::kCompareAndPut) {
      if (op.succeeded) {
        CheckValue(op, op.expected);
      } else if (bounds_.empty() && doubtful_deletes_ == 0) {
        const std::set<RowValue> values = ValuesBefore(op).values;
        if (values == std::set<RowValue>{op.expected}) {
          Report(op, "should have succeeded");
        }
      }
    } else if (op.reads()) {
      CheckValue(op, ObservedOf(op, key));
    }
  }

  struct Before {
    // Where the last writes before it stand that are sure, and what one of them
    // has left; and others of its own entry, whose order nobody knows.
    uint64_t index = 0;
    std::set<RowValue> values;
  };
  Before ValuesBefore(const Op& op) const {
    Before before;
    const auto own = writes_.lower_bound(PlaceOf(op));
    if (own == writes_.begin()) {
      before.values.insert(std::nullopt);
    } else {
      const auto last = std::prev(own);
      before.index = last->first;
      for (const Op* write : last->second) {
        before.values.insert(ValueAfter(*write));
      }
    }
    if (own == writes_.end() || own->first != PlaceOf(op)) return before;
    if (!node_sim::IsCommand(op.kind)) return before;
    for (const Op* write : own->second) {
      if (write != &op) before.values.insert(ValueAfter(*write));
    }
    return before;
  }

  void CheckValue(const Op& op, const RowValue& seen) {
    const Before before = ValuesBefore(op);
    if (before.values.contains(seen)) return;
    const std::string known = before.values.begin()->value_or("nothing");
    if (!seen) {
      if (doubtful_deletes_ == 0) {
        Report(op, absl::StrCat("sees no row, where ", known, " was"));
      }
      return;
    }
    const auto bounds = bounds_.find(*seen);
    if (bounds == bounds_.end()) {
      Report(op, absl::StrCat("sees ", *seen, ", where ", known, " was"));
      return;
    }
    auto& [first, last] = bounds->second;
    first = std::max(first, before.index);
    last = std::min(last, op.index.value());
    uint64_t id = 0;
    if (absl::SimpleAtoi(*seen, &id) && id <= ops_.size() &&
        ops_[id - 1].call_order > op.return_order) {
      Report(op, absl::StrCat("sees ", *seen, ", which came later"));
    }
    if (first > last) {
      Report(op, absl::StrCat("sees ", *seen, ", which was overwritten"));
    }
  }

  const std::vector<Op>& ops_;
  std::vector<std::string> errors_;
  // Of one key: what is sure to be written, by index.
  std::map<uint64_t, std::vector<const Op*>> writes_;
  // By value: between which indexes it was put, if nobody knows that it was.
  std::map<std::string, std::pair<uint64_t, uint64_t>> bounds_;
  uint64_t doubtful_deletes_ = 0;
};

}  // namespace

std::vector<std::string> CheckIndexes(const std::vector<Op>& ops) {
  return Witness(ops).Run();
}

}  // namespace trimaran::net

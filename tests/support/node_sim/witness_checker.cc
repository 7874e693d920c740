#include "tests/support/node_sim/witness_checker.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::node_sim {
namespace {

std::string Shown(const RowValue& value) { return value ? *value : "nothing"; }

}  // namespace

LogIndex WitnessChecker::FloorAt(SimTime when) const {
  const auto after = std::upper_bound(
      floors_.begin(), floors_.end(), when,
      [](SimTime at, const auto& rise) { return at < rise.first; });
  return after == floors_.begin() ? LogIndex() : std::prev(after)->second;
}

void WitnessChecker::Raise(LogIndex index, SimTime now) {
  if (index <= floor_) return;
  floor_ = index;
  floors_.emplace_back(now, index);
}

void WitnessChecker::Report(Rule rule, const Op& op, const std::string& what) {
  findings_.Report(
      rule, absl::StrCat("op ", op.id, ", a ", ToAbsl(OpKindName(op.kind)),
                         " of ", op.keys.front(), " at replica ",
                         op.replica.value(), ", ", what));
}

void WitnessChecker::OnReturn(const Op& op, SimTime now) {
  const bool command = IsCommand(op.kind);
  if (command && op.outcome == OpOutcome::kNotApplied &&
      oracle_.EffectOf(op.id) != nullptr) {
    Report(Rule::kExactlyOnce, op, "is said not to be applied, and is");
  }
  if (op.outcome != OpOutcome::kOk) return;
  command ? CheckCommand(op) : CheckRead(op);
  // Others promise nothing to whoever comes later.
  if (command || op.kind == OpKind::kReadLinearizable ||
      op.kind == OpKind::kReadLease || op.kind == OpKind::kScan) {
    Raise(op.index, now);
  }
}

void WitnessChecker::CheckCommand(const Op& op) {
  const Oracle::Effect* effect = oracle_.EffectOf(op.id);
  if (effect == nullptr || effect->index != op.index) {
    Report(Rule::kExactlyOnce, op,
           absl::StrCat("is said to be applied at ", op.index.value(),
                        ", and is at ",
                        effect == nullptr ? 0 : effect->index.value()));
    return;
  }
  if (op.index <= op.floor) {
    Report(Rule::kIndexWitness, op,
           absl::StrCat("is at ", op.index.value(), ", though ",
                        op.floor.value(), " was known when it was called"));
  }
  if (effect->result.succeeded != op.succeeded) {
    Report(Rule::kIndexWitness, op, "has another answer than its entry");
  }
  const auto& reads = effect->result.reads;
  const RowValue read = reads.empty() ? RowValue() : reads.front();
  if (op.reads() && read != op.observed) {
    Report(Rule::kIndexWitness, op,
           absl::StrCat("has read ", Shown(op.observed), " where ", Shown(read),
                        " was"));
  }
}

void WitnessChecker::CheckRead(const Op& op) {
  const LogIndex least = std::max(op.floor, op.demanded);
  if (op.index < least) {
    Report(Rule::kIndexWitness, op,
           absl::StrCat("sees the state of ", op.index.value(),
                        ", not that of ", least.value()));
    return;
  }
  const bool scan = op.kind == OpKind::kScan;
  if (scan && op.scanned.size() != op.keys.size()) {
    return Report(Rule::kIndexWitness, op, "has not told of every key");
  }
  for (size_t i = 0; i < op.keys.size(); ++i) {
    const RowValue& read = scan ? op.scanned[i] : op.observed;
    const RowValue value = oracle_.ValueAt(op.keys[i], op.index);
    if (value == read) continue;
    Report(Rule::kIndexWitness, op,
           absl::StrCat("has read ", Shown(read), " in ", op.keys[i], " at ",
                        op.index.value(), " where ", Shown(value), " was"));
  }
}

void WitnessChecker::OnEnd(const History& history) {
  for (const Op& op : history.ops()) {
    if (!IsCommand(op.kind) || op.outcome != OpOutcome::kNotApplied) continue;
    if (oracle_.EffectOf(op.id) == nullptr) continue;
    Report(Rule::kExactlyOnce, op, "was said not to be applied, and is now");
  }
}

}  // namespace trimaran::node_sim

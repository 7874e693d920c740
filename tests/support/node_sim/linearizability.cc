#include "tests/support/node_sim/linearizability.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "tests/support/sim/mix.h"

namespace trimaran::node_sim {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

// One call as one key sees it.
struct Step {
  const Op* op = nullptr;
  // What the call has read of this key.
  const RowValue* observed = nullptr;
  uint64_t call = 0;
  // kNever: nobody knows.
  uint64_t end = kNever;
  // What it puts: nothing that anybody has noticed is all the same.
  RowValue value;
  // Of a step without an end: of those that can do the same, the one that was
  // called next after this; 0: none.
  size_t next_alike = 0;
  // One that can do the same was called before, and is not done yet.
  bool behind_another = false;
  bool done = false;
};

bool KnownToBeDone(const Op& op) { return op.outcome == OpOutcome::kOk; }

bool Counts(const Op& op) {
  switch (op.kind) {
    case OpKind::kReadAtLeast:
    case OpKind::kReadBounded:
      return false;
    case OpKind::kReadByCommand:
    case OpKind::kReadLinearizable:
    case OpKind::kReadLease:
    case OpKind::kScan:
      // A read without an answer tells nothing.
      return KnownToBeDone(op);
    default:
      return op.outcome != OpOutcome::kNotApplied;
  }
}

// Whether `step` can have its answer where the row is `row`, and what the row
// is then.
bool Fits(const Step& step, const RowValue& row, RowValue& after) {
  const Op& op = *step.op;
  after = row;
  switch (op.kind) {
    case OpKind::kPut:
    case OpKind::kPutSeveral:
      after = step.value;
      return true;
    case OpKind::kDelete:
      after = std::nullopt;
      return true;
    case OpKind::kCompareAndPut: {
      const bool holds = row == op.expected;
      if (holds) after = step.value;
      return !KnownToBeDone(op) || holds == op.succeeded;
    }
    case OpKind::kSwap:
      after = step.value;
      return !KnownToBeDone(op) || row == *step.observed;
    default:
      return row == *step.observed;
  }
}

// The value that the row must have had; null if it may have been absent, or
// anything.
const std::string* Witnessed(const Step& step) {
  const Op& op = *step.op;
  if (!KnownToBeDone(op)) return nullptr;
  const bool compares = op.kind == OpKind::kCompareAndPut && op.succeeded;
  const RowValue* seen = compares ? &op.expected : step.observed;
  if (!compares && !op.reads()) return nullptr;
  return seen->has_value() ? &**seen : nullptr;
}

bool ChangesNothing(const Op& op) {
  return !IsCommand(op.kind) || op.kind == OpKind::kReadByCommand;
}

// The search for one key.
class Search {
 public:
  Search(std::vector<Step> steps, uint64_t steps_max)
      : steps_(std::move(steps)),
        budget_(steps_max),
        used_(steps_.size() / 64 + 1) {
    for (const Step& step : steps_) {
      if (step.end != kNever) ++known_left_;
      const std::string* seen = Witnessed(step);
      if (seen != nullptr) ++witnesses_left_[*seen];
    }
  }

  LinearizabilityResult::Verdict Run() {
    path_.push_back(Enter());
    while (!path_.empty()) {
      if (known_left_ == 0) {
        return LinearizabilityResult::Verdict::kLinearizable;
      }
      if (++taken_ > budget_) {
        return LinearizabilityResult::Verdict::kBudgetExhausted;
      }
      if (!TryNext(path_.back())) Leave();
    }
    return LinearizabilityResult::Verdict::kNot;
  }
  uint64_t taken() const { return taken_; }

 private:
  using Fingerprint = std::pair<uint64_t, uint64_t>;
  // A point of the search: what may come next, and what has been tried.
  struct Point {
    std::vector<size_t> candidates;
    size_t next = 0;
    // What was done to get here; none at the start.
    std::optional<size_t> chosen;
    RowValue row_before;
  };

  // Those that nothing undone has to come before, what is sure to have
  // happened first: what nobody knows the end of explains an answer at most.
  Point Enter() {
    while (first_ < steps_.size() && steps_[first_].done) ++first_;
    uint64_t bound = kNever;
    for (size_t i = first_; i < steps_.size(); ++i) {
      if (steps_[i].call > bound) break;
      if (!steps_[i].done) bound = std::min(bound, steps_[i].end);
    }
    Point point;
    for (size_t i = first_; i < steps_.size(); ++i) {
      if (steps_[i].call > bound) break;
      if (!steps_[i].done && !steps_[i].behind_another) {
        point.candidates.push_back(i);
      }
    }
    std::stable_sort(
        point.candidates.begin(), point.candidates.end(),
        [this](size_t a, size_t b) { return steps_[a].end < steps_[b].end; });
    // What fits and changes nothing may always come at once.
    for (const size_t i : point.candidates) {
      RowValue after;
      if (ChangesNothing(*steps_[i].op) && Fits(steps_[i], row_, after)) {
        point.candidates = {i};
        break;
      }
    }
    return point;
  }

  bool TryNext(Point& point) {
    while (point.next < point.candidates.size()) {
      const size_t i = point.candidates[point.next++];
      RowValue after;
      if (!Fits(steps_[i], row_, after)) continue;
      // What may or may not have happened, and changes nothing, need not have.
      if (steps_[i].end == kNever && after == row_) continue;
      Mark(i, true);
      if (IsMissed(after) || HasLedNowhere(after)) {
        Mark(i, false);
        continue;
      }
      RowValue before = std::exchange(row_, std::move(after));
      Point entered = Enter();
      entered.chosen = i;
      entered.row_before = std::move(before);
      path_.push_back(std::move(entered));
      return true;
    }
    return false;
  }

  void Leave() {
    Point left = std::move(path_.back());
    path_.pop_back();
    if (!left.chosen) return;
    Mark(*left.chosen, false);
    row_ = std::move(left.row_before);
    first_ = std::min(first_, *left.chosen);
  }

  void Mark(size_t i, bool done) {
    steps_[i].done = done;
    if (steps_[i].next_alike > 0) {
      steps_[steps_[i].next_alike].behind_another = !done;
    }
    const std::string* seen = Witnessed(steps_[i]);
    if (seen != nullptr) witnesses_left_[*seen] += done ? -1 : 1;
    if (steps_[i].end == kNever) {
      used_[i / 64] ^= uint64_t{1} << i % 64;
      return;
    }
    known_left_ += done ? -1 : 1;
    known_.first ^= sim::Mix(i, 1);
    known_.second ^= sim::Mix(i, 2);
  }

  // Whether the row would be overwritten, with a value that comes only once,
  // while there are still calls that have seen it.
  bool IsMissed(const RowValue& after) const {
    if (!row_ || after == row_) return false;
    const auto left = witnesses_left_.find(*row_);
    return left != witnesses_left_.end() && left->second > 0;
  }

  // Whether the search has been where everything known was done that is done
  // now, the row was `row`, and what need not have happened had not happened
  // any more than now. If not, it is there now.
  bool HasLedNowhere(const RowValue& row) {
    uint64_t hash = row ? 1 : 0;
    if (row) {
      for (const char c : *row) hash = hash * 131 + static_cast<uint8_t>(c);
    }
    const Fingerprint place = {sim::Mix(known_.first, hash),
                               sim::Mix(known_.second, hash)};
    std::vector<Used>& been = seen_[place];
    for (const Used& used : been) {
      if (IsPartOf(used, used_)) return true;
    }
    been.push_back(used_);
    return false;
  }

  // Which steps without an end have been done, by bits.
  using Used = std::vector<uint64_t>;
  static bool IsPartOf(const Used& part, const Used& whole) {
    for (size_t i = 0; i < part.size(); ++i) {
      if ((part[i] & ~whole[i]) != 0) return false;
    }
    return true;
  }

  std::vector<Step> steps_;
  const uint64_t budget_;
  uint64_t taken_ = 0;
  int64_t known_left_ = 0;
  // All before it are done.
  size_t first_ = 0;
  RowValue row_;
  // Of those steps with an end that are done.
  Fingerprint known_;
  Used used_;
  // By value: calls that are not done yet and have seen it.
  std::map<std::string, int> witnesses_left_;
  std::map<Fingerprint, std::vector<Used>> seen_;
  std::vector<Point> path_;
};

// Prepares the steps of one key, which are in the order of their calls.
class Preparation {
 public:
  explicit Preparation(std::vector<Step>& steps) : steps_(steps) {}

  void Run() {
    for (const Step& step : steps_) Notice(step);
    for (size_t i = 0; i < steps_.size(); ++i) Prepare(i);
  }

 private:
  void Notice(const Step& step) {
    const Op& op = *step.op;
    // Where nobody expects a value, its absence is noticed as well.
    if (op.kind == OpKind::kCompareAndPut && op.expected) {
      noticed_.emplace(*op.expected, kNever);
    }
    const std::string* seen = Witnessed(step);
    if (seen != nullptr) SeenBy(*seen, step.end);
  }
  void SeenBy(const std::string& value, uint64_t end) {
    uint64_t& first = noticed_.emplace(value, kNever).first->second;
    first = std::min(first, end);
  }

  void Prepare(size_t i) {
    Step& step = steps_[i];
    const Op& op = *step.op;
    step.value = op.value;
    if (op.kind == OpKind::kDelete) step.value = std::nullopt;
    if (step.value && !ChangesNothing(op)) {
      const auto noticed = noticed_.find(op.value);
      if (noticed == noticed_.end()) {
        step.value = "something";
      } else {
        // Whoever saw it came after it.
        step.end = std::min(step.end, noticed->second);
      }
    }
    if (step.end != kNever) return;
    const bool asks = op.kind == OpKind::kCompareAndPut;
    const Alike alike{step.value, asks, asks ? op.expected : RowValue()};
    const auto [last, first] = last_alike_.emplace(alike, i);
    if (first) return;
    step.behind_another = true;
    steps_[last->second].next_alike = i;
    last->second = i;
  }

  using Alike = std::tuple<RowValue, bool, RowValue>;

  std::vector<Step>& steps_;
  // Values, and when the first of those who saw it had its answer.
  std::map<std::string, uint64_t> noticed_;
  std::map<Alike, size_t> last_alike_;
};

}  // namespace

LinearizabilityResult CheckLinearizable(const std::vector<Op>& ops,
                                        uint64_t steps_max) {
  std::map<std::string, std::vector<Step>> by_key;
  for (const Op& op : ops) {
    if (!Counts(op)) continue;
    const uint64_t end = KnownToBeDone(op) ? op.return_order : kNever;
    for (size_t i = 0; i < op.keys.size(); ++i) {
      Step step;
      step.op = &op;
      step.observed = op.kind == OpKind::kScan ? &op.scanned[i] : &op.observed;
      step.call = op.call_order;
      step.end = end;
      by_key[op.keys[i]].push_back(std::move(step));
    }
  }
  LinearizabilityResult result;
  for (auto& [key, steps] : by_key) {
    Preparation(steps).Run();
    Search search(std::move(steps), steps_max);
    result.verdict = search.Run();
    result.steps += search.taken();
    result.key = key;
    if (result.verdict != LinearizabilityResult::Verdict::kLinearizable) break;
  }
  return result;
}

}  // namespace trimaran::node_sim

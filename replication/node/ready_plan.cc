#include "replication/node/ready_plan.h"

#include <iterator>
#include <utility>

#include "engine/base/check.h"

namespace trimaran {
namespace {

// `newer` replaces whatever stands at and behind its first index.
void MergeEntries(std::vector<LogEntry>& entries, std::vector<LogEntry> newer) {
  if (newer.empty()) return;
  while (!entries.empty() && entries.back().index >= newer.front().index) {
    entries.pop_back();
  }
  if (entries.empty()) {
    entries = std::move(newer);
    return;
  }
  TRIMARAN_CHECK_EQ(entries.back().index + 1, newer.front().index);
  entries.insert(entries.end(), std::make_move_iterator(newer.begin()),
                 std::make_move_iterator(newer.end()));
}

void Merge(WritePlan& plan, raft::PersistBatch batch) {
  TRIMARAN_CHECK_EQ(batch.seq.value(), plan.last.value() + 1);
  plan.last = batch.seq;
  MergeEntries(plan.entries, std::move(batch.entries));
  if (batch.hard_state) plan.hard_state = batch.hard_state;
  plan.must_sync = plan.must_sync || batch.must_sync;
  plan.messages_after.insert(
      plan.messages_after.end(),
      std::make_move_iterator(batch.messages_after.begin()),
      std::make_move_iterator(batch.messages_after.end()));
}

}  // namespace

std::vector<ReadyStep> PlanReady(raft::Ready ready) {
  std::vector<ReadyStep> steps;
  if (ready.soft_state) steps.emplace_back(AnnounceRole{*ready.soft_state});
  if (!ready.messages.empty()) {
    steps.emplace_back(SendNow{std::move(ready.messages)});
  }
  if (ready.persist) {
    if (ready.persist->snapshot) steps.emplace_back(ForgetQueuedApplies{});
    steps.emplace_back(BeginPersist{*std::move(ready.persist)});
  }
  if (!ready.apply.empty()) {
    steps.emplace_back(BeginApply{std::move(ready.apply)});
  }
  for (const raft::FetchRequest& fetch : ready.fetches) {
    steps.emplace_back(BeginFetch{fetch});
  }
  for (const raft::SnapshotRequest& request : ready.snapshot_requests) {
    steps.emplace_back(ProvideSnapshot{request});
  }
  if (!ready.read_results.empty() || !ready.lost_reads.empty()) {
    steps.emplace_back(FinishReads{std::move(ready.read_results),
                                   std::move(ready.lost_reads)});
  }
  return steps;
}

WritePlan PlanWrite(std::deque<raft::PersistBatch>& waiting) {
  TRIMARAN_CHECK(!waiting.empty());
  raft::PersistBatch first = std::move(waiting.front());
  waiting.pop_front();
  WritePlan plan;
  plan.install = std::move(first.snapshot);
  plan.entries = std::move(first.entries);
  plan.hard_state = first.hard_state;
  plan.must_sync = first.must_sync;
  plan.last = first.seq;
  plan.messages_after = std::move(first.messages_after);
  if (plan.install) return plan;

  uint64_t bytes = SizeBytes(plan.entries);
  while (!waiting.empty() && !waiting.front().snapshot) {
    bytes += SizeBytes(waiting.front().entries);
    if (bytes > kWriteBytesTarget) break;
    Merge(plan, std::move(waiting.front()));
    waiting.pop_front();
  }
  return plan;
}

}  // namespace trimaran

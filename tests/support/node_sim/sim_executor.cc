#include "tests/support/node_sim/sim_executor.h"

#include <utility>

namespace trimaran::node_sim {

SimExecutor::SimExecutor(Scheduler& scheduler, const SimClock& clock,
                         const LaneOptions& options, SeededRandom random,
                         Observer observer)
    : scheduler_(scheduler),
      clock_(clock),
      options_(options),
      random_(random),
      observer_(std::move(observer)) {
  for (size_t i = 0; i < kLaneKinds; ++i) {
    lanes_[i].Attach(this, static_cast<LaneKind>(i));
  }
}

Lanes SimExecutor::lanes() {
  return {.raft = &lanes_[0],
          .log = &lanes_[1],
          .apply = &lanes_[2],
          .maintenance = &lanes_[3]};
}

Scheduler::Event SimExecutor::WhileAlive(Scheduler::Event event) {
  return [alive = std::weak_ptr<bool>(alive_),
          event = std::move(event)]() mutable {
    if (!alive.expired()) event();
  };
}

void SimExecutor::Post(LaneKind kind, Task task) {
  if (heard_at_ <= scheduler_.now()) {
    Enqueue(kind, std::move(task));
  } else {
    PostWhen(kind, heard_at_, std::move(task));
  }
}

void SimExecutor::PostAt(LaneKind kind, MonotonicTime when, Task task) {
  PostWhen(kind, clock_.ToVirtual(when), std::move(task));
}

void SimExecutor::PostWhen(LaneKind kind, SimTime at, Task task) {
  const uint64_t number = ++last_number_;
  later_.emplace(number, Waiting{kind, std::move(task)});
  scheduler_.At(at, WhileAlive([this, number] {
                  Waiting item = std::move(later_.extract(number).mapped());
                  Enqueue(item.kind, std::move(item.task));
                }));
}

void SimExecutor::Enqueue(LaneKind kind, Task task) {
  Thread& thread = threads_[options_.thread[static_cast<size_t>(kind)]];
  thread.waiting.push_back({kind, std::move(task)});
  BeginNext(thread);
}

void SimExecutor::BeginNext(Thread& thread) {
  if (thread.running || paused_ || thread.waiting.empty()) return;
  thread.running = std::move(thread.waiting.front());
  thread.waiting.pop_front();
  const LaneKind kind = thread.running->kind;
  const SimTime end = scheduler_.now() + DrawCost(kind);
  // What the raft lane does is seen from outside at once, and so not before
  // its end.
  if (kind != LaneKind::kRaft && random_.OneIn(2)) {
    heard_at_ = end;
    Run(*thread.running);
    heard_at_ = 0;
  }
  EndAt(end, thread);
}

void SimExecutor::EndAt(SimTime end, Thread& thread) {
  scheduler_.At(end, WhileAlive([this, &thread] { End(thread); }));
}

void SimExecutor::End(Thread& thread) {
  if (paused_) {
    suspended_.push_back(&thread);
    return;
  }
  if (thread.running->task) Run(*thread.running);
  thread.running.reset();
  BeginNext(thread);
}

void SimExecutor::Run(Waiting& item) {
  std::exchange(item.task, nullptr)();
  observer_(item.kind);
}

void SimExecutor::Resume() {
  if (!paused_) return;
  paused_ = false;
  for (Thread* thread : std::exchange(suspended_, {})) {
    EndAt(scheduler_.now(), *thread);
  }
  for (Thread& thread : threads_) BeginNext(thread);
}

SimTime SimExecutor::DrawCost(LaneKind kind) {
  if (kind == LaneKind::kLog && random_.Chance(options_.stall_ppm)) {
    return options_.stall.Draw(random_);
  }
  return options_.cost[static_cast<size_t>(kind)].Draw(random_);
}

size_t SimExecutor::waiting() const {
  size_t sum = 0;
  for (const Thread& thread : threads_) sum += thread.waiting.size();
  return sum;
}

}  // namespace trimaran::node_sim

#include "tests/crash/log_scenario.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"

namespace trimaran::crash {
namespace {

// A step is this long, so that the floor is written every few of them.
constexpr absl::Duration kStepTime = absl::Milliseconds(300);

std::string Fingerprint(const engine::LogStore& log) {
  const engine::LogState state = log.state();
  return absl::StrCat(
      "last ", state.last.id.index.value(), "/", state.last.id.term.value(),
      " chain ", state.last.chain.value, " term ",
      state.hard_state.term.value(), " vote ", state.hard_state.vote.value(),
      " commit ", state.hard_state.commit.value(), " generation ",
      state.generation);
}

// After an error the log says no to everything, with that error, writes
// nothing, and can still be read.
absl::Status CheckFailedForGood(disk::SimDisk& disk, engine::SegmentLog& log,
                                const absl::Status& error,
                                const LogModel& model) {
  const uint64_t operations = disk.operation_count();
  const LogStep next = NextBatch(model, 1);
  const absl::Status answers[] = {
      log.failure(),
      log.Append({next.entries, next.hard_state, true}),
      log.Flush(),
      log.Reset({model.last(), model.hard_state, model.generation + 1}),
      log.RecycleStep(model.recycled).status(),
      log.WriteFloor()};
  for (const absl::Status& answer : answers) {
    if (answer != error) {
      return Violation(absl::StrCat("failed with ", error.ToString(),
                                    ", then said ", answer.ToString()));
    }
  }
  if (disk.operation_count() != operations) {
    return Violation("wrote after it had failed");
  }
  if (model.entries.empty()) return absl::OkStatus();
  const auto term = log.TermAt(model.base.id.index + 1);
  if (term.ok() || engine::IsCompacted(term.status())) return absl::OkStatus();
  return Violation("cannot be read after it had failed");
}

}  // namespace

LogUnderTest::LogUnderTest(disk::SimDisk& disk)
    : files_(disk), root_(disk.root()) {}

engine::SegmentLogOptions LogUnderTest::Options() {
  engine::SegmentLogOptions options;
  options.files = &files_;
  options.clock = &clock_;
  options.store = StoreId(7);
  options.directory = engine::JoinPath(root_, kScenarioLogDirectory);
  options.floor_path = engine::JoinPath(root_, kScenarioFloor);
  options.segment_bytes = 16 << 10;
  return options;
}

absl::Status LogUnderTest::Create(const engine::LogReset& start) {
  return engine::SegmentLog::Create(Options(), start);
}

absl::Status LogUnderTest::Open() {
  TRIMARAN_ASSIGN_OR_RETURN(engine::SegmentLog::Opened opened,
                            engine::SegmentLog::Open(Options()));
  log_ = std::move(opened.log);
  report_ = std::move(opened.report);
  return absl::OkStatus();
}

absl::Status LogUnderTest::Close() {
  TRIMARAN_RETURN_IF_ERROR(log_->Flush());
  log_.reset();
  return absl::OkStatus();
}

absl::Status LogUnderTest::Do(const LogStep& step) {
  clock_.Advance(kStepTime);
  switch (step.kind) {
    case LogStepKind::kCreate:
      TRIMARAN_RETURN_IF_ERROR(Create(step.reset));
      return Open();
    case LogStepKind::kAppend:
      return log_->Append({step.entries, step.hard_state, step.must_sync});
    case LogStepKind::kFlush:
      return log_->Flush();
    case LogStepKind::kReset:
      return log_->Reset(step.reset);
    case LogStepKind::kRecycle:
      log_->Compact(step.recycle_to);
      return log_->RecycleStep(step.recycle_to).status();
    case LogStepKind::kReopen:
      TRIMARAN_RETURN_IF_ERROR(Close());
      return Open();
  }
  return absl::OkStatus();
}

absl::Status LogScenario::Run(disk::SimDisk& disk) {
  LogUnderTest log(disk);
  for (uint64_t number = 1; number <= script_.size(); ++number) {
    BeginStep(disk, number);
    absl::Status status = log.Do(script_.step(number));
    if (!status.ok() && log.is_open() && log.log().failure().ok()) {
      // Then nothing has happened, and it can be repeated.
      TRIMARAN_RETURN_IF_ERROR(
          script_.Find(log.log(), number - 1, number).status());
      status = log.Do(script_.step(number));
    }
    if (!status.ok()) {
      if (!log.is_open() || log.log().failure().ok()) return status;
      TRIMARAN_RETURN_IF_ERROR(CheckFailedForGood(disk, log.log(), status,
                                                  script_.after(number - 1)));
      return status;
    }
    EndStep(disk, number);
    const auto found = script_.Find(log.log(), number, number + 1);
    if (!found.ok()) {
      return Violation(
          absl::StrCat("after step ", number, ": ", found.status().message()));
    }
  }
  return log.Close();
}

absl::Status LogScenario::Open(LogUnderTest& log,
                               const Progress& progress) const {
  if (progress.done == 0) {
    // Whoever was not told that there is a log makes one.
    const absl::Status created = log.Create(script_.step(1).reset);
    if (!created.ok() && !absl::IsAlreadyExists(created)) {
      return Violation(absl::StrCat("cannot be made: ", created.ToString()));
    }
  }
  const absl::Status opened = log.Open();
  if (opened.ok()) return opened;
  return Violation(absl::StrCat("does not open: ", opened.ToString()));
}

absl::StatusOr<uint64_t> LogScenario::Find(const engine::LogStore& log,
                                           const Progress& progress) const {
  const uint64_t first =
      std::max<uint64_t>(1, script_.LastPromise(progress.done));
  return script_.Find(log, first, std::max(first, progress.begun) + 1);
}

absl::StatusOr<std::string> LogScenario::Verify(disk::SimDisk& disk,
                                                const Progress& progress) {
  LogUnderTest log(disk);
  TRIMARAN_RETURN_IF_ERROR(Open(log, progress));
  MarkOpened(disk);
  TRIMARAN_RETURN_IF_ERROR(Find(log.log(), progress).status());
  return Fingerprint(log.log());
}

absl::Status LogScenario::Resume(disk::SimDisk& disk,
                                 const Progress& progress) {
  LogUnderTest log(disk);
  TRIMARAN_RETURN_IF_ERROR(Open(log, progress));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t found, Find(log.log(), progress));
  // Enough to begin another segment.
  LogModel model = script_.after(found);
  model.recycled = model.last().id.index;
  for (int i = 0; i < 3; ++i) {
    const LogStep next = NextBatch(model, 5);
    TRIMARAN_RETURN_IF_ERROR(log.Do(next));
    model.Append(next.entries);
    model.hard_state = *next.hard_state;
  }
  TRIMARAN_RETURN_IF_ERROR(log.Close());
  TRIMARAN_RETURN_IF_ERROR(log.Open());
  return CompareWithModel(log.log(), model);
}

}  // namespace trimaran::crash

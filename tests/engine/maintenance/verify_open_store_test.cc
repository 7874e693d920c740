// Goal: a store that is being used can be verified, and what changes meanwhile
// is not taken for damage.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/errors.h"
#include "engine/format/command.h"
#include "engine/founding.h"
#include "engine/log/log_store.h"
#include "engine/maintenance/open_verification.h"
#include "engine/maintenance/verifier.h"
#include "engine/snapshot/installer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/maintenance/store_on_disk.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class VerifyOpenStoreTest : public StoreOnDiskTest {
 protected:
  // In one entry.
  static void WriteRows(Engine& engine, size_t count) {
    std::vector<std::string> keys(count);
    WriteCommand rows;
    for (size_t i = 0; i < keys.size(); ++i) {
      keys[i] = std::to_string(i);
      rows.operations.emplace_back(PutOp{kDefaultFamily, keys[i], "value"});
    }
    EntryEncoder encoder;
    ASSERT_TRUE(encoder.Add({std::nullopt, rows}).ok());
    WriteEntry(engine, EntryType::kNormal, Payload(encoder.Take()));
  }

  // What the state is now, as another generation of it.
  static std::unique_ptr<StateImport> Import(Engine& engine) {
    const auto rows = engine.machine().NewExport();
    auto import = engine.machine().NewImport();
    EXPECT_TRUE(rows.ok() && import.ok());
    StateRecord row;
    while ((*rows)->Next(row).value()) EXPECT_TRUE((*import)->Add(row).ok());
    EXPECT_TRUE((*import)->Finish((*rows)->position()).ok());
    return *std::move(import);
  }
  // The first half of the switch to it.
  static void ResetLog(Engine& engine, const StateImport& import) {
    const LogPosition applied = engine.machine().applied().applied;
    const HardState hard =
        HardStateAfterInstall(engine.log().state().hard_state, applied.id);
    EXPECT_TRUE(engine.log().Reset({applied, hard, import.generation()}).ok());
  }
};

// All steps, one after the other.
absl::StatusOr<Verification> VerifyOpenStore(const OpenStore& store,
                                             const VerifyOptions& options) {
  OpenVerification verification(store, options.depth);
  for (;;) {
    const auto more = verification.Step(options.progress);
    if (!more.ok()) return more.status();
    if (!*more) return verification.Take();
  }
}

TEST_F(VerifyOpenStoreTest, StoreAtWorkHasNoFindings) {
  const auto engine = MakeStore();
  // Compacts beyond the last checkpoint.
  WriteNumbered(*engine, 100);
  const OpenStore store{GroupId(1), &engine->log(), &engine->machine()};

  for (const VerifyDepth depth : {VerifyDepth::kQuick, VerifyDepth::kFull}) {
    VerifyOptions options;
    options.depth = depth;
    const auto found = VerifyOpenStore(store, options);
    EXPECT_THAT(FindingsOf(found), IsEmpty());
    ASSERT_TRUE(found.ok());
    EXPECT_GT(found->report.Find("log")->examined(), 0u);
    EXPECT_EQ(found->digest.has_value(), depth == VerifyDepth::kFull);
  }
}

TEST_F(VerifyOpenStoreTest, StateThatIsNotOfTheLogIsFoundAtWork) {
  const auto engine = MakeStore();
  WriteNumbered(*engine, 10);
  const std::string directory = home_.Beside("other");
  ASSERT_TRUE(FoundGroup(home_.options_at(directory), SoleStore()).ok());
  const auto other = Engine::Open(home_.options_at(directory));
  ASSERT_TRUE(other.ok()) << other.status();
  WritePuts(**other, 10);

  const auto found = VerifyOpenStore(
      {GroupId(1), &engine->log(), &(*other)->machine()}, VerifyOptions());

  EXPECT_THAT(FindingsOf(found), HasSubstr("agreement: damage: "));
  EXPECT_THAT(FindingsOf(found), HasSubstr("chains differ"));
}

// A log whose last entries are replaced between two reads of one verification,
// as a new leader does to a follower.
class ReplacedLog final : public LogStore {
 public:
  // So many times, each while the log is read for another time.
  ReplacedLog(LogStore& log, int times) : log_(log), times_left_(times) {}

  absl::Status Append(const LogBatch& batch) override {
    return log_.Append(batch);
  }
  absl::Status Reset(const LogReset& reset) override {
    return log_.Reset(reset);
  }
  absl::Status Flush() override { return log_.Flush(); }
  absl::Status Owe(EntryId owed) override { return log_.Owe(owed); }
  void Compact(LogIndex truncated) override { log_.Compact(truncated); }
  absl::StatusOr<bool> RecycleStep(LogIndex bound) override {
    return log_.RecycleStep(bound);
  }
  LogState state() const override { return log_.state(); }
  absl::Status failure() const override { return log_.failure(); }
  LogIndex truncated() const override { return log_.truncated(); }
  uint64_t file_bytes() const override { return log_.file_bytes(); }
  absl::StatusOr<std::vector<LogEntry>> Entries(
      LogIndex first, LogIndex end, const ReadLimits& limits) const override {
    // Not the first read of a look.
    if (first > log_.truncated() + 1 && times_left_ > 0) {
      --times_left_;
      ReplaceEnd();
    }
    return log_.Entries(first, end, limits);
  }
  absl::StatusOr<Term> TermAt(LogIndex index) const override {
    return log_.TermAt(index);
  }
  absl::StatusOr<ChainValue> ChainAt(LogIndex index) const override {
    return log_.ChainAt(index);
  }
  std::vector<TermRun> TermsAfter(LogIndex after) const override {
    return log_.TermsAfter(after);
  }
  std::vector<LogIndex> ConfChangesAfter(LogIndex after) const override {
    return log_.ConfChangesAfter(after);
  }

  int times_left() const { return times_left_; }

 private:
  void ReplaceEnd() const {
    const LogState state = log_.state();
    const Term term = state.hard_state.term + 1;
    std::vector<LogEntry> entries;
    for (LogIndex index = state.last.id.index - 100;
         index < state.last.id.index - 10; ++index) {
      entries.push_back({index, term, EntryType::kNormal, Payload()});
    }
    const HardState hard{term, kNoReplica, state.hard_state.commit};
    EXPECT_TRUE(log_.Append({entries, hard, true}).ok());
  }

  LogStore& log_;
  mutable int times_left_;
};

TEST_F(VerifyOpenStoreTest, EntriesThatAreReplacedMeanwhileAreNoDamage) {
  const auto engine = MakeStore();
  auto replica = SoleReplica::Start(*engine);
  ASSERT_TRUE(replica.ok()) << replica.status();
  // More than one read takes.
  std::vector<LogEntry> entries(5000);
  LogIndex index = replica->last().index;
  for (LogEntry& entry : entries) {
    index = index + 1;
    entry = {index, replica->term(), EntryType::kNormal, Payload()};
  }
  LogBatch batch;
  batch.entries = entries;
  batch.hard_state = engine->log().state().hard_state;
  batch.hard_state->term = replica->term();
  batch.must_sync = true;
  ASSERT_TRUE(engine->log().Append(batch).ok());

  const ReplacedLog log(engine->log(), 2);
  const OpenStore store{GroupId(1), &log, &engine->machine()};
  const auto found = VerifyOpenStore(store, VerifyOptions());
  EXPECT_EQ(log.times_left(), 0);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FindingsOf(found), IsEmpty());

  const ReplacedLog restless(engine->log(), 1000);
  EXPECT_EQ(VerifyOpenStore({GroupId(1), &restless, &engine->machine()},
                            VerifyOptions())
                .status()
                .code(),
            absl::StatusCode::kAborted);
}

TEST_F(VerifyOpenStoreTest, WhatIsCompactedWhileRowsAreReadIsNoDamage) {
  const auto engine = MakeStore();
  // More than is read between two looks at whether to go on.
  WriteRows(*engine, 5000);
  const LogIndex applied = engine->machine().applied().applied.id.index;
  VerifyOptions options;
  options.progress = [&](const WorkProgress& progress) {
    if (progress.step != "state") return true;
    while (engine->log().truncated() <= applied) WriteNumbered(*engine, 20);
    return true;
  };

  const auto found = VerifyOpenStore(
      {GroupId(1), &engine->log(), &engine->machine()}, options);

  EXPECT_GT(engine->log().truncated(), applied);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FindingsOf(found), IsEmpty());
  EXPECT_EQ(found->digest->position.id.index, applied);
}

TEST_F(VerifyOpenStoreTest, OthersWorkBetweenItsSteps) {
  const auto engine = MakeStore();
  WriteRows(*engine, 20000);
  const LogIndex applied = engine->machine().applied().applied.id.index;
  OpenVerification verification(
      {GroupId(1), &engine->log(), &engine->machine()}, VerifyDepth::kFull);

  int steps = 0;
  for (bool more = true; more; ++steps) {
    const auto stepped = verification.Step(nullptr);
    ASSERT_TRUE(stepped.ok()) << stepped.status();
    more = *stepped;
    WriteNumbered(*engine, 20);
    EXPECT_TRUE(engine->machine().Checkpoint().ok());
  }
  // The log, and 8192 rows at a time.
  EXPECT_EQ(steps, 4);
  const Verification found = verification.Take();
  EXPECT_FALSE(found.report.damaged());
  ASSERT_TRUE(found.digest.has_value());
  EXPECT_EQ(found.digest->position.id.index, applied);
}

TEST_F(VerifyOpenStoreTest, HalfOfAnInstallationIsLookedAtAgain) {
  const auto engine = MakeStore();
  WriteRows(*engine, 20000);
  const auto import = Import(*engine);
  ResetLog(*engine, *import);
  const OpenStore store{GroupId(1), &engine->log(), &engine->machine()};
  for (const VerifyDepth depth : {VerifyDepth::kQuick, VerifyDepth::kFull}) {
    VerifyOptions options;
    options.depth = depth;
    const auto found = VerifyOpenStore(store, options);
    EXPECT_TRUE(absl::IsAborted(found.status())) << FindingsOf(found);
  }
  OpenVerification verification(store, VerifyDepth::kFull);
  ASSERT_TRUE(verification.Step(nullptr).value());

  ASSERT_TRUE(engine->machine().SwitchTo(import->generation()).ok());

  while (verification.Step(nullptr).value()) {
  }
  const absl::StatusOr<Verification> found = verification.Take();
  EXPECT_THAT(FindingsOf(found), IsEmpty());
  EXPECT_EQ(found->digest->position, engine->machine().applied().applied);
}

TEST_F(VerifyOpenStoreTest, InstallationsWhileRowsAreReadAreNoDamage) {
  const auto engine = MakeStore();
  WriteRows(*engine, 30000);
  const LogPosition applied = engine->machine().applied().applied;
  OpenVerification verification(
      {GroupId(1), &engine->log(), &engine->machine()}, VerifyDepth::kFull);
  ASSERT_TRUE(verification.Step(nullptr).value());

  for (int i = 0; i < 2; ++i) {
    const auto import = Import(*engine);
    ResetLog(*engine, *import);
    ASSERT_TRUE(verification.Step(nullptr).value());
    ASSERT_TRUE(engine->machine().SwitchTo(import->generation()).ok());
    ASSERT_TRUE(engine->machine().Checkpoint().ok());
    WritePuts(*engine, 50);
  }

  while (verification.Step(nullptr).value()) {
  }
  const absl::StatusOr<Verification> found = verification.Take();
  EXPECT_THAT(FindingsOf(found), IsEmpty());
  EXPECT_EQ(found->digest->position, applied);
}

TEST_F(VerifyOpenStoreTest, WhatIsCompactedWhileTheLogIsReadIsLookedAtAgain) {
  const auto engine = MakeStore();
  WritePuts(*engine, 5000);
  int times_left = 2;
  VerifyOptions options;
  options.progress = [&](const WorkProgress& progress) {
    if (progress.step != "log" || times_left == 0) return true;
    --times_left;
    engine->log().Compact(engine->log().truncated() + 1);
    return true;
  };
  const OpenStore store{GroupId(1), &engine->log(), &engine->machine()};

  const auto found = VerifyOpenStore(store, options);
  EXPECT_EQ(times_left, 0);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FindingsOf(found), IsEmpty());

  times_left = 1000;
  EXPECT_TRUE(absl::IsAborted(VerifyOpenStore(store, options).status()));
}

TEST_F(VerifyOpenStoreTest, VerificationAtWorkCanBeCancelled) {
  const auto engine = MakeStore();
  auto replica = SoleReplica::Start(*engine);
  ASSERT_TRUE(replica.ok()) << replica.status();
  std::vector<LogEntry> entries(5000);
  LogIndex index = replica->last().index;
  for (LogEntry& entry : entries) {
    index = index + 1;
    entry = {index, replica->term(), EntryType::kNormal, Payload()};
  }
  ASSERT_TRUE(replica->Append(std::move(entries)).ok());
  uint64_t examined = 0;
  VerifyOptions options;
  options.progress = [&](const WorkProgress& progress) {
    EXPECT_EQ(progress.step, "log");
    EXPECT_GE(progress.total, 5000u);
    examined = progress.done;
    return false;
  };

  const auto cancelled = VerifyOpenStore(
      {GroupId(1), &engine->log(), &engine->machine()}, options);

  EXPECT_EQ(cancelled.status().code(), absl::StatusCode::kCancelled)
      << FindingsOf(cancelled);
  EXPECT_GT(examined, 0u);
  EXPECT_LT(examined, 5000u);
}

}  // namespace
}  // namespace trimaran::engine

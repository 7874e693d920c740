// Kills a process that writes, again and again, at moments that nobody has
// chosen, on a real disk; and compares what is left with a model each time.
//
// A child appends, applies, checkpoints, compacts and recycles as fast as it
// can, and reports every batch that is durable through a pipe. The parent kills
// it, opens a copy of the directory, and looks for every reported entry. The
// next child starts from what the last one has left, so that recoveries follow
// each other without a clean close.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/engine.h"
#include "engine/founding.h"
#include "gtest/gtest.h"
#include "tests/support/engine/numbered_entries.h"
#include "tests/support/engine/sole_replica.h"
#include "tests/support/engine/temp_home.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kSeed = 20261121;
constexpr uint64_t kBatchMax = 8;

// What the child says when something is durable: the log's last entry.
struct Report {
  uint64_t index;
  uint64_t term;
};

// ---- The child ----

// Ends the child, without any of the parent's tests taking notice.
[[noreturn]] void Die(const absl::Status& status) {
  ADD_FAILURE() << "child: " << status;
  _exit(1);
}

void Maintain(Engine& engine) {
  while (true) {
    const absl::StatusOr<AppliedState> durable = engine.Checkpoint();
    if (!durable.ok()) Die(durable.status());
  }
}

void Tell(int pipe, EntryId last) {
  const Report report{last.index.value(), last.term.value()};
  // A pipe takes so few bytes whole.
  if (write(pipe, &report, sizeof(report)) != sizeof(report)) _exit(2);
}

[[noreturn]] void WriteUntilKilled(const EngineOptions& options, uint64_t seed,
                                   int pipe) {
  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
  if (!engine.ok()) Die(engine.status());
  absl::StatusOr<SoleReplica> replica = SoleReplica::Start(**engine);
  if (!replica.ok()) Die(replica.status());
  absl::Status status = replica->ApplyAll();
  if (!status.ok()) Die(status);
  Tell(pipe, replica->last());
  std::thread maintenance([&engine] { Maintain(**engine); });
  SeededRandom random(seed);
  while (true) {
    status = replica->AppendNumbered(kSeed, 1 + random.Uniform(kBatchMax));
    if (!status.ok()) Die(status);
    Tell(pipe, replica->last());
    status = replica->ApplyAll(1 + random.Uniform(10));
    if (!status.ok()) Die(status);
    absl::StatusOr<bool> more = (*engine)->RecycleLog();
    if (!more.ok()) Die(more.status());
    more = (*engine)->machine().CollectGarbage(10);
    if (!more.ok()) Die(more.status());
  }
}

// ---- The parent ----

class KillLoopTest : public ::testing::Test {
 protected:
  KillLoopTest() {
    const absl::Status founded = FoundGroup(home_.options(), SoleStore());
    TRIMARAN_CHECK(founded.ok()) << founded;
  }

  static ModelStateDisk::Options InitialModel() {
    ModelStateDisk::Options model;
    model.state.progress = {
        .applied = {.id = kBootstrapPosition, .chain = ChainValue()},
        .truncated = kBootstrapPosition};
    model.state.region = {.epoch = {.conf_version = 1, .version = 1},
                          .conf = SoleConf(),
                          .members = {}};
    return model;
  }

  // Lets a child write until it has reported `reports` times, or died.
  void RunChild(uint64_t seed, uint64_t reports) {
    int ends[2];
    TRIMARAN_CHECK_EQ(pipe(ends), 0);
    const pid_t child = fork();
    TRIMARAN_CHECK_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      WriteUntilKilled(home_.options(), seed, ends[1]);
    }
    close(ends[1]);
    for (uint64_t i = 0; i < reports; ++i) {
      if (!HearReport(ends[0])) break;
    }
    kill(child, SIGKILL);
    // What it had said before it died counts as well.
    while (HearReport(ends[0])) {
    }
    close(ends[0]);
    int how = 0;
    ASSERT_EQ(waitpid(child, &how, 0), child);
    ASSERT_TRUE(WIFSIGNALED(how)) << "the child ended by itself: " << how;
  }

  bool HearReport(int pipe) {
    Report report;
    if (read(pipe, &report, sizeof(report)) != sizeof(report)) return false;
    Note({LogIndex(report.index), Term(report.term)});
    durable_ = LogIndex(report.index);
    return true;
  }

  // The log ends with `last` or goes on behind it; entries that were not known
  // before are of its term.
  void Note(EntryId last) {
    while (terms_.size() <= last.index.value()) terms_.push_back(last.term);
  }

  LogEntry Expected(LogIndex index) const {
    const LogIndex compacted = CompactedBy(kSeed, index);
    return NumberedEntry(kSeed, {index, terms_[index.value()]},
                         terms_[compacted.value()]);
  }

  void CatchUp(LogIndex index, StateMachine& model) {
    while (model.applied().applied.id.index < index) {
      const LogIndex next = model.applied().applied.id.index + 1;
      const CommittedEntry entry{.entry = Expected(next), .conf = std::nullopt};
      const auto applied = model.Apply({&entry, 1});
      ASSERT_TRUE(applied.ok()) << applied.status();
    }
  }

  void ExpectEqualStates(Engine& engine, StateMachine& model) {
    CatchUp(engine.machine().applied().applied.id.index, model);
    EXPECT_EQ(engine.machine().applied(), model.applied());
    auto found = engine.machine().NewExport();
    ASSERT_TRUE(found.ok()) << found.status();
    auto wanted = model.NewExport();
    ASSERT_TRUE(wanted.ok()) << wanted.status();
    ExpectEqualStreams(**found, **wanted);
  }

  void ExpectEqualStreams(StateExport& found, StateExport& wanted) {
    StateRecord record;
    StateRecord wanted_record;
    while (true) {
      const absl::StatusOr<bool> more = found.Next(record);
      ASSERT_TRUE(more.ok()) << more.status();
      ASSERT_EQ(wanted.Next(wanted_record).value(), *more);
      if (!*more) return;
      ASSERT_EQ(absl::BytesToHexString(ToAbsl(record.key)),
                absl::BytesToHexString(ToAbsl(wanted_record.key)));
      ASSERT_EQ(absl::BytesToHexString(ToAbsl(record.value)),
                absl::BytesToHexString(ToAbsl(wanted_record.value)))
          << "under " << absl::BytesToHexString(ToAbsl(record.key)) << " at "
          << found.position().id;
    }
  }

  // Everything that was reported is there, nothing is there that was not
  // written, and the states are those of the model before and after the log is
  // applied again.
  void Verify(const std::string& directory) {
    auto engine = Engine::Open(home_.options_at(directory));
    ASSERT_TRUE(engine.ok()) << engine.status();
    const LogState log = (*engine)->log().state();
    ASSERT_GE(log.last.id.index, durable_);
    Note(log.last.id);
    ASSERT_EQ(log.last.id.index.value() + 1, terms_.size())
        << "what had been found after an earlier kill is gone";
    EXPECT_FALSE(log.owed.has_value());
    for (LogIndex index = (*engine)->log().truncated() + 1;
         index <= log.last.id.index; ++index) {
      const auto entries = (*engine)->log().Entries(index, index + 1, {});
      ASSERT_TRUE(entries.ok()) << entries.status();
      ASSERT_EQ(entries->front(), Expected(index)) << index;
    }
    ExpectEqualStates(**engine, checkpointed_.machine);
    auto replica = SoleReplica::Start(**engine);
    ASSERT_TRUE(replica.ok()) << replica.status();
    const absl::Status applied = replica->ApplyAll();
    ASSERT_TRUE(applied.ok()) << applied;
    ExpectEqualStates(**engine, replayed_.machine);
    const absl::Status closed = (*engine)->Close();
    EXPECT_TRUE(closed.ok()) << closed;
  }

  struct Model {
    ModelStateDisk disk{InitialModel()};
    ModelStateMachine machine{disk, 1};
  };

  TempHome home_{TempHome::Place::kDisk};
  // What the last checkpoint should hold, and what the log leads to. Neither
  // ever goes back.
  Model checkpointed_;
  Model replayed_;
  // By index; what stands before the bootstrap position does not matter.
  std::vector<Term> terms_ =
      std::vector<Term>(kBootstrapPosition.index.value() + 1);
  LogIndex durable_;
};

int Rounds() {
  int rounds = 100;
  if (const char* text = std::getenv("TRIMARAN_KILLS"); text != nullptr) {
    TRIMARAN_CHECK(absl::SimpleAtoi(text, &rounds)) << text;
  }
  return rounds;
}

TEST_F(KillLoopTest, NothingReportedIsEverLost) {
  SeededRandom random(kSeed);
  const std::string copy = home_.Beside("copy");
  for (int round = 0; round < Rounds(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    RunChild(random.Next(), random.OneIn(10) ? 0 : random.Uniform(60));
    if (HasFatalFailure()) return;
    std::filesystem::copy(home_.path(), copy,
                          std::filesystem::copy_options::recursive);
    Verify(copy);
    if (HasFailure()) return;
    std::filesystem::remove_all(copy);
  }
  RecordProperty("entries", static_cast<int>(terms_.size()));
}

}  // namespace
}  // namespace trimaran::engine

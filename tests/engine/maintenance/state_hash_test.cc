// Goal: replicas that have applied the same log have the same digest, however
// they came to their state; any difference between states shows.

#include "engine/maintenance/state_hash.h"

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/errors.h"
#include "engine/format/command.h"
#include "engine/kv/state_machine.h"
#include "gtest/gtest.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::engine {
namespace {

constexpr GroupId kGroup{1};

CommittedEntry Entry(uint64_t index, const CommandBody& body) {
  EntryEncoder encoder;
  EXPECT_TRUE(encoder.Add({std::nullopt, body}).ok());
  return {
      {LogIndex(index), Term(1), EntryType::kNormal, Payload(encoder.Take())},
      std::nullopt};
}

CommittedEntry Put(uint64_t index, std::string_view key,
                   std::string_view value) {
  return Entry(index,
               WriteCommand{{}, {PutOp{kDefaultFamily, key, value}}, {}});
}

class Replica {
 public:
  Replica() = default;

  void Apply(const std::vector<CommittedEntry>& entries) {
    ASSERT_TRUE(machine_.Apply(entries).ok());
  }
  StateDigest Digest() {
    const auto state = machine_.NewExport();
    EXPECT_TRUE(state.ok());
    const auto digest = HashState(kGroup, **state);
    EXPECT_TRUE(digest.ok()) << digest.status();
    return digest.ok() ? *digest : StateDigest();
  }
  // Its state as another one's, under a new generation.
  void InstallFrom(Replica& other) {
    const auto state = other.machine_.NewExport();
    const auto import = machine_.NewImport();
    ASSERT_TRUE(state.ok() && import.ok());
    StateRecord record;
    while (*(*state)->Next(record)) {
      ASSERT_TRUE((*import)->Add(record).ok());
    }
    ASSERT_TRUE((*import)->Finish((*state)->position()).ok());
    ASSERT_TRUE(machine_.SwitchTo((*import)->generation()).ok());
  }

  ModelStateMachine& machine() { return machine_; }

 private:
  static ModelStateDisk::Options Options() {
    ModelStateDisk::Options options;
    options.group = kGroup;
    options.state.region.conf.voters = {ReplicaId(1)};
    return options;
  }

  ModelStateDisk disk_{Options()};
  ModelStateMachine machine_{disk_, 1};
};

std::vector<CommittedEntry> SomeEntries() {
  return {Put(1, "a", "1"),
          Entry(2, CreateFamilyCommand{"index"}),
          Entry(3, OpenSessionCommand{}),
          Put(4, "b", "2"),
          Put(5, "a", "3"),
          Entry(6, CompactLogCommand{LogIndex(3), Term(1)})};
}

TEST(StateHashTest, TheSameLogGivesTheSameDigestInWhateverBatches) {
  Replica one;
  Replica other;
  one.Apply(SomeEntries());
  for (const CommittedEntry& entry : SomeEntries()) other.Apply({entry});
  EXPECT_EQ(one.Digest(), other.Digest());
  EXPECT_EQ(one.Digest().position, one.machine().applied().applied);
}

TEST(StateHashTest, GenerationAndTruncationDoNotCount) {
  Replica one;
  Replica installed;
  one.Apply(SomeEntries());
  installed.InstallFrom(one);
  ASSERT_NE(installed.machine().generation(), one.machine().generation());
  ASSERT_NE(installed.machine().applied().truncated,
            one.machine().applied().truncated);
  EXPECT_EQ(installed.Digest(), one.Digest());
  const std::vector<CommittedEntry> next = {Put(7, "c", "4")};
  one.Apply(next);
  installed.Apply(next);
  EXPECT_EQ(installed.Digest(), one.Digest());
}

TEST(StateHashTest, EveryDifferenceShows) {
  const std::vector<std::vector<CommittedEntry>> histories = {
      {},
      {Put(1, "a", "1")},
      {Put(1, "a", "2")},
      {Put(1, "b", "1")},
      {Put(1, "a", "1"), Put(2, "a", "1")},
      {Put(1, "b", "1"), Put(2, "a", "1")},
      {Put(1, "a", "1"), Entry(2, CreateFamilyCommand{"f"})},
      {Put(1, "a", "1"), Entry(2, OpenSessionCommand{})},
  };
  std::vector<StateDigest> digests;
  for (const auto& history : histories) {
    Replica replica;
    if (!history.empty()) replica.Apply(history);
    digests.push_back(replica.Digest());
  }
  for (size_t i = 0; i < digests.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(digests[i].summary.hash, digests[j].summary.hash)
          << i << " and " << j;
    }
  }
}

// Rows and bytes, of which either ends a step.
TEST(StateHashTest, StepsGiveTheSameAsAllAtOnce) {
  Replica replica;
  replica.Apply(SomeEntries());
  constexpr uint64_t many = 1000000;
  for (const auto& [rows_max, bytes_max, rows] :
       {std::tuple(uint64_t{2}, many, uint64_t{2}),
        std::tuple(many, uint64_t{1}, uint64_t{1})}) {
    const auto state = replica.machine().NewExport();
    ASSERT_TRUE(state.ok());
    StateHashJob job(kGroup, **state);
    uint64_t steps = 0;
    while (*job.Step(rows_max, bytes_max))
      EXPECT_EQ(job.rows(), rows * ++steps);
    EXPECT_GT(steps, 1u);
    EXPECT_EQ(job.digest(), replica.Digest());
  }
}

TEST(StateHashTest, WhatIsNoStateIsNotHashed) {
  Replica replica;
  replica.Apply(SomeEntries());
  const auto state = replica.machine().NewExport();
  const absl::Status status = HashState(GroupId(2), **state).status();
  EXPECT_TRUE(IsCorruption(status)) << status;
}

}  // namespace
}  // namespace trimaran::engine

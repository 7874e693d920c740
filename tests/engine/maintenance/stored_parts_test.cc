// Goal: what a store that nobody has open has certainly decided is told from
// what it merely holds. Method: stores of a real engine, as a crash leaves
// them.

#include "engine/maintenance/stored_parts.h"

#include <memory>
#include <vector>

#include "engine/founding.h"
#include "engine/home/home_paths.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/maintenance/store_on_disk.h"

namespace trimaran::engine {
namespace {

ConfState Voters(std::vector<ReplicaId> voters) {
  ConfState conf;
  conf.voters = std::move(voters);
  return conf;
}

class StoredPartsTest : public StoreOnDiskTest {
 protected:
  // A store of replica 1 in a group of `conf`.
  std::unique_ptr<Engine> MakeMember(const ConfState& conf) {
    NewStore store = SoleStore();
    store.conf = conf;
    EXPECT_TRUE(FoundGroup(home_.options(), store).ok());
    return Open();
  }

  // Entries of these types behind the last one; nothing is said of commit.
  void Append(Engine& engine, const std::vector<EntryType>& types) {
    LogIndex index = engine.log().state().last.id.index;
    std::vector<LogEntry> entries;
    for (const EntryType type : types) {
      entries.push_back({++index, Term(6), type, Payload("")});
    }
    const HardState hard_state{Term(6), ReplicaId(1), commit_};
    ASSERT_TRUE(engine.log()
                    .Append({.entries = entries,
                             .hard_state = hard_state,
                             .must_sync = true})
                    .ok());
  }

  LogIndex CommittedOf(const std::string& directory) {
    const auto parts = OpenStoredParts(stored_at(directory));
    EXPECT_TRUE(parts.ok()) << parts.status();
    const auto committed = FindCommitted(
        *parts, [this](const ConfState&, const LogEntry&) { return next_; });
    EXPECT_TRUE(committed.ok()) << committed.status();
    return *committed;
  }

  LogIndex commit_{5};
  // The configuration behind every change.
  ConfState next_ = Voters({ReplicaId(1)});
};

TEST_F(StoredPartsTest, OnlyVoterHasDecidedWhateverItHolds) {
  const auto engine = MakeStore();
  Append(*engine, std::vector<EntryType>(20, EntryType::kNormal));
  EXPECT_EQ(CommittedOf(CopyAsIs()), LogIndex(25));
}

TEST_F(StoredPartsTest, MemberOfAGroupKnowsWhatItWasTold) {
  const auto engine =
      MakeMember(Voters({ReplicaId(1), ReplicaId(2), ReplicaId(3)}));
  commit_ = LogIndex(5);
  Append(*engine, std::vector<EntryType>(20, EntryType::kNormal));
  commit_ = LogIndex(17);
  Append(*engine, {EntryType::kNormal});
  EXPECT_EQ(CommittedOf(CopyAsIs()), LogIndex(17));
}

TEST_F(StoredPartsTest, ChangeThatAddsAVoterEndsWhatOneDecides) {
  const auto engine = MakeStore();
  next_ = Voters({ReplicaId(1), ReplicaId(2)});
  Append(*engine, {EntryType::kNormal, EntryType::kConfChange,
                   EntryType::kNormal, EntryType::kNormal});
  EXPECT_EQ(CommittedOf(CopyAsIs()), LogIndex(7));
}

TEST_F(StoredPartsTest, CommittedChangeThatLeavesOneVoterCounts) {
  const auto engine = MakeMember(Voters({ReplicaId(1), ReplicaId(2)}));
  Append(*engine, {EntryType::kNormal, EntryType::kConfChange,
                   EntryType::kNormal, EntryType::kNormal});
  EXPECT_EQ(CommittedOf(CopyAsIs()), LogIndex(5))
      << "the change itself is not known to be committed";
  commit_ = LogIndex(7);
  Append(*engine, {EntryType::kNormal});
  EXPECT_EQ(CommittedOf(CopyAsIs()), LogIndex(10));
}

TEST_F(StoredPartsTest, ConfigurationIsWorkedOutFromTheLog) {
  const auto engine = MakeStore();
  next_ = Voters({ReplicaId(1), ReplicaId(2)});
  Append(*engine, {EntryType::kNormal, EntryType::kConfChange});
  const auto parts = OpenStoredParts(stored_at(CopyAsIs()));
  ASSERT_TRUE(parts.ok()) << parts.status();
  const ConfChanger change = [this](const ConfState&, const LogEntry&) {
    return next_;
  };
  EXPECT_THAT(*ConfsFrom(*parts, change),
              ::testing::ElementsAre(Voters({ReplicaId(1)}), next_));
}

TEST_F(StoredPartsTest, LogThatHasLostItsEndOwes) {
  const auto engine = MakeStore();
  WritePuts(*engine, 10);
  const std::string early = CopyAsIs();
  {
    const auto parts = OpenStoredParts(stored_at(early));
    ASSERT_TRUE(parts.ok()) << parts.status();
    EXPECT_FALSE(parts->Judge().owed.has_value());
  }
  WritePuts(*engine, 10);
  ASSERT_TRUE(engine->Close().ok());
  TakeFrom(early, kLogDirectory);
  TakeFrom(early, kStateDirectory);

  const auto parts = OpenStoredParts(stored());

  ASSERT_TRUE(parts.ok()) << parts.status();
  EXPECT_TRUE(parts->Judge().owed.has_value());
}

}  // namespace
}  // namespace trimaran::engine

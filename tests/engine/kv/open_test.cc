// Goal: a home is made once and whole, and what is opened is what was kept, or
// the opening is refused by name.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"
#include "engine/wt/transaction.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Code = absl::StatusCode;

// Changes the table of a closed home behind the back of its state machine.
void Tamper(const KvHome& home,
            const std::function<absl::Status(wt::Cursor&)>& change) {
  wt::ConnectionOptions options;
  options.home = home.path();
  const auto connection = *wt::Connection::Open(options);
  const auto session = *wt::Session::Open(*connection);
  wt::Cursor cursor = *session->OpenCursor("kv_g1");
  auto transaction = *wt::Transaction::Begin(*session);
  ASSERT_TRUE(change(cursor).ok());
  ASSERT_TRUE(transaction.Commit().ok());
}

absl::Status Write(wt::Cursor& cursor, const Key& key, std::string_view value) {
  std::string bytes;
  EncodeKey(key, bytes);
  return cursor.Put(bytes, value);
}

// A home with something of everything.
class OpenTest : public ::testing::Test {
 protected:
  OpenTest() {
    ApplyAll(*home_, {log_.Entry(OpenSessionCommand()),
                      log_.Entry(CreateFamilyCommand{"f2"}),
                      log_.Entry(Put("k", "v"))});
  }

  // What opening says after a row was written over.
  absl::Status AfterWriting(const Key& key, std::string_view value) {
    home_.Close();
    Tamper(home_, [&](wt::Cursor& c) { return Write(c, key, value); });
    return home_.TryOpen();
  }
  absl::Status AfterRemoving(const Key& key) {
    home_.Close();
    Tamper(home_, [&](wt::Cursor& cursor) {
      std::string bytes;
      EncodeKey(key, bytes);
      return cursor.Remove(bytes);
    });
    return home_.TryOpen();
  }

  KvHome home_;
  LogMaker log_;
};

TEST(CreateTest, NewStateIsWhatItWasToldAndDurable) {
  const std::string path = testing::TempDir() + "/trimaran_kv_create";
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
  ManualClock clock;
  PosixFileSystem files;
  WtStateMachineOptions options;
  options.home = path;
  options.store = StoreId(3);
  options.clock = &clock;
  options.files = &files;
  InitialState initial;
  initial.position = {{LogIndex(5), Term(5)}, ChainValue{99}};
  initial.region.conf.voters = {ReplicaId(1), ReplicaId(2)};
  initial.region.epoch = {1, 1};
  initial.region.members[ReplicaId(1)] = {StoreId(3), "n", "a:1"};
  {
    const auto machine = *WtStateMachine::Create(options, initial);
    EXPECT_EQ(machine->applied(),
              (AppliedState{initial.position, initial.position.id}));
    EXPECT_EQ(machine->durable(), machine->applied());
    EXPECT_EQ(machine->region(), initial.region);
    EXPECT_EQ(machine->generation(), 1u);
    EXPECT_THAT(machine->families(),
                ElementsAre(Family{kDefaultFamily, "default"}));
    LogMaker log(LogIndex(5), Term(6));
    ApplyAll(*machine, {log.Entry(Put("k", "v"))});
    EXPECT_TRUE(machine->Close().ok());
  }
  EXPECT_EQ(WtStateMachine::Create(options, initial).status().code(),
            Code::kAlreadyExists);
  {
    const auto machine = *WtStateMachine::Open(options, 1);
    EXPECT_EQ(machine->applied().applied.id, (EntryId{LogIndex(6), Term(6)}));
    EXPECT_EQ(ValueOf(*machine, "k"), "v");
    EXPECT_EQ(WtStateMachine::Open(options, 1).status().code(),
              Code::kUnavailable);
  }
  std::filesystem::remove_all(path);
}

TEST(CreateTest, ImpossibleBeginningsAreRefused) {
  KvHome home;
  home.Close();
  InitialState initial;
  initial.position.id = {LogIndex(5), Term()};
  EXPECT_EQ(WtStateMachine::Create(home.options(), initial).status().code(),
            Code::kInvalidArgument);
  initial.position.id = {};
  initial.region.conf.voters = {ReplicaId(2), ReplicaId(1)};
  EXPECT_EQ(WtStateMachine::Create(home.options(), initial).status().code(),
            Code::kInvalidArgument);
}

// Covers: D5
TEST_F(OpenTest, OtherStoreOrGenerationIsRefused) {
  home_.options().store = StoreId(78);
  const absl::Status other_store = home_.TryOpen();
  EXPECT_TRUE(IsCorruption(other_store)) << other_store;
  EXPECT_THAT(std::string(other_store.message()), HasSubstr("78"));
  home_.options().store = StoreId(77);

  const absl::Status no_table = home_.TryOpen(2);
  EXPECT_TRUE(IsCorruption(no_table)) << no_table;
  EXPECT_THAT(std::string(no_table.message()), HasSubstr("kv_g2"));

  EXPECT_TRUE(home_.TryOpen().ok());
  EXPECT_EQ(ValueOf(*home_, "k"), "v");
}

TEST_F(OpenTest, HomeThatIsNoneIsNotMade) {
  home_.Close();
  std::filesystem::remove(home_.path() + "/WiredTiger.turtle");
  EXPECT_EQ(home_.TryOpen().code(), Code::kNotFound);
}

TEST_F(OpenTest, RecordsThatAreMissingAreNamed) {
  const absl::Status status = AfterRemoving(ApplyStateKey{kTestGroup});
  EXPECT_TRUE(IsCorruption(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("apply state"));
}

TEST_F(OpenTest, MissingRegionIsNamed) {
  const absl::Status status = AfterRemoving(RegionStateKey{kTestGroup});
  EXPECT_TRUE(IsCorruption(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("region state"));
}

TEST_F(OpenTest, MissingDefaultFamilyIsRefused) {
  EXPECT_TRUE(
      IsCorruption(AfterRemoving(FamilyKey{kTestGroup, kDefaultFamily})));
}

TEST_F(OpenTest, MissingIdentIsRefused) {
  EXPECT_TRUE(IsCorruption(AfterRemoving(LocalIdentKey{})));
}

TEST_F(OpenTest, SessionThatCannotBeDecodedIsRefused) {
  const absl::Status status =
      AfterWriting(SessionKey{kTestGroup, SessionId(1)}, "nonsense");
  EXPECT_TRUE(IsCorruption(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("session"));
}

TEST_F(OpenTest, SessionUnderAnotherKeyIsRefused) {
  SessionRecord session;
  session.id = SessionId(1);
  EXPECT_TRUE(IsCorruption(AfterWriting(SessionKey{kTestGroup, SessionId(2)},
                                        EncodeRecord(session))));
}

TEST_F(OpenTest, SessionThatWasNeverGivenIsRefused) {
  SessionRecord session;
  session.id = SessionId(2);
  EXPECT_TRUE(IsCorruption(AfterWriting(SessionKey{kTestGroup, SessionId(2)},
                                        EncodeRecord(session))));
}

TEST_F(OpenTest, FamilyThatContradictsAnotherIsRefused) {
  EXPECT_TRUE(IsCorruption(
      AfterWriting(FamilyKey{kTestGroup, FamilyId(2)},
                   EncodeRecord(FamilyRecord{FamilyId(2), "default"}))));
}

TEST_F(OpenTest, FamilyThatWasNeverGivenIsRefused) {
  EXPECT_TRUE(IsCorruption(
      AfterWriting(FamilyKey{kTestGroup, FamilyId(3)},
                   EncodeRecord(FamilyRecord{FamilyId(3), "f3"}))));
}

TEST_F(OpenTest, GarbageOfAFamilyThatExistsOrNeverDidIsRefused) {
  for (const FamilyId id : {kDefaultFamily, FamilyId(2), FamilyId(3)}) {
    SCOPED_TRACE(id.value());
    EXPECT_TRUE(IsCorruption(AfterWriting(
        GarbageKey{kTestGroup, id}, EncodeRecord(FamilyRecord{id, "f"}))));
    ASSERT_TRUE(AfterRemoving(GarbageKey{kTestGroup, id}).ok());
  }
}

TEST_F(OpenTest, RecordOfAnotherGroupIsRefused) {
  RegionRecord region;
  region.group = GroupId(2);
  EXPECT_TRUE(IsCorruption(
      AfterWriting(RegionStateKey{kTestGroup}, EncodeRecord(region))));
}

TEST_F(OpenTest, RowThatCannotBeDecodedIsAFailureForGood) {
  ASSERT_TRUE(AfterWriting(RowKey{kTestGroup, kDefaultFamily, "k"}, "").ok());
  std::string value;
  const absl::Status status = home_->Get(kDefaultFamily, "k", value).status();
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_EQ(home_->failure(), status);
  EXPECT_EQ(home_->NewView().status(), status);
  EXPECT_EQ(home_->ReadStatistics().status(), status);
}

TEST_F(OpenTest, LeftoversAreRemoved) {
  const Stream stream = ExportOf(*home_);
  home_.Close();
  for (const char* name :
       {"kv_g7.wt", "WiredTiger.backup", "notes", "kv_g07.wt"}) {
    std::filesystem::copy(home_.path() + "/kv_g1.wt",
                          absl::StrCat(home_.path(), "/", name));
  }

  home_.Reopen();

  EXPECT_EQ(ExportOf(*home_), stream);
  const std::vector<std::string> files = home_.Files();
  EXPECT_THAT(files, testing::Contains("kv_g1.wt"));
  EXPECT_THAT(files, testing::Not(testing::Contains("kv_g7.wt")));
  EXPECT_THAT(files, testing::Not(testing::Contains("WiredTiger.backup")));
  // Nobody's: not for us to remove.
  EXPECT_THAT(files, testing::Contains("notes"));
  EXPECT_THAT(files, testing::Contains("kv_g07.wt"));
}

TEST_F(OpenTest, OtherGenerationsStayUntilTheyAreSaidToBeWrong) {
  const Stream stream = ExportOf(*home_);
  const LogPosition position = home_->applied().applied;
  {
    const auto import = *home_->NewImport();
    for (const auto& [key, value] : stream) {
      ASSERT_TRUE(import->Add({key, value}).ok());
    }
    ASSERT_TRUE(import->Finish(position).ok());
  }
  home_.keep_others();

  home_.Reopen(1);
  // Nobody writes into what is kept.
  EXPECT_GT((*home_->NewImport())->generation(), 2u);
  ASSERT_TRUE(home_->Checkpoint().ok());
  home_.Reopen(2);

  EXPECT_EQ(ExportOf(*home_), stream);
  EXPECT_THAT(home_.Files(), testing::Contains("kv_g1.wt"));
}

TEST_F(OpenTest, CheckpointSaysWhatIsDurable) {
  EXPECT_EQ(home_->durable().applied.id.index, LogIndex());
  EXPECT_EQ(*home_->Checkpoint(), home_->applied());
  EXPECT_EQ(home_->durable(), home_->applied());
  ApplyAll(*home_, {log_.Entry(Put("k", "w"))});
  EXPECT_LT(home_->durable().applied.id.index,
            home_->applied().applied.id.index);
  EXPECT_EQ(*home_->Checkpoint(), home_->applied());
  EXPECT_EQ(*home_->Checkpoint(), home_->applied());
}

class GarbageTest : public OpenTest {
 protected:
  void FillAndDrop(size_t rows) {
    std::vector<std::string> keys;
    for (size_t i = 0; i < rows; ++i) keys.push_back(absl::StrCat(i));
    std::vector<Operation> puts;
    for (const std::string& key : keys) {
      puts.emplace_back(PutOp{FamilyId(2), key, "v"});
    }
    ApplyAll(*home_, {log_.Entry(Batch(std::move(puts))),
                      log_.Entry(DropFamilyCommand{"f2"})});
  }
  // Rows in the table that no reader sees.
  size_t GarbageRows() {
    home_.Close();
    size_t count = 0;
    const std::string prefix = FamilyPrefix(kTestGroup, FamilyId(2));
    Tamper(home_, [&](wt::Cursor& cursor) {
      for (auto more = cursor.SeekAtOrAfter(prefix); *more;
           more = cursor.Next()) {
        if (cursor.key().starts_with(prefix)) ++count;
      }
      return absl::OkStatus();
    });
    home_.Reopen();
    return count;
  }
};

// Covers: D10
TEST_F(GarbageTest, RowsOfADroppedFamilyGoInSteps) {
  EXPECT_FALSE(*home_->CollectGarbage(10));
  FillAndDrop(25);
  const Stream stream = ExportOf(*home_);
  const AppliedState applied = home_->applied();

  EXPECT_TRUE(*home_->CollectGarbage(10));
  EXPECT_EQ(GarbageRows(), 15u);
  EXPECT_TRUE(*home_->CollectGarbage(10));
  EXPECT_FALSE(*home_->CollectGarbage(10));
  EXPECT_FALSE(*home_->CollectGarbage(10));

  EXPECT_EQ(home_->applied(), applied);
  EXPECT_EQ(ExportOf(*home_), stream);
  EXPECT_EQ(GarbageRows(), 0u);
  EXPECT_FALSE(*home_->CollectGarbage(10));
  EXPECT_EQ(ValueOf(*home_, "k"), "v");
}

// The state in memory and the table list what was dropped in different orders.
TEST_F(GarbageTest, FamiliesThatAreDroppedBetweenStepsGoAsWell) {
  ApplyAll(*home_, {log_.Entry(CreateFamilyCommand{"f3"}),
                    log_.Entry(CreateFamilyCommand{"f4"})});
  for (const uint64_t family : {2u, 3u, 4u}) {
    std::vector<std::string> keys;
    for (int i = 0; i < 25; ++i) keys.push_back(absl::StrCat(i));
    std::vector<Operation> puts;
    for (const std::string& key : keys) {
      puts.emplace_back(PutOp{FamilyId(family), key, "v"});
    }
    ApplyAll(*home_, {log_.Entry(Batch(std::move(puts)))});
  }
  ApplyAll(*home_, {log_.Entry(DropFamilyCommand{"f3"})});
  EXPECT_TRUE(*home_->CollectGarbage(10));
  ApplyAll(*home_, {log_.Entry(DropFamilyCommand{"f2"})});
  EXPECT_TRUE(*home_->CollectGarbage(10));
  home_.Reopen();
  EXPECT_TRUE(*home_->CollectGarbage(10));
  ApplyAll(*home_, {log_.Entry(DropFamilyCommand{"f4"})});
  size_t steps = 1;
  while (*home_->CollectGarbage(10)) ++steps;
  // 15 of family 2, 5 of 3 and 25 of 4 were left.
  EXPECT_EQ(steps, 6u);
  size_t rows = 0;
  home_.Close();
  Tamper(home_, [&](wt::Cursor& cursor) {
    const std::string first = FamilyPrefix(kTestGroup, FamilyId(2));
    for (auto more = cursor.SeekAtOrAfter(first); *more; more = cursor.Next()) {
      ++rows;
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(rows, 0u);
  home_.Reopen();
  EXPECT_FALSE(*home_->CollectGarbage(10));
}

TEST_F(GarbageTest, ViewOfBeforeStillSeesTheFamily) {
  std::vector<Operation> puts = {PutOp{FamilyId(2), "a", "1"}};
  ApplyAll(*home_, {log_.Entry(Batch(std::move(puts)))});
  const auto view = *home_->NewView();
  ApplyAll(*home_, {log_.Entry(DropFamilyCommand{"f2"})});
  EXPECT_FALSE(*home_->CollectGarbage(100));

  std::string value;
  EXPECT_TRUE(*view->Get(FamilyId(2), "a", value));
  EXPECT_EQ(value, "1");
}

}  // namespace
}  // namespace trimaran::engine

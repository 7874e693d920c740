// Goal: a whole state leaves one store and becomes the state of another, while
// both go on.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/format/keys.h"
#include "engine/format/limits.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "engine/wt/connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Code = absl::StatusCode;

bool HasFile(const KvHome& home, const std::string& name) {
  const std::vector<std::string> files = home.Files();
  return std::find(files.begin(), files.end(), name) != files.end();
}

// Imports a stream and makes it the present state.
void Install(WtStateMachine& machine, const Stream& stream,
             const LogPosition& position) {
  const auto import = *machine.NewImport();
  for (const auto& [key, value] : stream) {
    const absl::Status added = import->Add({key, value});
    ASSERT_TRUE(added.ok()) << added;
  }
  const absl::Status finished = import->Finish(position);
  ASSERT_TRUE(finished.ok()) << finished;
  ASSERT_TRUE(machine.SwitchTo(import->generation()).ok());
}

class TransferTest : public ::testing::Test {
 protected:
  // Something of everything.
  void Fill() {
    ApplyAll(*home_, {log_.Entry(OpenSessionCommand()),
                      log_.Entry(CreateFamilyCommand{"gone"}),
                      log_.Entry(CreateFamilyCommand{"kept"}),
                      log_.Entry(SetMemberCommand{ReplicaId(1), 5, "n", "a"})});
    std::vector<std::string> keys;
    for (int i = 0; i < 300; ++i) keys.push_back(absl::StrCat("k", i));
    for (const uint64_t id : {1u, 2u, 3u}) {
      std::vector<Operation> rows;
      for (const std::string& key : keys) {
        rows.emplace_back(PutOp{FamilyId(id), key, key});
      }
      ApplyAll(*home_, {log_.Entry({SessionId(1), id, 1}, Batch(rows))});
    }
    ApplyAll(*home_, {log_.Entry(DropFamilyCommand{"gone"}),
                      log_.Entry(CompactLogCommand{LogIndex(3), Term(1)})});
  }

  KvHome home_;
  LogMaker log_;
};

TEST_F(TransferTest, ExportLeavesOutWhatIsLocalOrDropped) {
  Fill();
  const auto state = *home_->NewExport();
  const Stream stream = ReadExport(*state);

  EXPECT_EQ(state->position(), home_->applied().applied);
  EXPECT_EQ(state->conf(), home_->region().conf);
  EXPECT_TRUE(std::is_sorted(stream.begin(), stream.end()));
  size_t rows = 0;
  for (const auto& [bytes, value] : stream) {
    const Key key = *DecodeKey(bytes);
    EXPECT_FALSE(IsStoreLocal(key)) << DebugString(key);
    if (const auto* row = std::get_if<RowKey>(&key)) {
      EXPECT_NE(row->family, FamilyId(2));
      ++rows;
    }
    if (std::holds_alternative<ApplyStateKey>(key)) {
      EXPECT_EQ(DecodeApplyState(value)->state.truncated,
                home_->applied().applied.id);
    }
  }
  EXPECT_EQ(rows, 600u);
}

// Covers: G9
TEST_F(TransferTest, ExportIsOfOneMomentWhileEntriesAreApplied) {
  Fill();
  const Stream before = ExportOf(*home_);
  const LogPosition position = home_->applied().applied;
  const auto state = *home_->NewExport();
  Stream stream;
  StateRecord record;
  for (int i = 0; *state->Next(record); ++i) {
    stream.emplace_back(record.key, record.value);
    if (i % 50 != 0) continue;
    const std::string key = absl::StrCat("k", i);
    ApplyAll(*home_, {log_.Entry(Delete(key)), log_.Entry(Put("new", "v"))});
    ASSERT_TRUE(home_->Checkpoint().ok());
  }

  EXPECT_EQ(stream, before);
  EXPECT_EQ(state->position(), position);
  EXPECT_NE(ExportOf(*home_), before);
}

TEST_F(TransferTest, ExportGoesOnBehindAnyKey) {
  Fill();
  const Stream stream = ExportOf(*home_);
  const auto state = *home_->NewExport();
  for (size_t i = 0; i < stream.size(); i += 37) {
    ASSERT_TRUE(state->SkipTo(stream[i].first).ok());
    const Stream rest = ReadExport(*state);
    EXPECT_EQ(rest, Stream(stream.begin() + static_cast<ptrdiff_t>(i) + 1,
                           stream.end()));
  }
  ASSERT_TRUE(state->SkipTo("").ok());
  EXPECT_EQ(ReadExport(*state), stream);
  ASSERT_TRUE(state->SkipTo("\xff").ok());
  EXPECT_TRUE(ReadExport(*state).empty());
  EXPECT_TRUE(ReadExport(*state).empty());
}

TEST_F(TransferTest, ExportsAreIndependent) {
  Fill();
  const auto first = *home_->NewExport();
  ApplyAll(*home_, {log_.Entry(Put("new", "v"))});
  auto second = *home_->NewExport();
  const Stream later = ReadExport(*second);
  second.reset();
  ASSERT_TRUE(home_->Checkpoint().ok());

  EXPECT_EQ(ReadExport(*first).size() + 1, later.size());
  EXPECT_EQ(home_->durable(), home_->applied());
}

// Covers: G10
TEST_F(TransferTest, ImportReplacesTheWholeState) {
  Fill();
  const Stream stream = ExportOf(*home_);
  KvHome other;
  LogMaker log;
  ApplyAll(*other, {log.Entry(Put("old", "v")), log.Entry(Put("k1", "old")),
                    log.Entry(CreateFamilyCommand{"old"})});
  const LogPosition position = home_->applied().applied;

  Install(*other, stream, position);

  EXPECT_EQ(other->generation(), 2u);
  EXPECT_EQ(other->applied(), (AppliedState{position, position.id}));
  EXPECT_EQ(other->durable(), other->applied());
  EXPECT_EQ(other->region(), home_->region());
  EXPECT_EQ(other->families(), home_->families());
  EXPECT_EQ(ExportOf(*other), stream);
  EXPECT_EQ(ValueOf(*other, "old"), "(none)");
  EXPECT_EQ(ValueOf(*other, "k1"), "k1");
  // Both go on alike, sessions included.
  const std::vector<CommittedEntry> more = {
      log_.Entry({SessionId(1), 1, 1}, Put("k1", "again")),
      log_.Entry(Put("k2", "new")), log_.Entry(CreateFamilyCommand{"next"}),
      log_.Entry(OpenSessionCommand())};
  const auto here = ApplyAll(*home_, more);
  const auto there = ApplyAll(*other, more);
  EXPECT_TRUE(there[0].repeated);
  EXPECT_EQ(there[2].value, here[2].value);
  EXPECT_EQ(ExportOf(*other), ExportOf(*home_));
  other.Reopen(2);
  EXPECT_EQ(ExportOf(*other), ExportOf(*home_));
}

TEST_F(TransferTest, ViewsAndExportsOfTheOldStateKeepIt) {
  Fill();
  const Stream stream = ExportOf(*home_);
  KvHome other;
  LogMaker log;
  ApplyAll(*other, {log.Entry(Put("old", "v"))});
  EXPECT_EQ(ValueOf(*other, "old"), "v");
  auto view = *other->NewView();
  auto state = *other->NewExport();
  Install(*other, stream, home_->applied().applied);
  ASSERT_TRUE(other->Checkpoint().ok());

  std::string value;
  EXPECT_TRUE(*view->Get(kDefaultFamily, "old", value));
  EXPECT_FALSE(*(*other->NewView())->Get(kDefaultFamily, "old", value));
  EXPECT_TRUE(HasFile(other, "kv_g1.wt"));
  view.reset();
  EXPECT_THAT(ReadExport(*state), testing::SizeIs(4));
  ASSERT_TRUE(other->Checkpoint().ok());
  EXPECT_TRUE(HasFile(other, "kv_g1.wt"));
  state.reset();
  ASSERT_TRUE(other->Checkpoint().ok());
  EXPECT_FALSE(HasFile(other, "kv_g1.wt"));
  EXPECT_EQ(ExportOf(*other), stream);
}

TEST_F(TransferTest, CrashBeforeTheSwitchKeepsTheOldStateAfterItTheNew) {
  Fill();
  const Stream stream = ExportOf(*home_);
  KvHome other;
  LogMaker log;
  ApplyAll(*other, {log.Entry(Put("old", "v"))});
  const Stream old = ExportOf(*other);
  const auto import = *other->NewImport();
  for (const auto& [key, value] : stream) {
    ASSERT_TRUE(import->Add({key, value}).ok());
  }
  KvHome filling(KvHome::CopyOf{other});
  ASSERT_TRUE(import->Finish(home_->applied().applied).ok());
  KvHome not_switched(KvHome::CopyOf{other});
  KvHome switched(KvHome::CopyOf{other});

  filling.Reopen(1);
  not_switched.Reopen(1);
  switched.Reopen(2);

  EXPECT_EQ(ExportOf(*filling), old);
  EXPECT_FALSE(HasFile(filling, "kv_g2.wt"));
  EXPECT_EQ(ExportOf(*not_switched), old);
  EXPECT_FALSE(HasFile(not_switched, "kv_g2.wt"));
  EXPECT_EQ(ExportOf(*switched), stream);
  EXPECT_FALSE(HasFile(switched, "kv_g1.wt"));
  EXPECT_EQ(switched->applied().applied, home_->applied().applied);
}

TEST_F(TransferTest, AbandonedImportLeavesNothing) {
  const uint64_t first = (*home_->NewImport())->generation();
  EXPECT_TRUE(HasFile(home_, "kv_g2.wt"));
  ASSERT_TRUE(home_->Checkpoint().ok());
  EXPECT_FALSE(HasFile(home_, "kv_g2.wt"));
  EXPECT_GT((*home_->NewImport())->generation(), first);
  EXPECT_EQ(home_->SwitchTo(first).code(), Code::kFailedPrecondition);
}

TEST_F(TransferTest, FinishedImportThatIsGivenUpLeavesNothing) {
  const Stream stream = ExportOf(*home_);
  const LogPosition position = home_->applied().applied;
  const auto import = *home_->NewImport();
  for (const auto& [key, value] : stream) {
    ASSERT_TRUE(import->Add({key, value}).ok());
  }
  ASSERT_TRUE(import->Finish(position).ok());
  ASSERT_TRUE(home_->Checkpoint().ok());
  EXPECT_TRUE(HasFile(home_, "kv_g2.wt"));

  import->GiveUp();

  EXPECT_EQ(home_->SwitchTo(2).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(home_->Checkpoint().ok());
  EXPECT_FALSE(HasFile(home_, "kv_g2.wt"));
}

TEST_F(TransferTest, WhatWasSwitchedToCannotBeGivenUp) {
  const Stream stream = ExportOf(*home_);
  const auto import = *home_->NewImport();
  for (const auto& [key, value] : stream) {
    ASSERT_TRUE(import->Add({key, value}).ok());
  }
  ASSERT_TRUE(import->Finish(home_->applied().applied).ok());
  ASSERT_TRUE(home_->SwitchTo(2).ok());

  import->GiveUp();

  ASSERT_TRUE(home_->Checkpoint().ok());
  EXPECT_EQ(ExportOf(*home_), stream);
  EXPECT_TRUE(HasFile(home_, "kv_g2.wt"));
}

TEST_F(TransferTest, OlderStateIsNotSwitchedTo) {
  const Stream stream = ExportOf(*home_);
  const LogPosition position = home_->applied().applied;
  ApplyAll(*home_, {log_.Entry(Put("k", "v"))});
  const auto import = *home_->NewImport();
  for (const auto& [key, value] : stream) {
    ASSERT_TRUE(import->Add({key, value}).ok());
  }
  ASSERT_TRUE(import->Finish(position).ok());

  EXPECT_EQ(home_->SwitchTo(2).code(), Code::kFailedPrecondition);
  EXPECT_EQ(ValueOf(*home_, "k"), "v");
}

TEST_F(TransferTest, OlderGenerationIsNotSwitchedTo) {
  const Stream stream = ExportOf(*home_);
  for (int i = 0; i < 2; ++i) {
    const auto import = *home_->NewImport();
    for (const auto& [key, value] : stream) {
      ASSERT_TRUE(import->Add({key, value}).ok());
    }
    ASSERT_TRUE(import->Finish(home_->applied().applied).ok());
  }
  ASSERT_TRUE(home_->SwitchTo(3).ok());

  EXPECT_EQ(home_->SwitchTo(2).code(), Code::kFailedPrecondition);

  EXPECT_EQ(home_->generation(), 3u);
  EXPECT_TRUE(home_->failure().ok());
}

TEST_F(TransferTest, StreamsThatAreNoneAreRefused) {
  Fill();
  const Stream stream = ExportOf(*home_);
  const LogPosition position = home_->applied().applied;
  LogPosition wrong = position;
  ++wrong.chain.value;
  const auto FinishOf = [&](const Stream& records, const LogPosition& at) {
    const auto import = *home_->NewImport();
    for (const auto& [key, value] : records) {
      if (const absl::Status added = import->Add({key, value}); !added.ok()) {
        return added;
      }
    }
    return import->Finish(at);
  };

  EXPECT_TRUE(IsCorruption(FinishOf(stream, wrong)));
  EXPECT_TRUE(IsCorruption(FinishOf({}, position)));
  for (const std::string& key :
       {KeyOf(ApplyStateKey{kTestGroup}), KeyOf(RegionStateKey{kTestGroup})}) {
    Stream without = stream;
    std::erase_if(without, [&](const auto& row) { return row.first == key; });
    ASSERT_EQ(without.size() + 1, stream.size());
    const absl::Status status = FinishOf(without, position);
    EXPECT_TRUE(IsCorruption(status)) << status;
  }
  EXPECT_TRUE(home_->failure().ok());
}

TEST_F(TransferTest, RecordsThatAreNoneAreRefused) {
  const auto import = *home_->NewImport();
  const auto CodeOf = [&](const Key& key, std::string_view value) {
    std::string bytes;
    EncodeKey(key, bytes);
    return import->Add({bytes, value}).code();
  };
  std::string row;
  EncodeRowValue({LogIndex(1), "v"}, row);
  std::string late;
  EncodeRowValue({LogIndex(6), "v"}, late);
  ApplyStateRecord state;
  state.state.applied.id = {LogIndex(5), Term(1)};

  EXPECT_EQ(import->Add({"\x7f", "v"}).code(), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(LocalIdentKey{}, ""), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(ApplyStateKey{kTestGroup}, "nonsense"),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(ApplyStateKey{kTestGroup}, EncodeRecord(state)), Code::kOk);
  EXPECT_EQ(CodeOf(GarbageKey{kTestGroup, FamilyId(2)},
                   EncodeRecord(FamilyRecord{FamilyId(2), "f"})),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(FamilyKey{GroupId(2), FamilyId(2)},
                   EncodeRecord(FamilyRecord{FamilyId(2), "f"})),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "k"}, row),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(FamilyKey{kTestGroup, kDefaultFamily},
                   EncodeRecord(FamilyRecord{kDefaultFamily, "default"})),
            Code::kOk);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "a"}, ""),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "a"}, late),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "b"}, row), Code::kOk);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "b"}, row),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "a"}, row),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "c"}, ""),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "c"}, late),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(RowKey{kTestGroup, kDefaultFamily, "d"}, row), Code::kOk);
}

TEST_F(TransferTest, EmptyStateTravelsToo) {
  const Stream stream = ExportOf(*home_);
  KvHome other;
  Install(*other, stream, home_->applied().applied);
  EXPECT_EQ(ExportOf(*other), stream);
}

TEST_F(TransferTest, NamedCheckpointsDoNotOutliveTheirExports) {
  Fill();
  auto state = *home_->NewExport();
  KvHome crashed(KvHome::CopyOf{home_});
  crashed.Reopen();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ReadExport(**crashed->NewExport()), ReadExport(*state));
    ASSERT_TRUE(state->SkipTo("").ok());
    ASSERT_TRUE(crashed->Checkpoint().ok());
  }
  state.reset();
  EXPECT_TRUE(home_->Checkpoint().ok());
}

TEST_F(TransferTest, ExportsThatFollowEachOtherGatherNoCheckpoints) {
  Fill();
  const auto first = *home_->NewExport();
  const auto rows = ReadExport(*first);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ReadExport(**home_->NewExport()), rows);
  }
  const KvHome crashed(KvHome::CopyOf{home_});
  wt::ConnectionOptions options;
  options.home = crashed.path();
  const auto connection = *wt::Connection::Open(options);
  // One for each that is open at a time.
  EXPECT_EQ(connection->checkpoints().ListNamed()->size(), 2u);
}

}  // namespace
}  // namespace trimaran::engine

// Goal: what is applied is a function of the entries, moves together with the
// applied index, and survives as far as checkpoints go.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/base/errors.h"
#include "engine/base/random.h"
#include "engine/format/chain.h"
#include "engine/format/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using Code = absl::StatusCode;

// A log in which everything happens.
std::vector<CommittedEntry> StoryOf(uint64_t seed, size_t count) {
  SeededRandom random(seed);
  LogMaker log;
  std::vector<CommittedEntry> story = {log.Entry(OpenSessionCommand()),
                                       log.Entry(CreateFamilyCommand{"f2"})};
  ConfState conf;
  conf.voters = {ReplicaId(1)};
  while (story.size() < count) {
    const std::string key = absl::StrCat("k", random.Uniform(50));
    const std::string other = absl::StrCat("k", random.Uniform(50));
    const std::string value(random.Uniform(300), 'v');
    const FamilyId family(1 + random.Uniform(2));
    switch (random.Uniform(9)) {
      case 0:
        story.push_back(log.Entry(Batch({DeleteRangeOp{
            family, std::min(key, other), std::max(key, other)}})));
        break;
      case 1:
        story.push_back(
            log.Entry({SessionId(1), 1 + random.Uniform(20), 1},
                      Batch({PutOp{family, key, value}, GetOp{family, key}})));
        break;
      case 2:
        story.push_back(log.Entry(OpenSessionCommand()));
        break;
      case 3:
        story.push_back(log.Entry(CompactLogCommand{
            LogIndex(1 + random.Uniform(log.last().value())), Term(1)}));
        break;
      case 4:
        conf.learners = {ReplicaId(2 + random.Uniform(5))};
        story.push_back(log.Conf(conf));
        break;
      case 5:
        story.push_back(log.Empty());
        break;
      case 6:
        story.push_back(log.Entry(
            WriteCommand{{{family, key, CompareKind::kExists, {}, {}}},
                         {DeleteOp{family, key}},
                         {PutOp{family, key, value}}}));
        break;
      default:
        story.push_back(log.Entry(
            Batch({PutOp{family, key, value}, PutOp{family, other, value}})));
    }
  }
  return story;
}

void ApplyInBatches(StateMachine& machine,
                    const std::vector<CommittedEntry>& entries, size_t batch,
                    size_t first = 0) {
  const absl::Span<const CommittedEntry> all(entries);
  while (first < all.size()) {
    const auto results = machine.Apply(all.subspan(first, batch));
    ASSERT_TRUE(results.ok()) << results.status();
    first += results->size();
  }
}

TEST(ApplyTest, BatchesDoNotMatter) {
  const std::vector<CommittedEntry> story = StoryOf(7, 300);
  KvHome one_by_one;
  KvHome at_once;
  ApplyInBatches(*one_by_one, story, 7);
  ApplyInBatches(*at_once, story, story.size());

  EXPECT_EQ(one_by_one->applied(), at_once->applied());
  EXPECT_EQ(one_by_one->region(), at_once->region());
  EXPECT_EQ(ExportOf(*one_by_one), ExportOf(*at_once));
}

// Covers: D11
TEST(ApplyTest, CrashKeepsTheLastCheckpointAndReplayConverges) {
  const std::vector<CommittedEntry> story = StoryOf(8, 200);
  const std::vector<CommittedEntry> before(story.begin(), story.begin() + 120);
  KvHome original;
  ApplyInBatches(*original, before, 10);
  const Stream stream = ExportOf(*original);
  const AppliedState kept = original->applied();
  ApplyInBatches(*original, {story.begin() + 120, story.end()}, 10);

  KvHome crashed(KvHome::CopyOf{original});
  crashed.Reopen();

  EXPECT_EQ(crashed->applied(), kept);
  EXPECT_EQ(crashed->durable(), kept);
  EXPECT_EQ(ExportOf(*crashed), stream);
  ApplyInBatches(*crashed, {story.begin() + 120, story.end()}, 3);
  EXPECT_EQ(ExportOf(*crashed), ExportOf(*original));
  EXPECT_EQ(crashed->applied(), original->applied());
}

TEST(ApplyTest, CloseKeepsEverything) {
  const std::vector<CommittedEntry> story = StoryOf(9, 60);
  KvHome home;
  ApplyInBatches(*home, story, 20);
  const AppliedState applied = home->applied();
  const RegionState region = home->region();
  const Stream stream = ExportOf(*home);

  home.Reopen();

  EXPECT_EQ(home->applied(), applied);
  EXPECT_EQ(home->region(), region);
  EXPECT_EQ(ExportOf(*home), stream);
}

TEST(ApplyTest, ChainIsThatOfTheLog) {
  const std::vector<CommittedEntry> story = StoryOf(10, 20);
  KvHome home;
  ApplyInBatches(*home, story, 6);
  ChainValue chain;
  for (const CommittedEntry& committed : story) {
    chain = ExtendChain(chain, committed.entry);
  }
  EXPECT_EQ(home->applied().applied.chain, chain);
}

TEST(ApplyTest, EntriesThatDoNotFollowAreRefusedAndNothingHappens) {
  KvHome home;
  LogMaker log;
  log.set_term(Term(2));
  const CommittedEntry first = log.Entry(Put("k", "1"));
  const CommittedEntry second = log.Entry(Put("k", "2"));
  const CommittedEntry third = log.Entry(Put("k", "3"));
  ApplyAll(*home, {first});
  CommittedEntry older = second;
  older.entry.term = Term(1);
  LogMaker conf_log(LogIndex(1), Term(2));
  CommittedEntry unsaid = conf_log.Conf({});
  unsaid.conf.reset();
  ConfState invalid;
  invalid.voters = {ReplicaId(2), ReplicaId(1)};
  LogMaker invalid_log(LogIndex(1), Term(2));
  const AppliedState applied = home->applied();

  for (const std::vector<CommittedEntry>& entries :
       std::vector<std::vector<CommittedEntry>>{{first},
                                                {first, second},
                                                {third},
                                                {second, second},
                                                {older},
                                                {unsaid},
                                                {invalid_log.Conf(invalid)}}) {
    EXPECT_EQ(home->Apply(entries).status().code(), Code::kFailedPrecondition);
  }

  EXPECT_EQ(home->applied(), applied);
  EXPECT_TRUE(home->failure().ok());
  EXPECT_TRUE(home->Apply({}).ok());
  ApplyAll(*home, {second, third});
  EXPECT_EQ(ValueOf(*home, "k"), "3");
}

TEST(ApplyTest, EntryThatCannotBeDecodedIsAFailureForGood) {
  KvHome home;
  LogMaker log;
  ApplyAll(*home, {log.Entry(Put("k", "1"))});
  CommittedEntry damaged = log.Entry(Put("k", "2"));
  const CommittedEntry good = damaged;
  // Of the present version.
  damaged.entry.payload = Payload("\x01nonsense");

  const absl::Status first = home->Apply({{damaged}}).status();

  EXPECT_TRUE(IsCorruption(first)) << first;
  EXPECT_EQ(home->failure(), first);
  EXPECT_EQ(home->Apply({{good}}).status(), first);
  EXPECT_EQ(home->Checkpoint().status(), first);
  EXPECT_EQ(home->CollectGarbage(1).status(), first);
  EXPECT_EQ(home->NewView().status(), first);
  EXPECT_EQ(home->NewExport().status(), first);
  EXPECT_EQ(home->NewImport().status(), first);
  EXPECT_EQ(home->SwitchTo(2), first);
  std::string value;
  EXPECT_EQ(home->Get(kDefaultFamily, "k", value).status(), first);
}

// Damage would have somebody repair what only a later program can read.
TEST(ApplyTest, EntryOfALaterVersionIsNoDamage) {
  KvHome home;
  LogMaker log;
  CommittedEntry later = log.Entry(Put("k", "v"));
  std::string payload(later.entry.payload.bytes());
  payload[0] = 2;
  later.entry.payload = Payload(payload);

  const absl::Status status = home->Apply({{later}}).status();

  EXPECT_TRUE(IsNewerFormat(status)) << status;
  EXPECT_EQ(home->failure(), status);
}

TEST(ApplyTest, FailureUndoesTheWholeBatch) {
  KvHome home;
  LogMaker log;
  ApplyAll(*home, {log.Entry(Put("k", "1"))});
  const AppliedState applied = *home->Checkpoint();
  CommittedEntry damaged = log.Entry(Put("k", "2"));
  LogMaker again(LogIndex(1));
  const CommittedEntry good = again.Entry(Put("k", "2"));
  damaged.entry.index = LogIndex(3);
  damaged.entry.payload = Payload("nonsense");
  ASSERT_FALSE(home->Apply({{good, damaged}}).ok());
  EXPECT_EQ(home->applied(), applied);

  home.Reopen();

  EXPECT_EQ(home->applied(), applied);
  EXPECT_EQ(ValueOf(*home, "k"), "1");
}

// An entry of some bytes can have megabytes of results.
TEST(ApplyTest, LongResultsEndABatch) {
  KvHome home;
  LogMaker log;
  const std::string large(kValueBytesMax, 'x');
  ApplyAll(*home, {log.Entry(Put("k", large))});
  std::vector<CommittedEntry> entries;
  for (int i = 0; i < 12; ++i) entries.push_back(log.Entry(Read("k")));

  const auto first = home->Apply(entries);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_LT(first->size(), 6u);
  ASSERT_GT(first->size(), 2u);
  EXPECT_EQ(home->applied().applied.id.index, first->back().index);
  const auto second =
      home->Apply(absl::MakeConstSpan(entries).subspan(first->size()));

  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->front().index, first->back().index + 1);
  EXPECT_EQ(second->front().commands[0].reads[0], large);
}

TEST(ApplyTest, ManyOperationsEndABatch) {
  KvHome home;
  LogMaker log;
  std::vector<CommittedEntry> entries;
  for (int i = 0; i < 20; ++i) {
    entries.push_back(log.Entry(
        std::vector<Command>(500, Command{std::nullopt, Put("k", "v")})));
  }

  const auto first = home->Apply(entries);

  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_LT(first->size(), 10u);
  EXPECT_EQ(home->applied().applied.id.index, first->back().index);
  ApplyInBatches(*home, entries, first->size(), first->size());
  EXPECT_EQ(home->applied().applied.id.index, log.last());
}

TEST(ApplyTest, AuditEndsABatchAndChangesNothingElse) {
  KvHome home;
  LogMaker log;
  const std::vector<CommittedEntry> entries = {
      log.Entry(Put("k", "1")),
      log.Entry(AuditCommand{.asker = ReplicaId(3), .request = 7}),
      log.Entry(Put("k", "2"))};

  const auto first = home->Apply(entries);

  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), 2u);
  EXPECT_TRUE(first->front().audits.empty());
  EXPECT_EQ(first->back().audits,
            (std::vector<AuditCommand>{{ReplicaId(3), 7}}));
  EXPECT_TRUE(first->back().commands.at(0).status.ok());
  EXPECT_EQ(ValueOf(*home, "k"), "1");
  ApplyInBatches(*home, entries, 1, 2);
  EXPECT_EQ(ValueOf(*home, "k"), "2");
}

TEST(ApplyTest, RowsThatARangeDeletionRemovesEndABatch) {
  KvHome home;
  LogMaker log;
  WriteCommand rows;
  std::vector<std::string> keys;
  for (int i = 0; i < 5000; ++i) keys.push_back(absl::StrCat(i));
  for (const std::string& key : keys) {
    rows.operations.emplace_back(PutOp{kDefaultFamily, key, "v"});
  }
  ApplyAll(*home, {log.Entry(rows)});
  std::vector<CommittedEntry> entries = {
      log.Entry(Batch({DeleteRangeOp{kDefaultFamily, "", ""}})),
      log.Entry(Put("k", "v"))};

  const auto first = home->Apply(entries);

  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), 1u);
  EXPECT_EQ(first->front().commands[0].value, 5000u);
  ApplyInBatches(*home, entries, 1, 1);
  EXPECT_EQ(home->applied().applied.id.index, log.last());
}

TEST(ApplyTest, TransactionsThatAreTurnedDownAreTriedAgain) {
  const std::vector<CommittedEntry> story = StoryOf(11, 300);
  KvHome undisturbed;
  ApplyInBatches(*undisturbed, story, 10);
  KvHome disturbed;
  // Has WiredTiger turn down one change in so many.
  disturbed.options().wiredtiger_extensions =
      "],debug_mode=(rollback_error=150),extensions=[";
  disturbed.Reopen();

  ApplyInBatches(*disturbed, story, 10);

  EXPECT_EQ(disturbed->applied(), undisturbed->applied());
  EXPECT_EQ(disturbed->region(), undisturbed->region());
  EXPECT_EQ(ExportOf(*disturbed), ExportOf(*undisturbed));
}

TEST(ApplyTest, TransactionThatIsAlwaysTurnedDownIsAFailure) {
  KvHome home;
  home.options().wiredtiger_extensions =
      "],debug_mode=(rollback_error=1),extensions=[";
  home.Reopen();
  LogMaker log;

  const absl::Status status =
      home->Apply({{log.Entry(Put("k", "v"))}}).status();

  EXPECT_EQ(status.code(), Code::kAborted) << status;
  EXPECT_EQ(home->failure(), status);
}

}  // namespace
}  // namespace trimaran::engine

// Goal: of what is left of a group that has lost its quorum, `trimaran recover`
// makes a new one with every write that the survivors held, says before what
// will become of the others, and changes nothing but what it makes. Method:
// groups of the public API, of which some members' directories are copied as a
// crash leaves them; runs of the real program.

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/free_ports.h"
#include "tests/api/group.h"
#include "tests/tools/trimaran/program_run.h"
#include "tests/tools/trimaran/saved_database.h"
#include "trimaran/admin.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

class RecoverTest : public ::testing::Test {
 protected:
  // One group for all tests, which goes on, since elections take time.
  static void SetUpTestSuite() {
    shared_group_ = new Group(3);
    shared_rows_ = new Rows();
  }
  static void TearDownTestSuite() {
    delete shared_group_;
    delete shared_rows_;
  }
  void SetUp() override { Write(200); }
  explicit RecoverTest(Group& group = *shared_group_,
                       Rows& rows = *shared_rows_)
      : group_(group), rows_(rows) {}

  // Acknowledged by the group, and known to all who are connected.
  void Write(int count) {
    Fill(group_.at(2), static_cast<int>(rows_.size()), count, 100, rows_);
  }
  uint64_t Leader() {
    while (true) {
      const auto status = group_.at(1).admin().GetStatus();
      if (status.ok() && status->leader != 0) return status->leader;
    }
  }
  // Holds the writes so far, as a process that is killed then leaves it.
  std::string Survive(uint64_t id) {
    WaitFor(id);
    return Copy(id);
  }
  void WaitFor(uint64_t id) {
    const auto last = group_.at(2).Put("last", "one");
    EXPECT_TRUE(last.ok()) << last.status();
    rows_["last"] = "one";
    const auto read =
        group_.at(id).Get("last", ReadOptions::AtLeast(last->index));
    EXPECT_TRUE(read.ok()) << read.status();
  }
  std::string Copy(uint64_t id) {
    std::string path = directory_.path(absl::StrCat("replica-", id));
    CopyAsIs(group_.PathOf(id), path);
    return path;
  }

  Outcome Plan(const std::string& survivors) {
    return Trimaran("recover --plan --json --cluster=new " + survivors);
  }
  std::string TokenOf(const std::string& survivors) {
    const Outcome plan = Plan(survivors);
    EXPECT_EQ(plan.code, 0) << plan.err;
    return JsonField(plan.out, "token");
  }
  std::string ApplyWords(const std::string& token,
                         const std::string& survivors) {
    return absl::StrCat("recover --apply --cluster=new --token=", token,
                        " --replica=1 --out=", out_, " ", survivors);
  }
  Outcome Apply(const std::string& token, const std::string& survivors) {
    return Trimaran(ApplyWords(token, survivors));
  }
  void ExpectRecoveredRows() { ExpectRecovered(rows_); }
  void ExpectRecovered(const Rows& rows) {
    Options options = SmallOptions();
    options.cluster = "new";
    const auto recovered = OpenDatabase(out_, options);
    ASSERT_NE(recovered, nullptr);
    EXPECT_EQ(Difference(RowsOf(*recovered), rows), "");
  }

  TestDirectory directory_;
  const std::string out_ = directory_.path("recovered");
  static inline Group* shared_group_ = nullptr;
  static inline Rows* shared_rows_ = nullptr;
  Group& group_;
  Rows& rows_;
};

TEST_F(RecoverTest, OneOfThreeKeepsEverythingThatItHeld) {
  Write(800);
  const std::string survivor = Survive(3);
  const Image before = ImageOf(survivor);

  const Outcome plan = Plan(survivor);

  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_EQ(JsonField(plan.out, "chosen_replica"), "3");
  EXPECT_EQ(JsonField(plan.out, "complete"), "false");
  EXPECT_EQ(JsonField(plan.out, "quorum"), "false");
  const std::string token = JsonField(plan.out, "token");
  const Outcome run = Apply(token, survivor);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(ImageOf(survivor), before);
  EXPECT_EQ(Trimaran("verify " + out_).code, 0);
  ExpectRecoveredRows();
}

TEST_F(RecoverTest, SessionsAreKeptSoThatRetriesAreDoneOnce) {
  const std::string survivor = Survive(1);
  const auto sessions = [](const std::string& path) {
    return Trimaran("dump --json --what=sessions " + path).out;
  };
  ASSERT_EQ(Apply(TokenOf(survivor), survivor).code, 0);
  // What the checkpoint of the survivor knew may be less.
  EXPECT_THAT(sessions(out_), HasSubstr("\"type\":\"session\""));
}

// Isolates the leader, which then takes a write that nobody else hears of.
class DividedGroupTest : public RecoverTest {
 protected:
  DividedGroupTest() : RecoverTest(divided_, written_) {}
  void SetUp() override {
    RecoverTest::SetUp();
    old_leader_ = Leader();
    // So that it has a session, without which it would begin with that.
    ASSERT_TRUE(group_.at(old_leader_).Put("last", "one").ok());
    rows_["last"] = "one";
    group_.network().Isolate(old_leader_);
    WriteBatch batch;
    batch.Put("undecided", "value");
    group_.at(old_leader_).WriteAsync(batch, [](const auto&) {});
    other_ = old_leader_ == 3 ? 2 : 3;
    // Acknowledged by the other two.
    const auto put = group_.at(other_).Put("acknowledged", "value");
    ASSERT_TRUE(put.ok()) << put.status();
    decided_ = rows_;
    decided_["acknowledged"] = "value";
  }

  Group divided_{3};
  Rows written_;
  uint64_t old_leader_ = 0;
  uint64_t other_ = 0;
  Rows decided_;
};

TEST_F(DividedGroupTest, TwoOfThreeKeepWhatWasAcknowledgedAndDropTheRest) {
  const std::string loser = Copy(old_leader_);
  const std::string winner = Copy(other_);
  const std::string both = absl::StrCat(loser, " ", winner);

  const Outcome plan = Plan(both);

  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_EQ(JsonField(plan.out, "chosen_replica"), absl::StrCat(other_));
  EXPECT_NE(JsonField(plan.out, "dropped"), "0");
  EXPECT_EQ(JsonField(plan.out, "complete"), "true");
  EXPECT_EQ(JsonField(plan.out, "quorum"), "true");
  const std::string token = JsonField(plan.out, "token");
  EXPECT_EQ(TokenOf(absl::StrCat(winner, " ", loser)), token);
  const Outcome text = Trimaran("recover --plan --cluster=new " + both);
  EXPECT_THAT(text.out, HasSubstr("There is no need to recover"));
  EXPECT_THAT(text.out, HasSubstr("Dropped: the last "));
  const Outcome run = Apply(token, both);
  EXPECT_EQ(run.code, 0) << run.err;
  ExpectRecovered(decided_);
}

TEST_F(DividedGroupTest, WhatNobodyHasDecidedComesBackWithTheOnlySurvivor) {
  const std::string survivor = Copy(old_leader_);
  const Outcome text = Trimaran("recover --plan --cluster=new " + survivor);
  EXPECT_THAT(text.out, HasSubstr("Made final: "));
  EXPECT_THAT(text.out, HasSubstr("Lost, perhaps: "));
  ASSERT_EQ(Apply(TokenOf(survivor), survivor).code, 0);
  decided_.erase("acknowledged");
  decided_["undecided"] = "value";
  ExpectRecovered(decided_);
}

TEST_F(RecoverTest, SurvivorBecomesANewGroupOfThree) {
  const std::string survivor = Survive(2);
  const std::string token = TokenOf(survivor);
  Options options = SmallOptions();
  options.cluster = "new";
  options.network = std::make_shared<InProcessNetwork>();
  for (const uint64_t id : {4u, 5u, 6u}) {
    options.founders[id] = {.name = "", .address = "here"};
  }
  std::vector<std::unique_ptr<DB>> replicas;
  for (const uint64_t id : {4u, 5u, 6u}) {
    const std::string path = directory_.path(absl::StrCat(id));
    const Outcome run = Trimaran(absl::StrCat(
        "recover --apply --cluster=new --token=", token,
        " --founder 4=a:1 --founder 5=b:1 --founder 6=c:1 --replica=", id,
        " --out=", path, " ", survivor));
    ASSERT_EQ(run.code, 0) << run.err;
    options.replica_id = id;
    replicas.push_back(OpenDatabase(path, options));
    ASSERT_NE(replicas.back(), nullptr);
  }
  ASSERT_TRUE(replicas[2]->Put("more", "v").ok());
  Rows rows = rows_;
  rows["more"] = "v";
  for (const auto& replica : replicas) {
    EXPECT_EQ(Difference(RowsOf(*replica), rows), "");
  }
}

TEST_F(RecoverTest, OldMembersAreRefusedByTheNewCluster) {
  const std::string survivor = Survive(1);
  const std::string old_member = Survive(2);
  const std::vector<uint16_t> ports = FreePorts(2);
  const auto address = [&](size_t i) {
    return absl::StrCat("127.0.0.1:", ports[i]);
  };
  const Outcome run = Trimaran(absl::StrCat(
      "recover --apply --cluster=new --token=", TokenOf(survivor),
      " --replica=1 --founder=1=", address(0), " --founder=2=", address(1),
      " --out=", out_, " ", survivor));
  ASSERT_EQ(run.code, 0) << run.err;
  Options options = SmallOptions();
  options.create_if_missing = false;
  options.cluster = "new";
  options.replica_id = 2;
  options.listen = address(1);
  EXPECT_EQ(DB::Open(options, old_member).status().code(),
            absl::StatusCode::kFailedPrecondition);

  // It is started as what it was, in the place of the other new member.
  options.cluster = "test group";
  const auto old_one = OpenDatabase(old_member, options);
  options.cluster = "new";
  options.replica_id = 1;
  options.listen = address(0);
  const auto new_one = OpenDatabase(out_, options);
  ASSERT_TRUE(old_one != nullptr && new_one != nullptr);
  const auto put = new_one->Put("more", "v", {.timeout = absl::Seconds(1)});
  EXPECT_FALSE(put.ok()) << "an old member has voted or counted";
  EXPECT_EQ(new_one->admin().GetStatus()->leader, 0u);
}

TEST_F(RecoverTest, SurvivorThatHasLostTheEndOfItsLogSaysSo) {
  const std::string early = Survive(1);
  Write(100);
  WaitFor(1);
  // Writes down how far the log has come.
  group_.Stop(1);
  const std::string survivor = directory_.path("late");
  CopyAsIs(group_.PathOf(1), survivor);
  group_.Start(1);
  for (const char* const part : {"log", "kv"}) {
    const std::string path = absl::StrCat(survivor, "/", part);
    fs::remove_all(path);
    CopyAsIs(absl::StrCat(early, "/", part), path);
  }
  const Outcome text = Trimaran("recover --plan --cluster=new " + survivor);
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("has lost entries that it had acknowledged"));
  EXPECT_EQ(Trimaran(absl::StrCat("backup ", survivor, " ", out_)).code, 5);
  EXPECT_EQ(Apply(TokenOf(survivor), survivor).code, 0);
  EXPECT_EQ(Trimaran("verify " + out_).code, 0);
}

// ---- What is refused ----

TEST_F(RecoverTest, WrongUsageIsTwo) {
  const std::string survivor = Survive(1);
  EXPECT_EQ(Trimaran("recover --cluster=new " + survivor).code, 2);
  EXPECT_EQ(Trimaran("recover --plan --apply --cluster=new " + survivor).code,
            2);
  EXPECT_EQ(Trimaran("recover --plan " + survivor).code, 2);
  EXPECT_EQ(Trimaran("recover --plan --cluster=new").code, 2);
  EXPECT_EQ(Trimaran("recover --plan --out=x --cluster=new " + survivor).code,
            2);
  const Outcome same =
      Trimaran("recover --plan --cluster='test group' " + survivor);
  EXPECT_EQ(same.code, 2);
  EXPECT_THAT(same.err, HasSubstr("must be a cluster of its own"));
  const std::string apply = "recover --apply --cluster=new ";
  const std::string token = absl::StrCat("--token=", TokenOf(survivor), " ");
  const std::string out = absl::StrCat("--out=", out_, " ");
  EXPECT_EQ(Trimaran(apply + out + "--replica=1 " + survivor).code, 2)
      << "without a token";
  EXPECT_EQ(Trimaran(apply + out + token + survivor).code, 2);
  EXPECT_EQ(Trimaran(apply + token + "--replica=1 " + survivor).code, 2);
  EXPECT_EQ(Trimaran(absl::StrCat(apply, token, "--replica=1 --out=", survivor,
                                  "/snap/new ", survivor))
                .code,
            2);
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(RecoverTest, NothingThereIsThreeAndInUseIsFour) {
  EXPECT_EQ(Plan(directory_.path("nowhere")).code, 3);
  EXPECT_EQ(Plan(group_.PathOf(1)).code, 4);
}

TEST_F(RecoverTest, DamagedSurvivorIsFiveUntilItIsLeftOut) {
  const std::string sound = Survive(1);
  const std::string damaged = Survive(2);
  const std::string token = TokenOf(absl::StrCat(sound, " ", damaged));
  Overwrite(damaged + "/FLOOR", 100, "damage");
  Overwrite(damaged + "/FLOOR", 4096 + 100, "damage");
  const std::string both = absl::StrCat(sound, " ", damaged);
  const Outcome plan = Plan(both);
  EXPECT_EQ(plan.code, 5);
  EXPECT_EQ(plan.out, "");
  EXPECT_THAT(plan.err, HasSubstr("leave it out"));
  EXPECT_EQ(Apply(token, both).code, 5);
  EXPECT_EQ(Apply(TokenOf(sound), sound).code, 0);
}

TEST_F(RecoverTest, WhatIsThereIsNotTouchedAndIsNine) {
  const std::string survivor = Survive(1);
  const std::string token = TokenOf(survivor);
  fs::create_directory(out_);
  std::ofstream(out_ + "/notes") << "mine";
  EXPECT_EQ(Apply(token, survivor).code, 9);
  EXPECT_EQ(Contents(out_ + "/notes"), "mine");
  fs::remove_all(out_);
  ASSERT_EQ(Apply(token, survivor).code, 0);
  EXPECT_EQ(Apply(token, survivor).code, 9);
}

TEST_F(RecoverTest, TokenOfSomethingElseIsEleven) {
  const std::string survivor = Survive(1);
  const std::string token = TokenOf(survivor);
  const Outcome wrong = Apply("0123456789abcdef", survivor);
  EXPECT_EQ(wrong.code, 11);
  EXPECT_THAT(wrong.err, HasSubstr("look at a new --plan"));
  EXPECT_EQ(Apply(token, absl::StrCat(survivor, " ", Survive(3))).code, 11)
      << "of other survivors";
  EXPECT_EQ(
      Trimaran(absl::StrCat("recover --apply --cluster=newer --token=", token,
                            " --replica=1 --out=", out_, " ", survivor))
          .code,
      11)
      << "of another cluster";
  fs::remove_all(survivor);
  Write(1);
  Survive(1);
  EXPECT_EQ(Apply(token, survivor).code, 11) << "it has changed";
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(RecoverTest, SurvivorsOfTwoGroupsAreEleven) {
  const std::string survivor = Survive(1);
  const std::string stranger = directory_.path("stranger");
  {
    Options options = SmallOptions();
    options.replica_id = 2;
    const auto alone = DB::Open(options, stranger);
    ASSERT_TRUE(alone.ok()) << alone.status();
  }
  const Outcome plan = Plan(absl::StrCat(survivor, " ", stranger));
  EXPECT_EQ(plan.code, 11);
  EXPECT_THAT(plan.err, HasSubstr("is of cluster"));
  const std::string copy = directory_.path("copy");
  CopyAsIs(survivor, copy);
  const Outcome twice = Plan(absl::StrCat(survivor, " ", copy));
  EXPECT_EQ(twice.code, 11);
  EXPECT_THAT(twice.err, HasSubstr("are of one member"));
}

TEST_F(RecoverTest, FullDiskIsTenAndLeavesNothing) {
  Fill(group_.at(2), 0, 2000, 4000, rows_);
  const std::string survivor = Survive(1);
  const std::string token = TokenOf(survivor);
  const std::string small = directory_.path("small");
  fs::create_directory(small);
  for (const int megabytes : {10, 17, 24, 30}) {
    const Outcome run = TrimaranOnSmallDisk(
        small, megabytes,
        absl::StrCat("recover --apply --cluster=new --token=", token,
                     " --replica=1 --out=", small, "/r ", survivor));
    if (run.code == kNoSmallDisk) GTEST_SKIP() << "no mounts here";
    EXPECT_EQ(run.code, 10) << megabytes << ": " << run.err;
    EXPECT_EQ(run.out, "") << megabytes;
  }
}

TEST_F(RecoverTest, KilledAnywhereItIsThereAsAWholeOrNotAtAll) {
  Fill(group_.at(2), 0, 3000, 200, rows_);
  const std::string survivor = Survive(1);
  const Image before = ImageOf(survivor);
  const std::string words = ApplyWords(TokenOf(survivor), survivor);
  int killed = 0;
  for (int wait = 20; wait < 60'000 && !fs::exists(out_); wait += wait / 3) {
    const std::string seconds = absl::StrCat("0.", wait < 100 ? "0" : "", wait);
    Trimaran(
        words,
        absl::StrCat("timeout --signal=KILL ",
                     wait < 1000 ? seconds : absl::StrCat(wait / 1000), " "));
    ++killed;
  }
  EXPECT_GT(killed, 3);
  EXPECT_EQ(ImageOf(survivor), before);
  EXPECT_EQ(Trimaran("verify --deep " + out_).code, 0);
  ExpectRecoveredRows();
}

}  // namespace
}  // namespace trimaran::tool

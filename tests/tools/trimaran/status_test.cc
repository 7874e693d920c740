// Goal: `trimaran status` says of a directory whose it is, what it holds, and
// what the next open will do, and changes nothing.

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/tools/trimaran/program_run.h"
#include "tests/tools/trimaran/saved_database.h"
#include "trimaran/admin.h"

namespace trimaran::tool {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class StatusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = DB::Open(SmallOptions(), store_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
    Fill(*db_, 0, 100, 100, rows_);
  }
  // The line of JSON of that type.
  static std::string Line(const Outcome& run, const std::string& type) {
    const size_t at = run.out.find(absl::StrCat("{\"type\":\"", type, "\""));
    if (at == std::string::npos) return "";
    return run.out.substr(at, run.out.find('\n', at) - at);
  }

  TestDirectory directory_;
  const std::string store_ = directory_.path("store");
  std::unique_ptr<DB> db_;
  Rows rows_;
};

TEST_F(StatusTest, ClosedStoreHasNothingToDo) {
  const auto open = db_->admin().GetStatus();
  ASSERT_TRUE(db_->Close().ok());
  const Image before = ImageOf(store_);

  const Outcome run = Trimaran("status " + store_);

  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr(open->cluster), HasSubstr("replica"),
                             HasSubstr("has nothing to do")));
  EXPECT_EQ(ImageOf(store_), before);
  const Outcome json = Trimaran("status --json " + store_);
  EXPECT_EQ(JsonField(Line(json, "log"), "last_index"),
            JsonField(Line(json, "state"), "applied_index"));
  EXPECT_EQ(JsonField(Line(json, "log"), "committed"),
            JsonField(Line(json, "log"), "last_index"));
  EXPECT_EQ(JsonField(Line(json, "identity"), "replica"), "1");
  EXPECT_EQ(JsonField(Line(json, "region_state"), "voters"), "[1]");
  EXPECT_EQ(JsonField(Line(json, "disk"), "what"), "log");
  EXPECT_EQ(Line(json, "opening"), "");
}

TEST_F(StatusTest, CrashedStoreHasEntriesToApply) {
  const auto durable = db_->admin().Checkpoint();
  ASSERT_TRUE(durable.ok()) << durable.status();
  ASSERT_TRUE(db_->Put("more", "v").ok());
  const auto last = db_->Put("and more", "v");
  ASSERT_TRUE(last.ok()) << last.status();
  const uint64_t again = last->index - durable->index;
  ASSERT_GE(again, 2u);
  const std::string crashed = directory_.path("crashed");
  CopyAsIs(store_, crashed);
  fs::create_directory(crashed + "/snap/out-9-9");

  const Outcome run = Trimaran("status " + crashed);

  EXPECT_EQ(run.code, 0) << run.err;
  // A replica may make an entry by itself at any time, to compact its log.
  EXPECT_THAT(
      run.out,
      AnyOf(HasSubstr(absl::StrCat("applies ", again, " entries")),
            HasSubstr(absl::StrCat("applies ", again + 1, " entries"))));
  EXPECT_THAT(run.out, AllOf(HasSubstr("out-9-9"), HasSubstr("unfinished"),
                             Not(HasSubstr("has nothing to do"))));
}

TEST_F(StatusTest, MemberOfAGroupNamesTheOthersAndWhatIsUndecided) {
  Group group(3);
  for (int i = 0; i < 5; ++i) {
    const auto put = group.at(1).Put("key", "value");
    ASSERT_TRUE(put.ok()) << put.status();
    ASSERT_TRUE(group.at(3).Get("key", ReadOptions::AtLeast(put->index)).ok());
  }
  const std::string copy = directory_.path("copy");
  CopyAsIs(group.PathOf(3), copy);
  const Outcome run = Trimaran("status --json " + copy);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(JsonField(Line(run, "identity"), "replica"), "3");
  EXPECT_EQ(JsonField(Line(run, "member"), "address"), "here");
  EXPECT_THAT(run.out, HasSubstr("\"voters\":[1,2,3]"));
}

TEST_F(StatusTest, DamageIsListedAndIsOne) {
  ASSERT_TRUE(db_->Close().ok());
  Overwrite(store_ + "/FLOOR", 100, "damage");
  const Outcome one_slot = Trimaran("status " + store_);
  EXPECT_EQ(one_slot.code, 0) << "that is mended";
  EXPECT_THAT(one_slot.out, HasSubstr("one of its two slots is damaged"));
  Overwrite(store_ + "/FLOOR", 4096 + 100, "damage");
  const Outcome both = Trimaran("status --json " + store_);
  EXPECT_EQ(both.code, 1);
  EXPECT_EQ(JsonField(Line(both, "store"), "damaged"), "true");
  EXPECT_THAT(Line(both, "damage"), HasSubstr("FLOOR"));
  EXPECT_EQ(JsonField(Line(both, "identity"), "replica"), "1");
}

TEST_F(StatusTest, OtherThingsAreRefused) {
  const Outcome open = Trimaran("status " + store_);
  EXPECT_EQ(open.code, 4);
  EXPECT_THAT(open.err, HasSubstr("--at http://HOST:PORT"));
  // It is a directory or a running replica.
  EXPECT_EQ(Trimaran("status").code, 2);
  EXPECT_EQ(Trimaran("status --at http://127.0.0.1:1 " + store_).code, 2);
  EXPECT_EQ(Trimaran("status " + store_ + " " + store_).code, 2);
  EXPECT_EQ(Trimaran("status --at http://127.0.0.1:1").code, 8);
  EXPECT_EQ(Trimaran("status " + directory_.path("nowhere")).code, 3);
  ASSERT_TRUE(db_->admin().CreateBackup(directory_.path("backup")).ok());
  EXPECT_EQ(Trimaran("status " + directory_.path("backup")).code, 3);
}

}  // namespace
}  // namespace trimaran::tool

// Goal: reads show one log position each, whatever is applied meanwhile.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/format/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using Code = absl::StatusCode;

// Two literals in braces would be the begin and the end of one key.
std::vector<std::string_view> Keys(std::vector<std::string_view> keys) {
  return keys;
}

class ReadTest : public ::testing::Test {
 protected:
  void Write(const std::vector<std::string>& keys,
             FamilyId family = kDefaultFamily) {
    std::vector<Operation> operations;
    for (const std::string& key : keys) {
      operations.emplace_back(PutOp{family, key, key});
    }
    ApplyAll(*home_, {log_.Entry(Batch(std::move(operations)))});
  }
  std::unique_ptr<RowIterator> Rows(const IterationBounds& bounds = {},
                                    FamilyId family = kDefaultFamily) {
    if (view_ == nullptr) view_ = *home_->NewView();
    return *view_->NewIterator(family, bounds);
  }

  KvHome home_;
  LogMaker log_;
  std::unique_ptr<ReadView> view_;
};

TEST_F(ReadTest, ViewStaysAtItsPosition) {
  Write({"a", "b"});
  ApplyAll(*home_, {log_.Entry(CreateFamilyCommand{"f"})});
  const auto view = *home_->NewView();
  const LogPosition position = home_->applied().applied;
  ApplyAll(*home_, {log_.Entry(Delete("a")), log_.Entry(Put("b", "new")),
                    log_.Entry(DropFamilyCommand{"f"})});
  ASSERT_TRUE(home_->Checkpoint().ok());

  EXPECT_EQ(view->position(), position);
  EXPECT_THAT(*view->MultiGet(kDefaultFamily, Keys({"b", "absent", "a"})),
              ElementsAre(Optional(std::string("b")), std::nullopt,
                          Optional(std::string("a"))));
  std::string value;
  EXPECT_FALSE(*view->Get(FamilyId(2), "k", value));
  const auto now = *home_->NewView();
  EXPECT_EQ(now->Get(FamilyId(2), "k", value).status().code(), Code::kNotFound);
  EXPECT_FALSE(*now->Get(kDefaultFamily, "a", value));
}

TEST_F(ReadTest, IteratesBothWays) {
  Write({"c", "a", "b"});
  auto rows = Rows();
  EXPECT_FALSE(rows->valid());
  rows->SeekToFirst();
  EXPECT_EQ(Forward(*rows), "a=a b=b c=c");
  EXPECT_FALSE(rows->valid());
  rows->SeekToLast();
  EXPECT_EQ(Backward(*rows), "c=c b=b a=a");
  rows->Seek("b");
  rows->Next();
  EXPECT_EQ(rows->key(), "c");
  rows->Prev();
  rows->Prev();
  EXPECT_EQ(rows->key(), "a");
}

TEST_F(ReadTest, SeeksLandOnTheNeighbour) {
  Write({"b", "d"});
  auto rows = Rows();
  const auto At = [&](auto seek, std::string_view key) {
    ((*rows).*seek)(key);
    return rows->valid() ? std::string(rows->key()) : "(none)";
  };
  EXPECT_EQ(At(&RowIterator::Seek, ""), "b");
  EXPECT_EQ(At(&RowIterator::Seek, "b"), "b");
  EXPECT_EQ(At(&RowIterator::Seek, "c"), "d");
  EXPECT_EQ(At(&RowIterator::Seek, "e"), "(none)");
  EXPECT_EQ(At(&RowIterator::SeekForPrev, "a"), "(none)");
  EXPECT_EQ(At(&RowIterator::SeekForPrev, "c"), "b");
  EXPECT_EQ(At(&RowIterator::SeekForPrev, "d"), "d");
  EXPECT_EQ(At(&RowIterator::SeekForPrev, "\xff\xff"), "d");
}

// Covers: E16
TEST_F(ReadTest, BoundsAreHalfOpen) {
  Write({"a", "b", "c", "d"});
  auto rows = Rows({"b", "d"});
  rows->SeekToFirst();
  EXPECT_EQ(Forward(*rows), "b=b c=c");
  rows->SeekToLast();
  EXPECT_EQ(Backward(*rows), "c=c b=b");
  rows->Seek("a");
  EXPECT_EQ(rows->key(), "b");
  rows->Seek("d");
  EXPECT_FALSE(rows->valid());
  rows->SeekForPrev("z");
  EXPECT_EQ(rows->key(), "c");
  rows->SeekForPrev("a");
  EXPECT_FALSE(rows->valid());
  for (const IterationBounds& empty :
       {IterationBounds{"b", "b"}, {"c", "b"}, {"bb", "bc"}, {"e", ""}}) {
    auto none = Rows(empty);
    none->SeekToFirst();
    EXPECT_FALSE(none->valid());
    none->SeekToLast();
    EXPECT_FALSE(none->valid());
  }
}

TEST_F(ReadTest, PrefixEndIsTheNextKeyThatIsNotOfThePrefix) {
  Write({"ab", "ab1", "ac", "\xff", "\xff\xff", "\xff\xff\x01"});
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");

  auto rows = Rows({"ab", PrefixEnd("ab")});
  rows->SeekToFirst();
  EXPECT_EQ(Forward(*rows), "ab=ab ab1=ab1");
  auto last = Rows({"\xff\xff", PrefixEnd("\xff\xff")});
  last->SeekToLast();
  EXPECT_EQ(last->key(), "\xff\xff\x01");
}

TEST_F(ReadTest, FamiliesDoNotReachIntoEachOther) {
  std::vector<Command> commands;
  std::vector<std::string> names;
  for (int i = 2; i <= 300; ++i) names.push_back(absl::StrCat("f", i));
  for (const std::string& name : names) {
    commands.push_back({std::nullopt, CreateFamilyCommand{name}});
  }
  ApplyAll(*home_, {log_.Entry(commands)});
  // Around where the encoding of a family becomes longer.
  for (const uint64_t id : {1u, 2u, 247u, 248u, 255u, 256u, 300u}) {
    Write({std::string("\0", 1), absl::StrCat("in ", id), "\xff\xff"},
          FamilyId(id));
  }
  for (const uint64_t id : {1u, 2u, 247u, 248u, 255u, 256u, 300u}) {
    auto rows = Rows({}, FamilyId(id));
    size_t count = 0;
    for (rows->SeekToFirst(); rows->valid(); rows->Next()) ++count;
    EXPECT_EQ(count, 3u) << id;
    rows->SeekToLast();
    EXPECT_EQ(rows->key(), "\xff\xff");
    rows->Prev();
    EXPECT_EQ(rows->key(), absl::StrCat("in ", id));
  }
  auto empty = Rows({}, FamilyId(254));
  empty->SeekToFirst();
  EXPECT_FALSE(empty->valid());
  empty->SeekToLast();
  EXPECT_FALSE(empty->valid());
}

TEST_F(ReadTest, BadReadsAreRefused) {
  const auto view = *home_->NewView();
  std::string value;
  const std::string long_key(kKeyBytesMax + 1, 'k');
  EXPECT_EQ(home_->Get(kDefaultFamily, "", value).status().code(),
            Code::kInvalidArgument);
  const absl::Status too_long =
      home_->Get(kDefaultFamily, long_key, value).status();
  EXPECT_EQ(too_long.code(), Code::kInvalidArgument);
  EXPECT_THAT(std::string(too_long.message()), HasSubstr("1024"));
  EXPECT_EQ(view->Get(kDefaultFamily, "", value).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(view->MultiGet(kDefaultFamily, Keys({"k", ""})).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(home_->Get(FamilyId(2), "k", value).status().code(),
            Code::kNotFound);
  EXPECT_EQ(view->NewIterator(FamilyId(2), {}).status().code(),
            Code::kNotFound);
  EXPECT_FALSE(
      *home_->Get(kDefaultFamily, std::string(kKeyBytesMax, 'k'), value));
}

TEST_F(ReadTest, LongestKeyAndLargestValueComeBack) {
  const std::string key(kKeyBytesMax, '\xff');
  const std::string value(kValueBytesMax, 'v');
  ApplyAll(*home_, {log_.Entry(Put(key, value)), log_.Entry(Put("e", ""))});
  EXPECT_EQ(ValueOf(*home_, key), value);
  EXPECT_EQ(ValueOf(*home_, "e"), "");
}

TEST_F(ReadTest, OldViewSaysSo) {
  std::vector<std::string> keys;
  for (int i = 1000; i < 2000; ++i) keys.push_back(absl::StrCat(i));
  Write(keys);
  auto rows = Rows();
  rows->SeekToFirst();
  home_.clock().Advance(home_.options().view_age_max);

  size_t steps = 0;
  while (rows->valid()) {
    rows->Next();
    ++steps;
  }
  EXPECT_LT(steps, 200u);
  EXPECT_EQ(rows->status().code(), Code::kAborted);
  rows->SeekToFirst();
  EXPECT_FALSE(rows->valid());
  std::string value;
  EXPECT_EQ(view_->Get(kDefaultFamily, "1000", value).status().code(),
            Code::kAborted);
  EXPECT_EQ(view_->MultiGet(kDefaultFamily, {}).status().code(),
            Code::kAborted);
  EXPECT_EQ(view_->NewIterator(kDefaultFamily, {}).status().code(),
            Code::kAborted);
  EXPECT_TRUE((*home_->NewView())->MultiGet(kDefaultFamily, {}).ok());
}

TEST_F(ReadTest, ViewsAreLimited) {
  home_.options().views_max = 2;
  home_.Reopen();
  auto first = *home_->NewView();
  auto second = *home_->NewView();

  const absl::Status third = home_->NewView().status();
  first.reset();

  EXPECT_EQ(third.code(), Code::kResourceExhausted);
  EXPECT_THAT(std::string(third.message()), HasSubstr("2"));
  EXPECT_TRUE(home_->NewView().ok());
}

// Threads that take a view and look at it, again and again, until this ends.
class Lookers {
 public:
  using Look = std::function<void(ReadView& view)>;

  Lookers(KvHome& home, Look look) : look_(std::move(look)) {
    for (int i = 0; i < 3; ++i) {
      threads_.emplace_back([this, &home] {
        while (!done_.load()) {
          const auto view = home->NewView();
          if (view.ok()) look_(**view);
        }
      });
    }
  }
  ~Lookers() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  const Look look_;
  std::atomic<bool> done_ = false;
  std::vector<std::thread> threads_;
};

// Both rows are always written by one entry, so that no reader may see one
// without the other.
TEST_F(ReadTest, ReadersSeeWholeBatchesWhileTheyAreApplied) {
  ApplyAll(*home_, {log_.Entry(Batch({PutOp{kDefaultFamily, "x", "same"},
                                      PutOp{kDefaultFamily, "y", "same"}}))});
  std::atomic<int> torn = 0;
  std::atomic<int> wrong = 0;
  {
    const Lookers lookers(home_, [&](ReadView& view) {
      const auto values = *view.MultiGet(kDefaultFamily, Keys({"x", "y"}));
      if (values[0] != values[1]) ++torn;
      std::string value;
      if (!home_->Get(kDefaultFamily, "x", value).ok()) ++wrong;
      if (home_->Get(kDefaultFamily, "absent", value).value_or(true)) ++wrong;
    });
    for (int i = 0; i < 300; ++i) {
      const std::string value = absl::StrCat(i);
      ApplyAll(*home_,
               {log_.Entry(Put("x", value)), log_.Entry(Put("y", value)),
                log_.Entry(CreateFamilyCommand{"f"}),
                log_.Entry(DropFamilyCommand{"f"})});
    }
  }
  EXPECT_EQ(torn.load(), 0);
  EXPECT_EQ(wrong.load(), 0);
}

// Each entry writes the row, so that its version is the position of whoever
// sees it.
TEST_F(ReadTest, PositionIsThatOfTheRowsWhileEntriesAreApplied) {
  ApplyAll(*home_, {log_.Entry(Put("x", "first"))});
  std::atomic<int> seen = 0;
  std::atomic<int> wrong = 0;
  {
    const Lookers lookers(home_, [&](ReadView& view) {
      const auto row = *view.NewIterator(kDefaultFamily, {});
      row->SeekToFirst();
      ++seen;
      if (!row->valid() || row->version() != view.position().id.index) ++wrong;
    });
    for (int i = 0; i < 20'000 && seen < 20'000; ++i) {
      ApplyAll(*home_, {log_.Entry(Put("x", absl::StrCat(i)))});
    }
  }
  EXPECT_GT(seen.load(), 0);
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace trimaran::engine

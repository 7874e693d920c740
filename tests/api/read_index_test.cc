// Goal: whoever cannot wait for a read is told an index that makes it as fresh
// as one that waits, once, whatever happens meanwhile.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/support/node/blocking.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

using absl::StatusCode;

using Index = absl::StatusOr<uint64_t>;

Index ReadIndex(DB& db, const ReadOptions& options = {}) {
  Later<Index> index;
  db.ReadIndexAsync([&](Index answer) { index.Set(std::move(answer)); },
                    options);
  return index.Wait();
}

TEST(ReadIndexTest, AloneItIsToldAtOnce) {
  TestDirectory directory;
  const auto db = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  const auto put = (*db)->Put("key", "v");
  ASSERT_TRUE(put.ok()) << put.status();
  bool told = false;
  (*db)->ReadIndexAsync([&](const Index& index) {
    ASSERT_TRUE(index.ok()) << index.status();
    EXPECT_GE(*index, put->index);
    EXPECT_EQ((*db)->Get("key", ReadOptions::AtLeast(*index)).value(), "v");
    told = true;
  });
  EXPECT_TRUE(told);
}

TEST(ReadIndexTest, SeesWhatWasAcknowledgedAnywhere) {
  Group group(3);
  for (uint64_t i = 0; i < 20; ++i) {
    const std::string value = absl::StrCat(i);
    const auto put = group.at(1 + i % 3).Put("key", value);
    ASSERT_TRUE(put.ok()) << put.status();
    for (uint64_t id = 1; id <= 3; ++id) {
      for (const ReadOptions& options :
           {ReadOptions(), ReadOptions::Lease(),
            ReadOptions::Bounded(absl::ZeroDuration()),
            ReadOptions::AtLeast(put->index)}) {
        const Index index = ReadIndex(group.at(id), options);
        ASSERT_TRUE(index.ok()) << index.status();
        EXPECT_GE(*index, put->index);
        EXPECT_EQ(group.at(id).Get("key", ReadOptions::AtLeast(*index)).value(),
                  value);
      }
      EXPECT_TRUE(ReadIndex(group.at(id), ReadOptions::Local()).ok());
    }
  }
}

TEST(ReadIndexTest, CallbackMayAskForTheNext) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  DB& db = group.at(2);
  Later<bool> ended;
  int left = 100;
  const std::function<void(const Index&)> told = [&](const Index& index) {
    ASSERT_TRUE(index.ok()) << index.status();
    EXPECT_EQ(db.Get("key", ReadOptions::AtLeast(*index)).value(), "v");
    EXPECT_EQ(db.Get("key").status().code(), StatusCode::kFailedPrecondition);
    if (--left == 0) {
      ended.Set(true);
    } else {
      db.ReadIndexAsync(told);
    }
  };
  db.ReadIndexAsync(told);
  (void)ended.Wait();
}

// Also where each answer is there at once, be it an error.
TEST(ReadIndexTest, AskingForTheNextWithoutEndUsesUpNoStack) {
  TestDirectory directory;
  const auto db = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  ReadOptions no_time = ReadOptions::AtLeast(1'000'000);
  no_time.timeout = absl::ZeroDuration();
  for (const ReadOptions& options :
       {ReadOptions(), ReadOptions::Local(), ReadOptions::AtLeast(1),
        ReadOptions::Bounded(-absl::Seconds(1)), no_time}) {
    Later<bool> ended;
    int left = 1000;
    const std::function<void(const Index&)> told = [&](const Index&) {
      thread_local bool inside = false;
      EXPECT_FALSE(inside);
      inside = true;
      if (--left == 0) {
        ended.Set(true);
      } else {
        (*db)->ReadIndexAsync(told, options);
      }
      inside = false;
    };
    (*db)->ReadIndexAsync(told, options);
    (void)ended.Wait();
  }
}

TEST(ReadIndexTest, CloseWaitsForAChain) {
  TestDirectory directory;
  const auto db = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  std::atomic<int> told = 0;
  std::atomic<bool> ended = false;
  const std::function<void(const Index&)> tell = [&](const Index& index) {
    ++told;
    if (index.ok()) {
      (*db)->ReadIndexAsync(tell);
    } else {
      EXPECT_EQ(index.status().code(), StatusCode::kFailedPrecondition);
      ended = true;
    }
  };
  (*db)->ReadIndexAsync(tell);
  while (told < 100) std::this_thread::yield();
  EXPECT_TRUE((*db)->Close().ok());
  EXPECT_TRUE(ended);
}

TEST(ReadIndexTest, RefusalsAreToldOnce) {
  TestDirectory directory;
  const auto db = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  EXPECT_EQ(
      ReadIndex(**db, ReadOptions::Bounded(-absl::Seconds(1))).status().code(),
      StatusCode::kInvalidArgument);
  ReadOptions beyond = ReadOptions::AtLeast(1'000'000);
  beyond.timeout = absl::ZeroDuration();
  bool told = false;
  (*db)->ReadIndexAsync(
      [&](const Index& index) {
        EXPECT_EQ(index.status().code(), StatusCode::kDeadlineExceeded);
        told = true;
      },
      beyond);
  EXPECT_TRUE(told) << "there is nothing to wait for";
  beyond.timeout = absl::Milliseconds(50);
  EXPECT_EQ(ReadIndex(**db, beyond).status().code(),
            StatusCode::kDeadlineExceeded);
  ASSERT_TRUE((*db)->Close().ok());
  EXPECT_EQ(ReadIndex(**db).status().code(), StatusCode::kFailedPrecondition);
}

TEST(ReadIndexTest, CloseAnswersWhoeverHasNoIndexYet) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  group.Stop(2);
  group.Stop(3);
  std::atomic<int> told = 0;
  for (int i = 0; i < 10; ++i) {
    group.at(1).ReadIndexAsync([&](const Index& index) {
      EXPECT_FALSE(index.ok());
      ++told;
    });
  }
  EXPECT_TRUE(group.at(1).Close().ok());
  EXPECT_EQ(told, 10);
}

TEST(ReadIndexTest, SoManyWaitAndNoMore) {
  constexpr int max = 65536;
  std::atomic<int> told = 0;
  std::atomic<int> refused = 0;
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  group.Stop(2);
  group.Stop(3);
  ReadOptions patient;
  patient.timeout = absl::InfiniteDuration();
  const auto ask = [&] {
    group.at(1).ReadIndexAsync(
        [&](const Index& index) {
          ++(absl::IsResourceExhausted(index.status()) ? refused : told);
        },
        patient);
  };
  for (int i = 0; i < max + 10; ++i) ask();
  EXPECT_EQ(told, 0);
  EXPECT_EQ(refused, 10);
  group.Start(2);
  EXPECT_TRUE(Eventually([&] { return told == max; }));
  ask();
  EXPECT_TRUE(Eventually([&] { return told == max + 1; }));
  EXPECT_EQ(refused, 10);
}

TEST(ReadIndexTest, CloseMayComeInBetween) {
  for (int round = 0; round < 5; ++round) {
    Group group(3);
    ASSERT_TRUE(group.at(1).Put("key", "v").ok());
    std::atomic<int> asked = 0;
    std::atomic<int> told = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&] {
        for (bool open = true; open;) {
          ++asked;
          group.at(1).ReadIndexAsync([&told](const Index&) { ++told; });
          open = group.at(1).Get("key", ReadOptions::Local()).ok();
        }
      });
    }
    while (asked < 100) std::this_thread::yield();
    EXPECT_TRUE(group.at(1).Close().ok());
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(told, asked);
  }
}

TEST(ReadIndexTest, WhatACallbackThrowsGoesNoFurther) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  for (uint64_t id = 1; id <= 3; ++id) {
    group.at(id).ReadIndexAsync([](const Index&) { throw 7; });
    EXPECT_EQ(group.at(id).Get("key").value(), "v");
  }
}

}  // namespace
}  // namespace trimaran

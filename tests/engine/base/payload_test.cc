// Goal: copies share the bytes, nobody's bytes change, and the last holder
// frees them, on whichever thread that is. The sanitizers do the counting.

#include "engine/base/payload.h"

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

TEST(PayloadTest, IsEmptyByDefault) {
  const Payload payload;
  EXPECT_TRUE(payload.empty());
  EXPECT_EQ(payload.size(), 0u);
  EXPECT_EQ(payload.bytes(), "");
  EXPECT_TRUE(Payload(std::string_view()).empty());
}

TEST(PayloadTest, KeepsItsOwnCopyOfTheBytes) {
  std::string source("a\0b", 3);
  const Payload payload(source);
  source[0] = 'x';
  EXPECT_EQ(payload.bytes(), std::string_view("a\0b", 3));
  EXPECT_EQ(payload.size(), 3u);
  EXPECT_FALSE(payload.empty());
}

TEST(PayloadTest, CopiesShareTheBytes) {
  const Payload original("shared");
  const Payload copy = original;
  Payload assigned;
  assigned = copy;
  EXPECT_EQ(copy.bytes().data(), original.bytes().data());
  EXPECT_EQ(assigned.bytes().data(), original.bytes().data());
}

TEST(PayloadTest, ACopyOutlivesItsOriginal) {
  Payload copy;
  {
    const Payload original("kept");
    copy = original;
  }
  EXPECT_EQ(copy.bytes(), "kept");
}

TEST(PayloadTest, MovingHandsTheBytesOver) {
  Payload source("moved");
  const char* const bytes = source.bytes().data();
  const Payload target = std::move(source);
  EXPECT_EQ(target.bytes().data(), bytes);
}

TEST(PayloadTest, AssignmentReplacesWhatWasThere) {
  Payload target("old");
  const Payload shared("new");
  target = shared;
  EXPECT_EQ(target.bytes(), "new");
  target = Payload("newer");
  EXPECT_EQ(target.bytes(), "newer");
  target = Payload();
  EXPECT_TRUE(target.empty());
  EXPECT_EQ(shared.bytes(), "new");
}

TEST(PayloadTest, AssigningToItselfChangesNothing) {
  Payload payload("self");
  Payload& alias = payload;
  payload = alias;
  EXPECT_EQ(payload.bytes(), "self");
  payload = std::move(alias);
  EXPECT_EQ(payload.bytes(), "self");
}

TEST(PayloadTest, ComparesBytes) {
  const Payload a("same");
  EXPECT_EQ(a, a);
  EXPECT_EQ(a, Payload("same"));
  EXPECT_FALSE(a == Payload("other"));
  EXPECT_FALSE(a == Payload());
  EXPECT_EQ(Payload(), Payload(""));
}

// Each thread copies and drops on its own; whoever is last frees. A wrong
// order of these operations is seen by the thread and address sanitizers.
TEST(PayloadTest, CopiesLiveAndDieOnManyThreads) {
  std::vector<std::thread> threads;
  {
    const Payload payload(std::string(100, 'x'));
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([payload] {
        for (int round = 0; round < 1000; ++round) {
          const Payload copy = payload;
          ASSERT_EQ(copy.bytes().back(), 'x');
        }
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace trimaran

// Goal: a registry counts every hit and runs what is armed at the hit that was
// asked for, once, without a lock held. Built twice: with fault points and
// without.

#include "engine/base/fault_point.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

using Names = std::vector<std::string>;

TEST(FaultRegistryTest, CountsHitsAndListsPointsSorted) {
  FaultRegistry registry;
  registry.Hit("b");
  registry.Hit("a");
  registry.Hit("b");
  EXPECT_EQ(registry.HitCount("a"), 1u);
  EXPECT_EQ(registry.HitCount("b"), 2u);
  EXPECT_EQ(registry.HitCount("c"), 0u);
  EXPECT_EQ(registry.PointsHit(), (Names{"a", "b"}));
}

TEST(FaultRegistryTest, RunsTheActionAtTheNthHitFromNowOnce) {
  FaultRegistry registry;
  int runs = 0;
  registry.Hit("sync");
  registry.Arm("sync", 2, [&runs] { ++runs; });
  registry.Hit("sync");
  EXPECT_EQ(runs, 0);
  registry.Hit("sync");
  EXPECT_EQ(runs, 1);
  registry.Hit("sync");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(registry.HitCount("sync"), 4u);
}

TEST(FaultRegistryTest, AnArmedPointIsNotHitYet) {
  FaultRegistry registry;
  registry.Arm("sync", 1, [] {});
  EXPECT_EQ(registry.PointsHit(), Names{});
}

TEST(FaultRegistryTest, ArmingAgainReplaces) {
  FaultRegistry registry;
  std::string ran;
  registry.Arm("sync", 1, [&ran] { ran += "first"; });
  registry.Arm("sync", 1, [&ran] { ran += "second"; });
  registry.Hit("sync");
  EXPECT_EQ(ran, "second");
}

TEST(FaultRegistryTest, DisarmedAndResetPointsRunNothing) {
  FaultRegistry registry;
  int runs = 0;
  const auto count = [&runs] { ++runs; };
  registry.Arm("a", 1, count);
  registry.Disarm("a");
  registry.Hit("a");
  registry.Arm("a", 1, count);
  registry.Reset();
  EXPECT_EQ(registry.HitCount("a"), 0u);
  registry.Hit("a");
  EXPECT_EQ(runs, 0);
}

// A deadlock here is a time-out of this test.
TEST(FaultRegistryTest, AnActionMayUseTheRegistry) {
  FaultRegistry registry;
  int runs = 0;
  registry.Arm("outer", 1, [&registry, &runs] {
    registry.Arm("inner", 1, [&runs] { ++runs; });
    registry.Hit("inner");
  });
  registry.Hit("outer");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(registry.PointsHit(), (Names{"inner", "outer"}));
}

TEST(FaultRegistryTest, CountsTheHitsOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kHits = 500;
  FaultRegistry registry;
  std::atomic<int> runs{0};
  registry.Arm("shared", kThreads * kHits / 2, [&runs] { ++runs; });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&registry] {
      for (int hit = 0; hit < kHits; ++hit) registry.Hit("shared");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(registry.HitCount("shared"), uint64_t{kThreads * kHits});
  EXPECT_EQ(runs.load(), 1);
}

TEST(FaultRegistryDeathTest, RefusesAnActionThatCouldNeverRun) {
  FaultRegistry registry;
  EXPECT_DEATH(registry.Arm("p", 0, [] {}), "nth_hit");
  EXPECT_DEATH(registry.Arm("p", 1, nullptr), "action");
}

#ifdef TRIMARAN_FAULT_POINTS

TEST(FaultPointTest, TheMacroHitsTheGlobalRegistry) {
  FaultRegistry& registry = FaultRegistry::Global();
  registry.Reset();
  int runs = 0;
  registry.Arm("test/point", 1, [&runs] { ++runs; });
  TRIMARAN_FAULT_POINT("test/point");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(registry.PointsHit(), Names{"test/point"});
  registry.Reset();
}

TEST(FaultPointDeathTest, AnActionCanStopTheProcessAtThePoint) {
  FaultRegistry::Global().Arm("test/stop", 1, [] { std::_Exit(7); });
  EXPECT_EXIT(TRIMARAN_FAULT_POINT("test/stop"), testing::ExitedWithCode(7),
              "");
  FaultRegistry::Global().Reset();
}

#else

TEST(FaultPointTest, TheMacroIsNothingByDefault) {
  int evaluated = 0;
  // The name is not even looked at.
  TRIMARAN_FAULT_POINT((++evaluated, "test/point"));
  EXPECT_EQ(evaluated, 0);
}

#endif

}  // namespace
}  // namespace trimaran

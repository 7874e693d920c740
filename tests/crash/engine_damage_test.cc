// Goal: damage in a state that has been replaced, and is only still there, does
// no harm to the one that took its place.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/crash/engine_scenario.h"
#include "tests/support/disk/damage.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::crash {
namespace {

using disk::DiskImage;
using disk::SimDisk;

constexpr uint64_t kSeed = 1;
constexpr size_t kSteps = 60;

TEST(EngineDamageTest, DamageInAReplacedStateDoesNoHarm) {
  EngineScenario scenario("engine", kSeed, kSteps);
  SimDisk first("/sim");
  ASSERT_TRUE(scenario.Run(first).ok());
  const EngineModel& model = scenario.script().after(kSteps);
  const std::string present = absl::StrCat("kv_g", model.log.generation, ".wt");
  int replaced = 0;
  for (const std::string& path : FilesMatching(first.Visible(), "kv/kv_g")) {
    if (path.ends_with(present)) continue;
    ++replaced;
    SCOPED_TRACE(path);
    DiskImage image = first.Visible();
    disk::ZeroPage(image, path, 0);
    SimDisk disk("/sim", image);
    EngineUnderTest home(disk, scenario.script());
    const absl::Status opened = home.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    const auto digest = home.Digest();
    ASSERT_TRUE(digest.ok()) << digest.status();
    EXPECT_EQ(*digest, scenario.script().history().digest(model.applied));
    EXPECT_FALSE(disk.Visible().files.contains(path)) << "removed at open";
  }
  EXPECT_GT(replaced, 0) << "the story no longer leaves one";
}

}  // namespace
}  // namespace trimaran::crash

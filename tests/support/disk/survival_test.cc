// Goal: a crash leaves of unsynced writes what each choice says, all of the
// outcomes that it allows, and never anything else.
// Method: one file of known content, few writes, many seeds.

#include "tests/support/disk/survival.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace trimaran::disk {
namespace {

using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::UnorderedElementsAre;

FileChange Put(uint64_t offset, std::string data) {
  return {offset, std::make_shared<const std::string>(std::move(data))};
}
FileChange SizeTo(uint64_t size) { return {size, nullptr}; }

// Of each run of equal bytes one, with its length: "4096a 512b".
std::string Runs(const std::string& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size();) {
    const size_t end =
        std::min(bytes.find_first_not_of(bytes[i], i), bytes.size());
    text += (text.empty() ? "" : " ") + std::to_string(end - i) +
            (bytes[i] == '\0' ? '0' : bytes[i]);
    i = end;
  }
  return text;
}

std::set<std::string> Outcomes(const FileBytes& synced,
                               const std::vector<FileChange>& changes,
                               DataSurvival how) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SeededRandom random(seed);
    outcomes.insert(Runs(Survivors(synced, changes, how, random).ToString()));
  }
  return outcomes;
}

const FileBytes kSynced(std::string(1024, 's'));

TEST(SurvivalTest, NoneAndAllAreTheTwoEnds) {
  const std::vector<FileChange> changes = {Put(512, std::string(512, 'a')),
                                           SizeTo(600)};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kNone),
              ElementsAre("1024s"));
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kAll),
              ElementsAre("512s 88a"));
}

TEST(SurvivalTest, PrefixEndsAnywhereAlsoInsideAWriteAtASector) {
  const std::vector<FileChange> changes = {Put(0, std::string(512, 'a')),
                                           Put(1024, std::string(1024, 'b'))};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kPrefix),
              UnorderedElementsAre("1024s", "512a 512s", "512a 512s 512b",
                                   "512a 512s 1024b"));
}

TEST(SurvivalTest, TornWriteIsTheLastOneOnly) {
  const std::vector<FileChange> changes = {Put(0, std::string(1024, 'a')),
                                           Put(700, std::string(600, 'b'))};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kTorn),
              UnorderedElementsAre("1024a", "700a 324b", "700a 600b"));
}

TEST(SurvivalTest, SectorsSurviveEachForItself) {
  const std::vector<FileChange> changes = {Put(0, std::string(1024, 'a'))};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kSectors),
              UnorderedElementsAre("1024s", "512a 512s", "512s 512a", "1024a"));
}

TEST(SurvivalTest, LostSectorBeforeASurvivingOneIsZero) {
  const std::vector<FileChange> changes = {Put(1024, std::string(1024, 'a'))};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kSectors),
              UnorderedElementsAre("1024s", "1024s 512a", "1024s 5120 512a",
                                   "1024s 1024a"));
}

TEST(SurvivalTest, UnitMayHoldAnyOfItsVersionsButNotALaterWithoutAnEarlier) {
  const std::vector<FileChange> changes = {Put(0, std::string(100, 'a')),
                                           Put(100, std::string(100, 'b')),
                                           Put(0, std::string(100, 'c'))};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kSectors),
              UnorderedElementsAre("1024s", "100a 924s", "100a 100b 824s",
                                   "100c 100b 824s"));
}

TEST(SurvivalTest, PagesAreWholeOrNotAtAll) {
  const std::vector<FileChange> changes = {Put(0, std::string(8192, 'a'))};
  EXPECT_THAT(Outcomes(FileBytes(), changes, DataSurvival::kPages),
              UnorderedElementsAre("", "4096a", "40960 4096a", "8192a"));
}

TEST(SurvivalTest, ZeroFilledFileHasItsSizeAndNotAllOfItsData) {
  const std::vector<FileChange> changes = {Put(512, std::string(512, 'a')),
                                           Put(1024, std::string(512, 'b'))};
  EXPECT_THAT(Outcomes(kSynced, changes, DataSurvival::kZeroFilled),
              UnorderedElementsAre("1024s 5120", "1024s 512b", "512s 512a 5120",
                                   "512s 512a 512b"));
}

TEST(SurvivalTest, SizesAreLostOrKeptInTheirOrder) {
  const std::vector<FileChange> changes = {SizeTo(100), SizeTo(2000)};
  for (const DataSurvival how :
       {DataSurvival::kPrefix, DataSurvival::kPages, DataSurvival::kSectors}) {
    EXPECT_THAT(Outcomes(kSynced, changes, how),
                IsSubsetOf({"1024s", "100s", "100s 19000"}));
  }
}

TEST(SurvivalTest, SyncedContentIsNeverTouched) {
  for (const Survival survival : kSeededSurvivals) {
    EXPECT_THAT(Outcomes(kSynced, {}, survival.data), ElementsAre("1024s"));
  }
}

}  // namespace
}  // namespace trimaran::disk

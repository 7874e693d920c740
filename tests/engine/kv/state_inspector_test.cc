// Goal: a state machine's home shows all its rows to whoever looks, and is not
// changed by it.

#include "engine/kv/state_inspector.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "engine/format/keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<StateInspector> Inspect(const std::string& home) {
  StateInspectorOptions options;
  options.home = home;
  auto inspector = StateInspector::Open(options);
  EXPECT_TRUE(inspector.ok()) << inspector.status();
  return inspector.ok() ? *std::move(inspector) : nullptr;
}

// All keys in words, until there is none or an error.
absl::StatusOr<std::vector<std::string>> KeysOf(RawRows& rows) {
  std::vector<std::string> keys;
  StateRecord row;
  while (true) {
    const absl::StatusOr<bool> more = rows.Next(row);
    if (!more.ok()) return more.status();
    if (!*more) return keys;
    keys.push_back(DebugString(*DecodeKey(row.key)));
  }
}

// Covers: D1
TEST(StateInspectorTest, ShowsEveryRowOfTheTable) {
  KvHome home;
  LogMaker log;
  ApplyAll(*home, {log.Entry(Put("a", "1")), log.Entry(Put("b", "2"))});
  home.Close();

  const auto inspector = Inspect(home.path());
  const auto tables = inspector->ListTables();
  ASSERT_TRUE(tables.ok()) << tables.status();
  EXPECT_THAT(tables->generations, ElementsAre(1));
  EXPECT_TRUE(tables->strange.empty());
  const auto rows = inspector->OpenRows(1);
  ASSERT_TRUE(rows.ok()) << rows.status();
  const auto keys = KeysOf(**rows);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_THAT(*keys, ElementsAre("local ident", "group 1 apply state",
                                 "group 1 region state", "group 1 family 1",
                                 "group 1 family 1 row \"a\"",
                                 "group 1 family 1 row \"b\""));
}

TEST(StateInspectorTest, SkipsToAKeyOrTheNextOne) {
  KvHome home;
  LogMaker log;
  ApplyAll(*home, {log.Entry(Put("a", "1")), log.Entry(Put("c", "2"))});
  home.Close();
  const auto inspector = Inspect(home.path());
  const auto rows = *inspector->OpenRows(1);

  const std::string prefix = FamilyPrefix(GroupId(1), kDefaultFamily);
  ASSERT_TRUE(rows->SkipTo(prefix + "b").ok());
  EXPECT_THAT(*KeysOf(*rows), ElementsAre("group 1 family 1 row \"c\""));
  ASSERT_TRUE(rows->SkipTo(prefix + "d").ok());
  EXPECT_TRUE(KeysOf(*rows)->empty());
}

TEST(StateInspectorTest, AbsentGenerationIsCorruption) {
  KvHome home;
  home.Close();
  const auto inspector = Inspect(home.path());
  EXPECT_TRUE(IsCorruption(inspector->OpenRows(7).status()));
}

TEST(StateInspectorTest, HomeInUseAndNoHomeAreToldApart) {
  const KvHome home;
  StateInspectorOptions options;
  options.home = home.path();
  EXPECT_EQ(StateInspector::Open(options).status().code(),
            absl::StatusCode::kUnavailable);
  options.home = home.path() + "/absent";
  EXPECT_EQ(StateInspector::Open(options).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(StateInspectorTest, DamagedBlockIsCorruption) {
  KvHome home;
  LogMaker log;
  std::vector<CommittedEntry> entries;
  for (int i = 0; i < 200; ++i) {
    entries.push_back(
        log.Entry(Put("key" + std::to_string(i), std::string(500, 'x'))));
  }
  ApplyAll(*home, entries);
  home.Close();
  const std::string table = home.path() + "/kv_g1.wt";
  // Every block but the description of the file, and the last ones, which say
  // where the others are.
  const auto size = std::filesystem::file_size(table);
  std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
  for (std::streamoff at = 4096 + 1000;
       at < static_cast<std::streamoff>(size) / 2; at += 4096) {
    file.seekp(at);
    file << "damage";
  }
  file.close();

  const auto inspector = Inspect(home.path());
  const auto rows = inspector->OpenRows(1);
  const absl::Status error =
      rows.ok() ? KeysOf(**rows).status() : rows.status();
  EXPECT_TRUE(IsCorruption(error)) << error;
}

}  // namespace
}  // namespace trimaran::engine

#include "engine/wt/config.h"

#include <gtest/gtest.h>
#include <wiredtiger.h>

#include <string>

namespace trimaran::wt {
namespace {

// What WiredTiger reads in a string; empty if the setting is not there.
std::string Setting(std::string_view config, const char* name) {
  WT_CONFIG_PARSER* parser = nullptr;
  EXPECT_EQ(wiredtiger_config_parser_open(nullptr, config.data(), config.size(),
                                          &parser),
            0);
  WT_CONFIG_ITEM item = {};
  std::string value;
  if (parser->get(parser, name, &item) == 0) value.assign(item.str, item.len);
  EXPECT_EQ(parser->close(parser), 0);
  return value;
}

TEST(WtConfigTest, TableNamesAreLowerCaseWords) {
  EXPECT_TRUE(IsValidTableName("kv_g1"));
  EXPECT_TRUE(IsValidTableName(std::string(kTableNameBytesMax, 'a')));
  EXPECT_FALSE(IsValidTableName(std::string(kTableNameBytesMax + 1, 'a')));
  for (const char* name : {"", "1a", "_a", "A", "a/b", "../a", "a.wt", "a b",
                           "WiredTiger", "a,b", "a\"", "a)"}) {
    EXPECT_FALSE(IsValidTableName(name)) << name;
  }
}

TEST(WtConfigTest, CheckpointNamesAreNoListWords) {
  EXPECT_TRUE(IsValidCheckpointName("snap_17"));
  for (const char* name : {"all", "from", "to", "", "WiredTigerCheckpoint"}) {
    EXPECT_FALSE(IsValidCheckpointName(name)) << name;
  }
}

TEST(WtConfigTest, TablesAreFiles) {
  EXPECT_EQ(TableUri("kv_g1"), "file:kv_g1.wt");
  EXPECT_EQ(TableFileName("kv_g1"), "kv_g1.wt");
}

TEST(WtConfigTest, TableIsFoundInItsUriAndInNoOther) {
  EXPECT_EQ(TableOfUri("file:kv_g1.wt"), "kv_g1");
  for (const char* uri : {"", "kv_g1", "table:kv_g1", "table:kv_g1.wt",
                          "file:kv_g1", "file:WiredTigerLAS.wt",
                          "metadata:", "system:checkpoint", "file:.wt"}) {
    EXPECT_EQ(TableOfUri(uri), "") << uri;
  }
}

TEST(WtConfigDeathTest, NameThatIsNoTableIsAProgrammersError) {
  EXPECT_DEATH((void)TableUri("../escape"), "table name");
}

TEST(WtConfigTest, HomeIsCreatedOnlyWhereThatIsAllowed) {
  ConnectionConfig config;
  config.cache_bytes = 1 << 20;
  config.sessions_max = 10;
  EXPECT_EQ(Setting(ConnectionConfigString(config), "create"), "");
  config.creation = ConnectionConfig::Creation::kAllowed;
  EXPECT_EQ(Setting(ConnectionConfigString(config), "create"), "true");
}

TEST(WtConfigTest, ConnectionHasNoJournalAndNoHiddenSettings) {
  ConnectionConfig config;
  config.cache_bytes = 123 << 20;
  config.sessions_max = 77;
  config.extensions = "local={entry=f,early_load=true}";
  const std::string text = ConnectionConfigString(config);
  EXPECT_EQ(Setting(text, "log.enabled"), "false");
  EXPECT_EQ(Setting(text, "config_base"), "false");
  EXPECT_EQ(Setting(text, "use_environment"), "false");
  EXPECT_EQ(Setting(text, "checkpoint_sync"), "true");
  EXPECT_EQ(Setting(text, "mmap"), "false");
  EXPECT_EQ(Setting(text, "file_manager.close_idle_time"), "0");
  EXPECT_EQ(Setting(text, "cache_size"), std::to_string(123 << 20));
  EXPECT_EQ(Setting(text, "session_max"), "77");
  EXPECT_EQ(Setting(text, "extensions"), "[local={entry=f,early_load=true}]");
}

TEST(WtConfigTest, TablesKeepKeysInTheirPages) {
  const std::string_view text = TableConfigString();
  EXPECT_EQ(Setting(text, "log.enabled"), "false");
  EXPECT_EQ(Setting(text, "checksum"), "on");
  EXPECT_EQ(Setting(text, "leaf_key_max"), "2KB");
  EXPECT_EQ(Setting(text, "internal_key_max"), "2KB");
  EXPECT_EQ(Setting(text, "exclusive"), "true");
}

}  // namespace
}  // namespace trimaran::wt

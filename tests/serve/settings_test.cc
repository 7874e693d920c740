// Goal: a wrong setting is named with its file, line and key, and never
// guessed. Method: texts of files, and what becomes of them.

#include "tools/serve/settings.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "tools/serve/settings_table.h"

namespace trimaran::serve {
namespace {

std::string ErrorOf(std::string_view text) {
  Settings settings = DefaultSettings();
  return std::string(ApplyFile("serve.toml", text, settings).message());
}

TEST(SettingsTest, FileIsRead) {
  Settings settings = DefaultSettings();
  const absl::Status status = ApplyFile("serve.toml", R"(
# A comment.
[replica]
directory = "/var/lib/trimaran/1"   # another one
id = 2
cluster = 'orders # 1'
listen = "10.0.0.1:7000"

[founders]
1 = "10.0.0.1:7000"
"2" = "10.0.0.2:7000"

[redis]
listen = "127.0.0.1:6380"
read_level = "local"
clients_max = 1_000
idle_timeout = "1m30s"
insecure = true
)",
                                        settings);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(settings.directory, "/var/lib/trimaran/1");
  EXPECT_EQ(settings.options.replica_id, 2u);
  EXPECT_EQ(settings.options.cluster, "orders # 1");
  EXPECT_EQ(settings.options.founders.at(1).address, "10.0.0.1:7000");
  EXPECT_EQ(settings.options.founders.at(2).address, "10.0.0.2:7000");
  EXPECT_EQ(settings.redis.read_level, ReadLevel::kLocal);
  EXPECT_EQ(settings.redis.clients_max, 1000u);
  EXPECT_EQ(settings.redis.idle_timeout, absl::Seconds(90));
  EXPECT_TRUE(settings.redis.insecure);
}

TEST(SettingsTest, ErrorsNameFileLineAndKey) {
  EXPECT_EQ(ErrorOf("[redis]\n\nlisten = 5\n"),
            "serve.toml: line 3: redis.listen: it is a \"string\"");
  EXPECT_EQ(ErrorOf("[redis]\nport = 5\n"),
            "serve.toml: line 2: redis.port: there is no setting of that name");
  EXPECT_EQ(ErrorOf("[replica]\nid = \"one\"\n"),
            "serve.toml: line 2: replica.id: it is a whole number from 0");
  EXPECT_EQ(ErrorOf("[replica]\nid = -1\n"),
            "serve.toml: line 2: replica.id: it is a whole number from 0");
  EXPECT_EQ(ErrorOf("[replica]\njoin = 1\n"),
            "serve.toml: line 2: replica.join: it is true or false");
  EXPECT_EQ(ErrorOf("[time]\ntimeout = \"5\"\n"),
            "serve.toml: line 2: time.timeout: it is a time with its unit: "
            "\"500ms\", \"10s\", \"1m30s\"");
  EXPECT_EQ(ErrorOf("[redis]\nread_level = \"fast\"\n"),
            "serve.toml: line 2: redis.read_level: it is linearizable, lease "
            "or local");
  EXPECT_EQ(ErrorOf("[founders]\nx = \"a:1\"\n"),
            "serve.toml: line 2: founders.x: the id of a founder is a number "
            "from 1, and not x");
  EXPECT_EQ(ErrorOf("[replica]\nid = 1\nid = 2\n"),
            "serve.toml: line 3: replica.id: it is set in line 2 already");
}

TEST(SettingsTest, WhatIsNoTomlIsRefused) {
  EXPECT_EQ(ErrorOf("id\n"), "serve.toml: line 1: '=' is expected behind id");
  EXPECT_EQ(ErrorOf("[a\n"), "serve.toml: line 1: a table is written [name]");
  EXPECT_EQ(ErrorOf("a = \n"), "serve.toml: line 1: a: a value is missing");
  EXPECT_EQ(ErrorOf("a = \"b\n"),
            "serve.toml: line 1: a: a string is not closed");
  EXPECT_EQ(ErrorOf("a = 1 2\n"),
            "serve.toml: line 1: a: something stands behind the value");
  EXPECT_EQ(ErrorOf("a = yes\n"),
            "serve.toml: line 1: a: the value is neither a \"string\", nor a "
            "whole number, nor true or false");
}

TEST(SettingsTest, PortForStrangersNeedsConsent) {
  Settings settings = DefaultSettings();
  settings.directory = "d";
  EXPECT_TRUE(ValidateSettings(settings).ok());
  settings.redis.listen = "0.0.0.0:6379";
  EXPECT_FALSE(ValidateSettings(settings).ok());
  settings.redis.password = "secret";
  EXPECT_TRUE(ValidateSettings(settings).ok());
  settings.redis.password.clear();
  settings.redis.insecure = true;
  EXPECT_TRUE(ValidateSettings(settings).ok());
}

TEST(SettingsTest, ErrorsNameTheKeyAndTheFlag) {
  Settings settings = DefaultSettings();
  const auto error = [&] {
    return std::string(ValidateSettings(settings).message());
  };
  EXPECT_EQ(error(), "replica.directory (--directory): it is needed");
  settings.directory = "d";
  settings.redis.listen = "0.0.0.0:6379";
  EXPECT_EQ(error(),
            "redis.listen (--redis): 0.0.0.0:6379 can be reached by others, "
            "who could read and write everything: set redis.password_file "
            "(--password-file), or redis.insecure (--insecure-clients)");
  settings.redis.insecure = true;
  settings.options.listen = "0.0.0.0:7000";
  EXPECT_EQ(error(),
            "options: listen is 0.0.0.0:7000, which others can reach, and "
            "nothing protects the connections: set tls, or insecure; as "
            "settings: replica.listen (--listen), tls.authority "
            "(--tls-authority), tls.certificate (--tls-certificate), tls.key "
            "(--tls-key), replica.insecure (--insecure)");
}

TEST(SettingsTest, ErrorsThatNameNoOptionStayAsTheyAre) {
  const absl::Status error = absl::NotFoundError("cluster listen");
  EXPECT_EQ(WithSettings(error), error);
  const absl::Status no_setting =
      absl::InvalidArgumentError("options: views_max is 0, relisten, joint");
  EXPECT_EQ(WithSettings(no_setting), no_setting);
  EXPECT_EQ(WithSettings(
                absl::FailedPreconditionError("the options.listen is empty")),
            absl::FailedPreconditionError(
                "the options.listen is empty; as settings: replica.listen "
                "(--listen)"));
}

TEST(SettingsTest, EverySettingHasOnePlaceAndTwoNames) {
  std::set<std::string_view> names;
  for (const SettingSpec& spec : AllSettings()) {
    EXPECT_TRUE(names.insert(spec.key).second) << spec.key;
    EXPECT_TRUE(names.insert(spec.flag).second) << spec.flag;
    const int places = (spec.text != nullptr) + (spec.number != nullptr) +
                       (spec.duration != nullptr) +
                       (spec.flag_value != nullptr) + (spec.parse != nullptr);
    EXPECT_EQ(places, 1) << spec.key;
    EXPECT_EQ(spec.value.empty(), spec.flag_value != nullptr) << spec.key;
    EXPECT_FALSE(spec.help.empty()) << spec.key;
  }
}

TEST(SettingsTest, LaterReadLevelTakesTheLeaseBack) {
  Settings settings = DefaultSettings();
  ASSERT_TRUE(
      ApplyFile("serve.toml", "[redis]\nread_level = \"lease\"\n", settings)
          .ok());
  EXPECT_TRUE(settings.options.lease_reads);
  for (const SettingSpec& spec : AllSettings()) {
    if (spec.flag != "read-level") continue;
    EXPECT_TRUE(ApplyWord(spec, "linearizable", settings).ok());
  }
  EXPECT_EQ(settings.redis.read_level, ReadLevel::kLinearizable);
  EXPECT_FALSE(settings.options.lease_reads);
}

TEST(SettingsTest, CommandLineHasTheSameSettings) {
  Settings settings = DefaultSettings();
  for (const SettingSpec& spec : AllSettings()) {
    if (spec.flag == "founders") {
      EXPECT_TRUE(ApplyWord(spec, "1=a:1,2=b:2", settings).ok());
    }
    if (spec.flag == "timeout") {
      EXPECT_TRUE(ApplyWord(spec, "3s", settings).ok());
      EXPECT_FALSE(ApplyWord(spec, "soon", settings).ok());
    }
    if (spec.flag == "id") {
      EXPECT_FALSE(ApplyWord(spec, "x", settings).ok());
    }
  }
  EXPECT_EQ(settings.options.founders.size(), 2u);
  EXPECT_EQ(settings.options.default_timeout, absl::Seconds(3));
}

}  // namespace
}  // namespace trimaran::serve

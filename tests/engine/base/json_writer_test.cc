// Goal: what is written is JSON, whatever is in it.

#include "engine/base/json_writer.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

std::string TextOf(std::string_view text) {
  JsonWriter json;
  json.Text(text);
  return json.text();
}

TEST(JsonWriterTest, CommasComeByThemselves) {
  JsonWriter json;
  json.BeginObject();
  json.Name("a").Number(1);
  json.Name("b").BeginList();
  json.Bool(true);
  json.BeginObject();
  json.EndObject();
  json.BeginList();
  json.EndList();
  json.Null();
  json.EndList();
  json.Name("c").Text("d");
  json.EndObject();
  EXPECT_EQ(json.text(), "{\"a\":1,\"b\":[true,{},[],null],\"c\":\"d\"}");
}

TEST(JsonWriterTest, StringsAreEscaped) {
  EXPECT_EQ(TextOf("a\"b\\c\n\r\t\x01\x7f"),
            "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\"");
  EXPECT_EQ(TextOf(std::string(1, '\0')), "\"\\u0000\"");
}

TEST(JsonWriterTest, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(TextOf("\xe2\x82\xac"), "\"\xe2\x82\xac\"");
  EXPECT_EQ(TextOf("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(TextOf("a\xe2\x82"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(JsonWriterTest, NamesAreEscapedAsWell) {
  JsonWriter json;
  json.BeginObject();
  json.Name("\"").Number(std::numeric_limits<uint64_t>::max());
  json.EndObject();
  EXPECT_EQ(json.text(), "{\"\\\"\":18446744073709551615}");
}

// When a certificate expires, in seconds since 1970.
TEST(JsonWriterTest, TimesKeepTheirSeconds) {
  JsonWriter json;
  json.BeginList();
  json.Real(1795730001);
  json.Real(1795730001.25);
  json.Real(0.1);
  json.EndList();
  EXPECT_EQ(json.text(), "[1795730001,1795730001.25,0.1]");
}

TEST(JsonWriterTest, WhatIsNoFiniteNumberIsNull) {
  JsonWriter json;
  json.BeginList();
  json.Real(0.25);
  json.Real(1e21);
  json.Real(std::numeric_limits<double>::infinity());
  json.Real(std::numeric_limits<double>::quiet_NaN());
  json.EndList();
  EXPECT_EQ(json.text(), "[0.25,1e+21,null,null]");
}

}  // namespace
}  // namespace trimaran

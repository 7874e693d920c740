// Goal: each line is one JSON object, whatever is in it, and says exactly which
// bytes there were.

#include "tools/trimaran/json.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

TEST(JsonTest, RecordIsOneObjectWithItsType) {
  Record record("thing");
  record.Number("n", std::numeric_limits<uint64_t>::max())
      .Flag("yes", true)
      .Text("text", "a\nb", Show::kNever)
      .Add({.name = "numbers", .value = std::vector<uint64_t>{1, 2}})
      .Add({.name = "texts", .value = std::vector<std::string>{"a", "\""}})
      .Add({.name = "none", .value = std::vector<uint64_t>{}});
  EXPECT_EQ(JsonLine(record),
            "{\"type\":\"thing\",\"n\":18446744073709551615,\"yes\":true,"
            "\"text\":\"a\\nb\",\"numbers\":[1,2],\"texts\":[\"a\",\"\\\"\"],"
            "\"none\":[]}");
}

TEST(JsonTest, BytesThatAreTextAreExact) {
  Record record("row");
  record.Bytes("key", std::string("k\0\\x", 4));
  EXPECT_EQ(JsonLine(record), "{\"type\":\"row\",\"key\":\"k\\u0000\\\\x\"}");
}

TEST(JsonTest, BytesThatAreNoTextComeWithBase64) {
  Record record("row");
  record.Bytes("key", "k\xff");
  EXPECT_EQ(JsonLine(record),
            "{\"type\":\"row\",\"key\":\"k\\\\xff\",\"key_base64\":\"a/8=\"}");
}

}  // namespace
}  // namespace trimaran::tool

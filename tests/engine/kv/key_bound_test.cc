#include "engine/kv/key_bound.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace trimaran::engine {
namespace {

// All strings of up to `size_max` bytes, each of which is one of a few that
// make trouble.
std::vector<std::string> AllKeys(size_t size_max) {
  constexpr std::string_view bytes("\x00\x01\x7f\xff", 4);
  std::vector<std::string> keys = {""};
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].size() == size_max) continue;
    for (const char byte : bytes) keys.push_back(keys[i] + byte);
  }
  return keys;
}

TEST(KeyBoundTest, ComparesAsKeysDo) {
  const std::vector<std::string> ends = AllKeys(3);
  std::vector<std::string> keys;
  // Before, around and behind the place where the compared number ends.
  for (const size_t size : {0u, 5u, 7u, 8u, 9u}) {
    for (const std::string& end : ends) {
      keys.push_back(std::string(size, 'k') + end);
    }
  }
  for (const std::string& bound : keys) {
    const KeyBound compared(bound);
    for (const std::string& key : keys) {
      ASSERT_EQ(compared.IsAbove(key), key < bound)
          << testing::PrintToString(key) << " and "
          << testing::PrintToString(bound);
    }
  }
}

TEST(KeyBoundTest, KeepsItsBytes) {
  EXPECT_EQ(KeyBound(std::string("a\0b", 3)).bytes(), std::string("a\0b", 3));
}

}  // namespace
}  // namespace trimaran::engine

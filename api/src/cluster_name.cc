#include "api/src/cluster_name.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "engine/base/random.h"

namespace trimaran {
namespace {

std::optional<uint64_t> ParseHex(std::string_view digits) {
  uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// FNV-1a, and a last step that spreads short names over all bits.
uint64_t Hash(uint64_t start, std::string_view text) {
  uint64_t hash = start;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * uint64_t{0x100000001b3};
  }
  return random_internal::SplitMix64(hash);
}

}  // namespace

ClusterId ClusterIdOf(std::string_view name) {
  ClusterId id;
  if (name.size() == 32) {
    const auto high = ParseHex(name.substr(0, 16));
    const auto low = ParseHex(name.substr(16));
    if (high && low) id = {.high = *high, .low = *low};
  }
  if (id == ClusterId()) {
    id = {.high = Hash(0xcbf29ce484222325, name),
          .low = Hash(0x9e3779b97f4a7c15, name)};
  }
  if (id == ClusterId()) id.low = 1;
  return id;
}

}  // namespace trimaran

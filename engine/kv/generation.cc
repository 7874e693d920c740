#include "engine/kv/generation.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/wt/config.h"

namespace trimaran::engine {
namespace {

constexpr std::string_view kTablePrefix = "kv_g";

}  // namespace

std::string GenerationTable(uint64_t generation) {
  return absl::StrCat(ToAbsl(kTablePrefix), generation);
}

std::string GenerationFile(uint64_t generation) {
  return wt::TableFileName(GenerationTable(generation));
}

std::optional<uint64_t> GenerationOfTable(std::string_view table) {
  if (table.substr(0, kTablePrefix.size()) != kTablePrefix) {
    return std::nullopt;
  }
  uint64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(table.substr(kTablePrefix.size())), &number)) {
    return std::nullopt;
  }
  // "kv_g07" and the like are not ours.
  if (GenerationTable(number) != table) return std::nullopt;
  return number;
}

}  // namespace trimaran::engine

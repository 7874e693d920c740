#include "engine/kv/family_catalog.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

bool HasSmallerId(const Family& a, const Family& b) { return a.id < b.id; }

}  // namespace

FamilyCatalog::FamilyCatalog()
    : by_id_{{kDefaultFamily, std::string(kDefaultFamilyName)}} {}

bool FamilyCatalog::Contains(FamilyId id) const {
  if (id == kDefaultFamily) return true;
  return std::binary_search(by_id_.begin(), by_id_.end(), Family{id, ""},
                            HasSmallerId);
}

std::optional<FamilyId> FamilyCatalog::Find(std::string_view name) const {
  for (const Family& family : by_id_) {
    if (family.name == name) return family.id;
  }
  return std::nullopt;
}

std::vector<Family> FamilyCatalog::SortedByName() const {
  std::vector<Family> families = by_id_;
  std::sort(families.begin(), families.end(),
            [](const Family& a, const Family& b) { return a.name < b.name; });
  return families;
}

FamilyCatalog FamilyCatalog::With(const Family& family) const {
  TRIMARAN_CHECK(!Contains(family.id)) << family.id;
  TRIMARAN_CHECK(!Find(family.name).has_value()) << family.name;
  TRIMARAN_CHECK_LT(size(), kFamiliesMax);
  FamilyCatalog result = *this;
  result.by_id_.insert(
      std::upper_bound(result.by_id_.begin(), result.by_id_.end(), family,
                       HasSmallerId),
      family);
  return result;
}

FamilyCatalog FamilyCatalog::Without(FamilyId id) const {
  TRIMARAN_CHECK_NE(id, kDefaultFamily);
  FamilyCatalog result = *this;
  const size_t removed_count = std::erase_if(
      result.by_id_, [id](const Family& family) { return family.id == id; });
  TRIMARAN_CHECK_EQ(removed_count, 1u) << id;
  return result;
}

absl::StatusOr<FamilyCatalog> FamilyCatalog::FromFamilies(
    std::vector<Family> families) {
  std::sort(families.begin(), families.end(), HasSmallerId);
  if (families.size() > kFamiliesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        families.size(), " families, of which there can be ", kFamiliesMax));
  }
  if (families.empty() || families.front().id != kDefaultFamily ||
      families.front().name != kDefaultFamilyName) {
    return absl::InvalidArgumentError("the default family is not there");
  }
  std::set<std::string> names;
  for (size_t i = 0; i < families.size(); ++i) {
    if (i > 0 && families[i].id == families[i - 1].id) {
      return absl::InvalidArgumentError(
          absl::StrCat("two families have the id ", families[i].id.value()));
    }
    if (!names.insert(families[i].name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "two families have the name of family ", families[i].id.value()));
    }
  }
  FamilyCatalog result;
  result.by_id_ = std::move(families);
  return result;
}

}  // namespace trimaran::engine

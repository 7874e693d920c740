#ifndef TRIMARAN_ENGINE_KV_FAMILY_CATALOG_H_
#define TRIMARAN_ENGINE_KV_FAMILY_CATALOG_H_

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/format/command.h"
#include "engine/kv/read_view.h"

namespace trimaran::engine {

// The column families that exist at one log position. Never changes, so that
// readers on other threads can hold it while the next one is made.
//
// Invariants:
//  1. The default family is there, under its id and name.
//  2. Ids and names are unique; there are at most kFamiliesMax.
//
// Thread: any.
class FamilyCatalog {
 public:
  // The default family alone.
  FamilyCatalog();

  bool Contains(FamilyId id) const;
  // Empty if there is none of this name.
  std::optional<FamilyId> Find(std::string_view name) const;

  const std::vector<Family>& by_id() const { return by_id_; }
  std::vector<Family> SortedByName() const;
  size_t size() const { return by_id_.size(); }

  // Neither takes the id or name of a family that exists, or one that does not.
  FamilyCatalog With(const Family& family) const;
  FamilyCatalog Without(FamilyId id) const;

  // InvalidArgument, saying which, if one of the invariants would not hold.
  static absl::StatusOr<FamilyCatalog> FromFamilies(
      std::vector<Family> families);

 private:
  std::vector<Family> by_id_;
};

// Shared between the applying thread, which makes catalogs, and readers, any of
// which may be the last that needs one.
using SharedFamilyCatalog = std::shared_ptr<const FamilyCatalog>;

inline constexpr std::string_view kDefaultFamilyName = "default";

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_FAMILY_CATALOG_H_

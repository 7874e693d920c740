#ifndef TRIMARAN_ENGINE_KV_ROW_KEY_BUILDER_H_
#define TRIMARAN_ENGINE_KV_ROW_KEY_BUILDER_H_

#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/format/keys.h"

namespace trimaran::engine {

// Makes the keys of many rows (RowKey), most of them of the same family as the
// one before, in memory that is used again.
//
// Thread: owner.
class RowKeyBuilder {
 public:
  explicit RowKeyBuilder(GroupId group) : group_(group) {}

  // The key of a row, until the next call.
  std::string_view Build(FamilyId family, std::string_view user_key) {
    if (family != family_) {
      key_ = FamilyPrefix(group_, family);
      family_ = family;
      prefix_size_ = key_.size();
    }
    key_.resize(prefix_size_);
    key_ += user_key;
    return key_;
  }

  // What the keys of the family begin with, until the next call.
  std::string_view BuildPrefix(FamilyId family) { return Build(family, {}); }

 private:
  const GroupId group_;
  // Begins with the prefix of `family_`.
  std::string key_;
  FamilyId family_;
  size_t prefix_size_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_ROW_KEY_BUILDER_H_

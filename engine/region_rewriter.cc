#include "engine/region_rewriter.h"

#include <string>
#include <variant>

#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"

namespace trimaran::engine {

absl::Status RegionRewriter::Add(const StateRecord& record) {
  TRIMARAN_ASSIGN_OR_RETURN(const Key key, DecodeKey(record.key));
  if (!std::holds_alternative<RegionStateKey>(key)) {
    return PassOn(record.key, record.value);
  }
  TRIMARAN_ASSIGN_OR_RETURN(RegionRecord old_group, DecodeRegion(record.value));
  RegionRecord new_group = old_group;
  new_group.phase = RegionPhase::kNormal;
  new_group.region = region_;
  // Requests that were made for the old group must not fit the new one.
  new_group.region.epoch = old_group.region.epoch;
  ++new_group.region.epoch.conf_version;
  return PassOn(record.key, EncodeRecord(new_group));
}

absl::Status RegionRewriter::PassOn(std::string_view key,
                                    std::string_view value) {
  TRIMARAN_RETURN_IF_ERROR(summarizer_.Add(key, value));
  return import_->Add({.key = key, .value = value});
}

}  // namespace trimaran::engine

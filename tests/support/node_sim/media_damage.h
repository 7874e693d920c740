#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_MEDIA_DAMAGE_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_MEDIA_DAMAGE_H_

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "engine/base/random.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/sim_disk.h"

namespace trimaran::node_sim {

// What has become of one file that nobody meant to change.
struct MediaDamage {
  // Empty: nothing has happened, for there was no such file.
  std::string path = "";
  // For people.
  std::string what = "";

  bool Hits(std::string_view part) const {
    return path.find(part) != path.npos;
  }
};

// Of the files whose paths contain one of `parts`, all of which are equally
// likely, one is not what was written: bits rot, a page was written elsewhere
// or not at all, an end or all of it is missing, or it is as it was in `older`,
// which may be null.
MediaDamage DamageAtRest(Random& random,
                         absl::Span<const std::string_view> parts,
                         const disk::DiskImage* older, disk::DiskImage& image);

// The same of a file that somebody may have open, none of which waits to be
// synced. Nothing goes missing.
MediaDamage DamageInUse(Random& random,
                        absl::Span<const std::string_view> parts,
                        disk::SimDisk& disk);

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_MEDIA_DAMAGE_H_

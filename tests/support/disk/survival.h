#ifndef TRIMARAN_TESTS_SUPPORT_DISK_SURVIVAL_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_SURVIVAL_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "engine/base/random.h"
#include "tests/support/disk/file_bytes.h"

// What a crash leaves of that which was never synced. Writes to sectors are
// atomic: a sector holds what it held before, or what a write put there.

namespace trimaran::disk {

// Of the content of files. Files do not know of each other: the newer write to
// one may be there and the older to another not.
enum class DataSurvival : uint8_t {
  kNone,
  kAll,
  // Of each file the first few changes, the last of them cut off at a sector.
  kPrefix,
  // Of each file all changes but the last, of which some first sectors.
  kTorn,
  // Any pages or sectors, each in any of the versions that it has had.
  kPages,
  kSectors,
  // The size of each file, and any of the writes; where one is lost, the bytes
  // are the old ones, or zero where there were none.
  kZeroFilled,
};

// Of names that were made, removed or moved.
enum class NameSurvival : uint8_t {
  kNone,
  kAll,
  // The first few changes: a file system with a journal.
  kPrefix,
  // Any changes: one without.
  kRandom,
};

struct Survival {
  DataSurvival data = DataSurvival::kNone;
  NameSurvival names = NameSurvival::kNone;

  friend bool operator==(const Survival&, const Survival&) = default;
};

// "pages/prefix".
std::string SurvivalName(Survival survival);

inline constexpr Survival kNothingSurvives{DataSurvival::kNone,
                                           NameSurvival::kNone};
inline constexpr Survival kEverythingSurvives{DataSurvival::kAll,
                                              NameSurvival::kAll};
// Those that leave no choice, and those of which a seed chooses one.
inline constexpr std::array<Survival, 4> kFixedSurvivals{
    {kNothingSurvives,
     kEverythingSurvives,
     {DataSurvival::kNone, NameSurvival::kAll},
     {DataSurvival::kAll, NameSurvival::kNone}}};
inline constexpr std::array<Survival, 6> kSeededSurvivals{
    {{DataSurvival::kPrefix, NameSurvival::kPrefix},
     {DataSurvival::kTorn, NameSurvival::kAll},
     {DataSurvival::kPages, NameSurvival::kPrefix},
     {DataSurvival::kSectors, NameSurvival::kPrefix},
     {DataSurvival::kZeroFilled, NameSurvival::kAll},
     {DataSurvival::kSectors, NameSurvival::kRandom}}};

// One change of a file that is not synced yet.
struct FileChange {
  // Where a write begins, or the new size.
  uint64_t offset = 0;
  // Null: the size is set. Shared with the record of the operation.
  std::shared_ptr<const std::string> data;
  // A sync that failed was to write it. The system takes it for written: later
  // syncs leave it where it is, unless its page is written to again.
  bool dropped = false;
};

// The content that a crash leaves of a file whose last synced content is
// `synced`. Same arguments, same result.
FileBytes Survivors(const FileBytes& synced,
                    absl::Span<const FileChange> changes, DataSurvival how,
                    Random& random);

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_SURVIVAL_H_

#include "tests/support/disk/survival.h"

#include <algorithm>
#include <map>

namespace trimaran::disk {
namespace {

std::string_view Name(DataSurvival how) {
  switch (how) {
    case DataSurvival::kNone:
      return "none";
    case DataSurvival::kAll:
      return "all";
    case DataSurvival::kPrefix:
      return "prefix";
    case DataSurvival::kTorn:
      return "torn";
    case DataSurvival::kPages:
      return "pages";
    case DataSurvival::kSectors:
      return "sectors";
    case DataSurvival::kZeroFilled:
      return "zero-filled";
  }
  return "?";
}

std::string_view Name(NameSurvival how) {
  switch (how) {
    case NameSurvival::kNone:
      return "none";
    case NameSurvival::kAll:
      return "all";
    case NameSurvival::kPrefix:
      return "prefix";
    case NameSurvival::kRandom:
      return "random";
  }
  return "?";
}

void Apply(const FileChange& change, FileBytes& bytes) {
  if (change.data == nullptr) {
    bytes.Resize(change.offset);
  } else {
    bytes.Write(change.offset, *change.data);
  }
}

// The first few sectors of a write, none to all of them. A size is set or not.
void ApplyTorn(const FileChange& change, Random& random, FileBytes& bytes) {
  if (change.data == nullptr || change.data->empty()) {
    if (random.OneIn(2)) Apply(change, bytes);
    return;
  }
  const uint64_t first = change.offset / kSectorBytes;
  const uint64_t end =
      (change.offset + change.data->size() + kSectorBytes - 1) / kSectorBytes;
  const uint64_t cut = first + random.Uniform(end - first + 1);
  if (cut * kSectorBytes <= change.offset) return;
  const size_t kept = static_cast<size_t>(std::min<uint64_t>(
      cut * kSectorBytes - change.offset, change.data->size()));
  bytes.Write(change.offset, std::string_view(*change.data).substr(0, kept));
}

void ApplyPrefix(absl::Span<const FileChange> changes, size_t whole,
                 Random& random, FileBytes& bytes) {
  for (size_t i = 0; i < whole; ++i) Apply(changes[i], bytes);
  if (whole < changes.size()) ApplyTorn(changes[whole], random, bytes);
}

// How many of the changes of one unit get to the device: a device writes a
// cached unit as it is at that moment, so that what survives of one unit is
// always the first few of its changes.
class UnitFates {
 public:
  UnitFates(size_t change_count, Random& random)
      : change_count_(change_count), random_(random) {
    static constexpr uint32_t kChances[] = {100'000, 500'000, 900'000};
    chance_ppm_ = kChances[random_.Uniform(3)];
  }

  bool Survives(uint64_t unit, size_t change) {
    auto [found, is_new] = ends_.try_emplace(unit, 0);
    if (is_new && random_.Chance(chance_ppm_)) {
      found->second = random_.OneIn(2)
                          ? change_count_
                          : change + 1 + random_.Uniform(change_count_);
    }
    return change < found->second;
  }

 private:
  const size_t change_count_;
  Random& random_;
  uint32_t chance_ppm_ = 0;
  // The first change of each unit that is lost.
  std::map<uint64_t, size_t> ends_;
};

void ApplyUnits(absl::Span<const FileChange> changes, size_t unit_bytes,
                Random& random, FileBytes& bytes) {
  UnitFates fates(changes.size(), random);
  const size_t sizes_end =
      static_cast<size_t>(random.Uniform(changes.size() + 1));
  for (size_t i = 0; i < changes.size(); ++i) {
    const FileChange& change = changes[i];
    if (change.data == nullptr) {
      if (i < sizes_end) bytes.Resize(change.offset);
      continue;
    }
    const std::string_view data = *change.data;
    const uint64_t end = change.offset + data.size();
    for (uint64_t at = change.offset; at < end;) {
      const uint64_t unit = at / unit_bytes;
      const uint64_t unit_end = std::min(end, (unit + 1) * unit_bytes);
      if (fates.Survives(unit, i)) {
        bytes.Write(at, data.substr(static_cast<size_t>(at - change.offset),
                                    static_cast<size_t>(unit_end - at)));
      }
      at = unit_end;
    }
  }
}

void ApplyZeroFilled(absl::Span<const FileChange> changes, Random& random,
                     FileBytes& bytes) {
  for (const FileChange& change : changes) {
    if (change.data == nullptr) {
      bytes.Resize(change.offset);
      continue;
    }
    const uint64_t end = change.offset + change.data->size();
    if (random.OneIn(2)) {
      Apply(change, bytes);
    } else if (end > bytes.size()) {
      bytes.Resize(end);
    }
  }
}

}  // namespace

std::string SurvivalName(Survival survival) {
  return std::string(Name(survival.data)) + "/" +
         std::string(Name(survival.names));
}

FileBytes Survivors(const FileBytes& synced,
                    absl::Span<const FileChange> changes, DataSurvival how,
                    Random& random) {
  FileBytes bytes = synced;
  if (changes.empty()) return bytes;
  switch (how) {
    case DataSurvival::kNone:
      break;
    case DataSurvival::kAll:
      for (const FileChange& change : changes) Apply(change, bytes);
      break;
    case DataSurvival::kPrefix:
      ApplyPrefix(changes,
                  static_cast<size_t>(random.Uniform(changes.size() + 1)),
                  random, bytes);
      break;
    case DataSurvival::kTorn:
      ApplyPrefix(changes, changes.size() - 1, random, bytes);
      break;
    case DataSurvival::kPages:
      ApplyUnits(changes, kPageBytes, random, bytes);
      break;
    case DataSurvival::kSectors:
      ApplyUnits(changes, kSectorBytes, random, bytes);
      break;
    case DataSurvival::kZeroFilled:
      ApplyZeroFilled(changes, random, bytes);
      break;
  }
  return bytes;
}

}  // namespace trimaran::disk

#include "engine/format/state_summary.h"

#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/limits.h"
#include "engine/format/records.h"

namespace trimaran::engine {
namespace {

// Odd, so that multiplying loses nothing.
constexpr uint64_t kEvenFactor = 0x9e3779b97f4a7c15;
constexpr uint64_t kOddFactor = 0xc2b2ae3d27d4eb4f;

// For a given word the new state is a bijection of the old one, and the other
// way round: two streams that differ in one word keep differing.
uint64_t Absorb(uint64_t state, uint64_t word, uint64_t factor) {
  state = (state ^ word) * factor;
  return state ^ (state >> 32);
}

// The finalizer of splitmix64, also a bijection: spreads every bit over all.
uint64_t Spread(uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
  word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
  return word ^ (word >> 31);
}

// Up to eight bytes, the first of them the lowest; missing ones are 0.
uint64_t LoadWord(const char* bytes, size_t count) {
  uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, count);
  } else {
    for (size_t i = 0; i < count; ++i) {
      word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
  }
  return word;
}

// Of a key: enough to recognize it by, and no longer than a line of a log.
constexpr size_t kShownBytes = 40;

std::string Shown(std::string_view key) {
  return absl::BytesToHexString(ToAbsl(key.substr(0, kShownBytes)));
}

}  // namespace

// ---- StateHash, StateHasher ----

std::string ToString(const StateHash& hash) {
  return absl::StrCat(absl::Hex(hash.high, absl::kZeroPad16),
                      absl::Hex(hash.low, absl::kZeroPad16));
}

std::ostream& operator<<(std::ostream& out, const StateHash& hash) {
  return out << ToString(hash);
}

void StateHasher::AbsorbWords(uint64_t even, uint64_t odd) {
  even_ = Absorb(even_, even, kEvenFactor);
  odd_ = Absorb(odd_, odd, kOddFactor);
}

void StateHasher::AbsorbBytes(std::string_view bytes) {
  const char* next = bytes.data();
  size_t left = bytes.size();
  for (; left >= 16; left -= 16, next += 16) {
    AbsorbWords(LoadWord(next, 8), LoadWord(next + 8, 8));
  }
  if (left > 8) {
    AbsorbWords(LoadWord(next, 8), LoadWord(next + 8, left - 8));
  } else if (left > 0) {
    AbsorbWords(LoadWord(next, left), 0);
  }
}

// Lets each half depend on both.
void StateHasher::Stir() {
  even_ += odd_;
  odd_ = std::rotl(odd_, 29) ^ even_;
  ++count_;
}

void StateHasher::Add(std::string_view key, std::string_view value) {
  // The sizes go first, so that no byte can move from the key to the value.
  AbsorbWords(key.size(), value.size());
  AbsorbBytes(key);
  AbsorbBytes(value);
  Stir();
}

void StateHasher::AddSection(uint64_t section, uint64_t rows,
                             const StateHash& hash) {
  AbsorbWords(section, rows);
  AbsorbWords(hash.high, hash.low);
  Stir();
}

StateHash StateHasher::hash() const {
  StateHasher end = *this;
  end.AbsorbWords(count_, count_);
  end.Stir();
  return {Spread(end.even_), Spread(end.odd_)};
}

// ---- StateSummarizer ----

absl::Status StateSummarizer::Add(std::string_view key,
                                  std::string_view value) {
  if (rows_ > 0 && key <= last_key_) {
    return CorruptionError(absl::StrCat("record ", rows_, " of a state, key ",
                                        Shown(key),
                                        ", is not behind the one before it"));
  }
  if (prefix_.empty() || !key.starts_with(prefix_)) {
    TRIMARAN_RETURN_IF_ERROR(BeginSection(key, value));
  }
  last_key_ = key;
  ++rows_;
  bytes_ += key.size() + value.size();
  FamilySummary& family = families_[present_];
  ++family.rows;
  family.bytes += key.size() + value.size();
  hasher_.Add(key, value);
  return absl::OkStatus();
}

absl::Status StateSummarizer::BeginSection(std::string_view key,
                                           std::string_view value) {
  TRIMARAN_ASSIGN_OR_RETURN(const Key decoded, DecodeKey(key));
  if (IsStoreLocal(decoded)) {
    return CorruptionError(absl::StrCat("key ", Shown(key),
                                        " is one store's own, and in a state "
                                        "that is handed on"));
  }
  const GroupId group = std::visit(
      [](const auto& some) {
        if constexpr (requires { some.group; }) {
          return some.group;
        } else {
          return GroupId();
        }
      },
      decoded);
  if (group != group_) {
    return CorruptionError(absl::StrCat("key ", Shown(key), " is of group ",
                                        group.value(), ", in a state of group ",
                                        group_.value()));
  }
  if (const auto* row = std::get_if<RowKey>(&decoded)) {
    return BeginFamily(row->family);
  }
  if (const auto* family = std::get_if<FamilyKey>(&decoded)) {
    return NameFamily(family->family, value);
  }
  return absl::OkStatus();
}

absl::Status StateSummarizer::BeginFamily(FamilyId family) {
  families_[present_].hash = hasher_.hash();
  hasher_ = StateHasher();
  for (++present_; present_ < families_.size(); ++present_) {
    if (families_[present_].family != family) continue;
    prefix_ = FamilyPrefix(group_, family);
    return absl::OkStatus();
  }
  return CorruptionError(absl::StrCat("a row of family ", family.value(),
                                      ", which the state does not name"));
}

absl::Status StateSummarizer::NameFamily(FamilyId family,
                                         std::string_view value) {
  if (families_.size() > kFamiliesMax) {
    return CorruptionError(
        absl::StrCat("a state with more than ", kFamiliesMax, " families"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(FamilyRecord record, DecodeFamily(value));
  if (record.id != family) {
    return CorruptionError(absl::StrCat("the record of family ", family.value(),
                                        " is that of family ",
                                        record.id.value()));
  }
  FamilySummary summary;
  summary.family = family;
  summary.name = std::move(record.name);
  families_.push_back(std::move(summary));
  return absl::OkStatus();
}

StateSummary StateSummarizer::Finish() const {
  StateSummary summary;
  summary.families = families_;
  summary.families[present_].hash = hasher_.hash();
  summary.rows = rows_;
  summary.bytes = bytes_;
  StateHasher total;
  for (FamilySummary& family : summary.families) {
    if (family.rows == 0) family.hash = StateHasher().hash();
    total.AddSection(family.family.value(), family.rows, family.hash);
  }
  summary.hash = total.hash();
  return summary;
}

}  // namespace trimaran::engine

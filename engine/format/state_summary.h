#ifndef TRIMARAN_ENGINE_FORMAT_STATE_SUMMARY_H_
#define TRIMARAN_ENGINE_FORMAT_STATE_SUMMARY_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"

// What two states must have in common to be the same, in a few words: how many
// records each column family has, and a hash of them.

namespace trimaran::engine {

// 128 bits, of which no 64 are alike by accident. Finds damage and divergence,
// not forgery.
//
// Thread: a value; any.
struct StateHash {
  uint64_t high = 0;
  uint64_t low = 0;

  friend constexpr bool operator==(const StateHash&,
                                   const StateHash&) = default;
};
// 32 hexadecimal digits.
std::string ToString(const StateHash& hash);
std::ostream& operator<<(std::ostream& out, const StateHash& hash);

// Hashes records one by one (FORMAT.md, section 7). On disk, and compared
// between replicas: never change.
//
// Thread: owner.
class StateHasher {
 public:
  void Add(std::string_view key, std::string_view value);
  // Of a part, under its number.
  void AddSection(uint64_t section, uint64_t rows, const StateHash& hash);

  // What was added so far; more may be added.
  StateHash hash() const;

 private:
  void AbsorbBytes(std::string_view bytes);
  void AbsorbWords(uint64_t even, uint64_t odd);
  void Stir();

  uint64_t even_ = 0x6a09e667f3bcc908;
  uint64_t odd_ = 0xbb67ae8584caa73b;
  uint64_t count_ = 0;
};

// One column family, or everything that is not a row of one: family 0.
struct FamilySummary {
  FamilyId family;
  // Empty for family 0.
  std::string name;
  uint64_t rows = 0;
  // Keys and values, as they are stored.
  uint64_t bytes = 0;
  StateHash hash;

  friend bool operator==(const FamilySummary&, const FamilySummary&) = default;
};

struct StateSummary {
  // By rising id; only those that have records, or a name.
  std::vector<FamilySummary> families;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  // Of all families' hashes.
  StateHash hash;

  friend bool operator==(const StateSummary&, const StateSummary&) = default;
};

// Makes a summary of a stream of records, which it checks: keys rise, each is
// a key of the replicated state of `group`, and no row is of a family that the
// stream has not named before.
//
// Thread: owner.
class StateSummarizer {
 public:
  explicit StateSummarizer(GroupId group) : group_(group) {}

  // Corruption, which names the key, if the record breaks a rule. After that
  // the summary is worth nothing.
  absl::Status Add(std::string_view key, std::string_view value);

  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_; }

  // Of all records so far.
  StateSummary Finish() const;

 private:
  // Begins the part that `key` belongs to; the key is not of the present one.
  absl::Status BeginSection(std::string_view key, std::string_view value);
  absl::Status BeginFamily(FamilyId family);
  absl::Status NameFamily(FamilyId family, std::string_view value);

  const GroupId group_;
  // Family 0, then every named one, by rising id.
  std::vector<FamilySummary> families_{FamilySummary{}};
  // Where in `families_` the present records count.
  size_t present_ = 0;
  // What keys of the present family begin with; empty for family 0.
  std::string prefix_;
  StateHasher hasher_;
  std::string last_key_;
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_STATE_SUMMARY_H_

#ifndef TRIMARAN_ENGINE_BASE_IDS_H_
#define TRIMARAN_ENGINE_BASE_IDS_H_

#include <compare>
#include <cstdint>
#include <ostream>
#include <utility>

namespace trimaran {

// A 64-bit number that cannot be confused with one of another kind: a term
// never becomes an index, and neither becomes a replica's name, by accident.
// Zero means "none" for every kind.
//
// Thread: a value; any.
template <typename Tag>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(uint64_t value) : value_(value) {}

  constexpr uint64_t value() const { return value_; }

  friend constexpr bool operator==(StrongId, StrongId) = default;
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

  template <typename H>
  friend H AbslHashValue(H state, StrongId id) {
    return H::combine(std::move(state), id.value_);
  }

  friend std::ostream& operator<<(std::ostream& out, StrongId id) {
    return out << id.value_;
  }

 private:
  uint64_t value_ = 0;
};

// An election period (thesis §3.3). Grows, and never shrinks, on one replica.
using Term = StrongId<struct TermTag>;

// A position in the replicated log. The first entry ever written has index 1;
// 0 stands before it.
using LogIndex = StrongId<struct LogIndexTag>;

// One member of a group. Never used again once it has been removed.
using ReplicaId = StrongId<struct ReplicaIdTag>;

// One replicated log. It is in every key and message, so that several groups
// can share a process and a store.
using GroupId = StrongId<struct GroupIdTag>;

inline constexpr ReplicaId kNoReplica{};

// Positions and terms are counted through; names are not, so that only the
// former have arithmetic.
constexpr LogIndex operator+(LogIndex index, uint64_t count) {
  return LogIndex(index.value() + count);
}
constexpr LogIndex operator-(LogIndex index, uint64_t count) {
  return LogIndex(index.value() - count);
}
// The number of entries in [first, end).
constexpr uint64_t operator-(LogIndex end, LogIndex first) {
  return end.value() - first.value();
}
constexpr LogIndex& operator++(LogIndex& index) { return index = index + 1; }

constexpr Term operator+(Term term, uint64_t count) {
  return Term(term.value() + count);
}

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_IDS_H_

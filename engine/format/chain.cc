#include "engine/format/chain.h"

#include "engine/base/crc32c.h"

namespace trimaran::engine {
namespace {

// David Stafford's variant 13 of the 64-bit finalizer of MurmurHash3, behind
// the step of splitmix64, so that zero does not stay zero. It is a bijection:
// two chains that differ before a word differ after it too, unless the words
// make up for it by chance.
uint64_t Absorb(uint64_t state, uint64_t word) {
  state = (state ^ word) + 0x9e3779b97f4a7c15;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

}  // namespace

ChainValue ExtendChain(ChainValue before, EntryId id, EntryType type,
                       std::string_view payload) {
  // A payload is far shorter than 2^56 bytes, which leaves the type a byte of
  // its own.
  const uint64_t shape = uint64_t{static_cast<uint8_t>(type)} << 56 |
                         static_cast<uint64_t>(payload.size());
  uint64_t state = Absorb(before.value, id.index.value());
  state = Absorb(state, id.term.value());
  state = Absorb(state, shape);
  state = Absorb(state, Crc32c(payload));
  return ChainValue{state};
}

}  // namespace trimaran::engine

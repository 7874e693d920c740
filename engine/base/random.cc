#include "engine/base/random.h"

#include <bit>

#include "engine/base/check.h"

namespace trimaran {
namespace {

constexpr uint32_t kMillion = 1'000'000;

__extension__ using Uint128 = unsigned __int128;

}  // namespace

uint64_t Random::Uniform(uint64_t bound) {
  TRIMARAN_CHECK_GT(bound, 0u);
  // Lemire, "Fast random integer generation in an interval": the high half of
  // number * bound is the result. The low half tells which numbers are too
  // many for an equal share; 2^64 mod bound of them are drawn again.
  Uint128 product = Uint128{Next()} * bound;
  if (static_cast<uint64_t>(product) < bound) {
    const uint64_t surplus = (uint64_t{0} - bound) % bound;
    while (static_cast<uint64_t>(product) < surplus) {
      product = Uint128{Next()} * bound;
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

bool Random::OneIn(uint64_t n) { return Uniform(n) == 0; }

bool Random::Chance(uint32_t per_million) {
  return Uniform(kMillion) < per_million;
}

SeededRandom::SeededRandom(uint64_t seed) {
  for (uint64_t& word : state_) word = random_internal::SplitMix64(seed);
}

uint64_t SeededRandom::Next() {
  return random_internal::Xoshiro256StarStar(state_);
}

SeededRandom SeededRandom::Fork() { return SeededRandom(Next()); }

namespace random_internal {

uint64_t SplitMix64(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

uint64_t Xoshiro256StarStar(std::array<uint64_t, 4>& state) {
  const uint64_t result = std::rotl(state[1] * 5, 7) * 9;
  const uint64_t shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = std::rotl(state[3], 45);
  return result;
}

}  // namespace random_internal
}  // namespace trimaran

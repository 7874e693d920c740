#ifndef TRIMARAN_ENGINE_BASE_RANDOM_H_
#define TRIMARAN_ENGINE_BASE_RANDOM_H_

#include <array>
#include <cstdint>

namespace trimaran {

// A source of random numbers, handed to whatever decides by chance, so that a
// test or the simulator can repeat every decision. Not for secrets.
//
// Thread: owner.
class Random {
 public:
  virtual ~Random() = default;

  // Every 64-bit number is equally likely.
  virtual uint64_t Next() = 0;

  // A number in [0, bound), without bias. `bound` > 0. Calls Next() once,
  // and again, seldom, to stay without bias.
  uint64_t Uniform(uint64_t bound);

  // True once in `n` times on average. `n` > 0.
  bool OneIn(uint64_t n);

  // True in `per_million` of a million cases on average: never for 0, always
  // from a million on.
  bool Chance(uint32_t per_million);
};

// The same seed gives the same numbers on every platform, for ever: recorded
// seeds must stay replayable. The generator is xoshiro256**, its state filled
// from the seed by splitmix64 as its authors advise (Blackman and Vigna,
// "Scrambled linear pseudorandom number generators").
//
// Thread: owner.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed);

  uint64_t Next() override;

  // A generator of its own, whose numbers do not depend on how many are drawn
  // from this one later. Draws one number.
  SeededRandom Fork();

 private:
  std::array<uint64_t, 4> state_;
};

// For the known-answer tests.
namespace random_internal {

uint64_t SplitMix64(uint64_t& state);
uint64_t Xoshiro256StarStar(std::array<uint64_t, 4>& state);

}  // namespace random_internal
}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_RANDOM_H_

#ifndef TRIMARAN_ENGINE_KV_GENERATION_H_
#define TRIMARAN_ENGINE_KV_GENERATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trimaran::engine {

// "kv_g7" for 7: the table of a generation. On disk: never change.
//
// Thread: any.
std::string GenerationTable(uint64_t generation);
// "kv_g7.wt": its file in the home.
std::string GenerationFile(uint64_t generation);
// Empty if the table is none of a generation.
std::optional<uint64_t> GenerationOfTable(std::string_view table);

inline constexpr uint64_t kFirstGeneration = 1;

// A table that is the state, or was. Whoever reads it holds one of these; when
// nobody does, and it is not the present state any more, it is dropped.
struct Generation {
  uint64_t number = 0;
  std::string table;
};
using SharedGeneration = std::shared_ptr<const Generation>;

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_GENERATION_H_

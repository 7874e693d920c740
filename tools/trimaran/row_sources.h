#ifndef TRIMARAN_TOOLS_TRIMARAN_ROW_SOURCES_H_
#define TRIMARAN_TOOLS_TRIMARAN_ROW_SOURCES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/kv/state_inspector.h"
#include "engine/snapshot/chunk_codec.h"
#include "engine/snapshot/snapshot_reader.h"
#include "tools/trimaran/state_dump.h"

namespace trimaran::tool {

// The table of a store. The inspector outlives the source.
std::unique_ptr<RowSource> MakeTableSource(engine::StateInspector& inspector,
                                           uint64_t generation);

// A finished snapshot. The reader outlives the source.
std::unique_ptr<RowSource> MakeSnapshotSource(
    const engine::SnapshotReader& reader);

// The rows of one chunk, all in memory. `bytes` outlive the source. Corruption,
// as ChunkReader, if the chunk is damaged.
absl::StatusOr<std::unique_ptr<RowSource>> MakeChunkSource(
    std::string_view bytes, const engine::ChunkDescription& chunk);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_ROW_SOURCES_H_

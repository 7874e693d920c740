#ifndef TRIMARAN_ENGINE_FORMAT_MANIFEST_CODEC_H_
#define TRIMARAN_ENGINE_FORMAT_MANIFEST_CODEC_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/format/manifest.h"

namespace trimaran::engine {

// The file MANIFEST, and what is sent ahead of the chunks (FORMAT.md, section
// 7). `manifest` is valid (ValidateManifest). The same manifest always gives
// the same bytes.
//
// Thread: any.
std::string EncodeManifest(const SnapshotManifest& manifest);

// NewerFormatError for a manifest of a newer format. Corruption for anything
// else that EncodeManifest does not make, including a manifest that is not
// valid. What is allocated is bounded by the size of `bytes`, of which more
// than kManifestBytesMax are refused.
absl::StatusOr<SnapshotManifest> DecodeManifest(std::string_view bytes);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_MANIFEST_CODEC_H_

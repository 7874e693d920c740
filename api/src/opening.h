#ifndef TRIMARAN_API_SRC_OPENING_H_
#define TRIMARAN_API_SRC_OPENING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/engine.h"
#include "engine/engine_options.h"
#include "engine/file/file_system.h"
#include "engine/founding.h"
#include "trimaran/options.h"

// From options to a store that is open.
//
// Thread: any, one per directory (the others get Unavailable).

namespace trimaran {

// What a store stands on; all of it outlives the store.
struct Foundations {
  engine::FileSystem& files;
  const Clock& clock;
  Logger logger;
};
engine::EngineOptions EngineOptionsOf(const Options& options,
                                      const std::string& directory,
                                      const Foundations& foundations);

// Opens the store in `where.directory`, or makes one first, as `options` say,
// which are valid. Errors: DB::Open.
absl::StatusOr<std::unique_ptr<engine::Engine>> OpenStore(
    const Options& options, const engine::EngineOptions& where);

// The store that `options` would make: a group of the founders, or of this
// replica alone.
absl::StatusOr<engine::NewStore> NewStoreOf(const Options& options);

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_OPENING_H_

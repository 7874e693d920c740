#ifndef TRIMARAN_TOOLS_TRIMARAN_NEW_STORE_H_
#define TRIMARAN_TOOLS_TRIMARAN_NEW_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/engine_options.h"
#include "engine/file/file_system.h"
#include "engine/founding.h"
#include "engine/maintenance/state_hash.h"
#include "tools/trimaran/command_line.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/subcommand.h"
#include "trimaran/options.h"

// Data directories that the program makes, out of a backup or out of survivors.

namespace trimaran::tool {

// The options that say whose a new store is, for the table of a subcommand.
inline constexpr OptionSpec kClusterOption = {
    "cluster", "NAME",
    "Options::cluster of the new cluster, a name or an id; not the old one"};
inline constexpr OptionSpec kReplicaOption = {
    "replica", "N", "which member of it this directory is"};
inline constexpr OptionSpec kFounderOption = {
    "founder", "ID[=ADDRESS[,NAME]]",
    "a member of it; once for each, the same for all of their directories;\n"
    "left out, the replica is the only one"};

// What was given of these. InvalidArgument, naming the option.
//
// Thread: any.
absl::StatusOr<Options> NewStoreOptions(const Arguments& arguments);

// Founds a store in the directory of the options, and returns what its state
// is.
using Founder = std::function<absl::StatusOr<engine::StateDigest>(
    const engine::EngineOptions& where, const engine::NewStore& store)>;

// Makes a store with `found` at `target`, which is free (engine/file/
// put_in_place.h), and which is there only when it is whole, has been opened,
// read back and found to be what `found` says. Until then everything is in
// "<target>.partial". Cancelled if the program is interrupted. Corruption: it
// is not what was written.
//
// Thread: one per target.
absl::StatusOr<engine::StateDigest> MakeStore(const std::string& target,
                                              const Options& options,
                                              const Founder& found,
                                              ProgressBar& progress,
                                              Environment& environment);

// InvalidArgument unless `target`, whose parent is there (NotFound), is outside
// of `store`, a path without links.
absl::Status CheckOutside(const std::string& target, const std::string& store);

// ResourceExhausted, saying what is needed and what there is, unless the file
// system that holds `target` has room for so much more.
absl::Status CheckRoom(engine::FileSystem& files, const std::string& target,
                       uint64_t bytes);

// The same error, which says moreover, if so it is, that there is nothing at
// `target`.
absl::Status WithTarget(engine::FileSystem& files, const std::string& target,
                        const absl::Status& error);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_NEW_STORE_H_

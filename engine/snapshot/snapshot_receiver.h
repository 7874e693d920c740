#ifndef TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_RECEIVER_H_
#define TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_RECEIVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/file/file_system.h"
#include "engine/format/manifest.h"

namespace trimaran::engine {

struct SnapshotReceiverOptions {
  // Whose snapshots are taken.
  ClusterId cluster;
  GroupId group;
  // A snapshot whose chunks are larger in all is refused.
  uint64_t bytes_max = uint64_t{1} << 40;
  // What must stay free on the file system when all chunks are there, and, to
  // begin with, when their records have been imported as well.
  uint64_t free_bytes_min = uint64_t{64} << 20;
};

// Takes a snapshot from a peer, in chunks of any order, into a directory of its
// own, and goes on where it was after a break of the connection or a restart.
//
// Invariants:
//  1. No byte is written that the manifest does not vouch for.
//  2. The directory holds kManifestFile only when all chunks are there and
//     durable; until then it holds kPartialManifestFile.
//  3. Names are made from numbers of the manifest, which has been checked.
//  4. One chunk is in memory at a time, which is the caller's.
//
// Thread: one at a time.
class SnapshotReceiver {
 public:
  // Begins, or goes on with the same snapshot if some of it is there already:
  // in IncomingName() under `root`; VerifyNext comes next. FailedPrecondition,
  // and nothing is written, for a snapshot of another cluster or group, and
  // where another one is in that place. ResourceExhausted: larger than the
  // options allow, or than the disk has room for, the import of it included: a
  // replica that has it can do nothing before it is installed. Corruption: no
  // valid manifest. `files` outlives the receiver.
  static absl::StatusOr<std::unique_ptr<SnapshotReceiver>> Begin(
      FileSystem& files, std::string_view root,
      const SnapshotManifest& manifest, const SnapshotReceiverOptions& options);

  // Goes on after a restart; VerifyNext comes next. NotFound if the directory
  // has no manifest of either kind; the other errors are those of Begin.
  static absl::StatusOr<std::unique_ptr<SnapshotReceiver>> Resume(
      FileSystem& files, std::string_view directory,
      const SnapshotReceiverOptions& options);

  // Reads one more of the chunks that may be there from before, all of which
  // count as missing until then: what is damaged is removed. False if there are
  // no more; only then may chunks be added. After an error the receiver has
  // failed.
  absl::StatusOr<bool> VerifyNext();

  // Takes one chunk; nothing happens if it is there already. Durable when it
  // returns OK, but for the chunk's name, which a crash may lose, with the
  // effect that the chunk is missing again. InvalidArgument: there is no such
  // chunk. FailedPrecondition: VerifyNext has not come to its end. Corruption:
  // it is not the chunk of the manifest. ResourceExhausted: no room on the
  // disk; it can be tried again. After any other error the receiver has failed
  // and every later call returns that error; Resume starts from what is there.
  absl::Status AddChunk(uint32_t number, std::string_view bytes);

  // The first chunk at or after `from` that is not there; empty if all are.
  std::optional<uint32_t> first_missing(uint32_t from = 0) const;

  // Makes it a finished snapshot, if all chunks are there; does nothing if it
  // is one. FailedPrecondition, and nothing happens, if one is missing or not
  // verified.
  absl::Status Finish();

  // Removes what was received. The receiver is of no use after that.
  absl::Status Discard();

  uint32_t chunk_count() const {
    return static_cast<uint32_t>(received_.size());
  }
  bool finished() const { return finished_; }
  uint64_t chunks_received() const { return chunks_received_; }
  uint64_t bytes_received() const { return bytes_received_; }
  const SnapshotManifest& manifest() const { return manifest_; }
  const std::string& directory() const { return directory_; }

 private:
  SnapshotReceiver(FileSystem& files, std::string_view directory,
                   const SnapshotManifest& manifest,
                   const SnapshotReceiverOptions& options);

  absl::Status CreateDirectory();
  absl::Status MarkPartial();
  absl::Status VerifyChunk(uint32_t number);
  absl::Status CheckVerified() const;
  absl::Status CheckRoom(uint64_t bytes);
  absl::Status WriteChunk(uint32_t number, std::string_view bytes);
  void MarkReceived(uint32_t number);

  FileSystem& files_;
  const std::string directory_;
  const SnapshotManifest manifest_;
  const SnapshotReceiverOptions options_;
  // By number of chunk.
  std::vector<bool> received_;
  // Of those before it is known whether they are there.
  uint32_t verified_end_ = 0;
  uint64_t chunks_received_ = 0;
  uint64_t bytes_received_ = 0;
  bool finished_ = false;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_RECEIVER_H_

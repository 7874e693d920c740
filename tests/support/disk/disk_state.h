#ifndef TRIMARAN_TESTS_SUPPORT_DISK_DISK_STATE_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_DISK_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "engine/base/random.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/file_bytes.h"
#include "tests/support/disk/operation.h"
#include "tests/support/disk/survival.h"

namespace trimaran::disk {

// What programs see of a disk, and what of it is durable. Both the live disk
// and the replay of a recording are made of this, so that they cannot differ.
//
// Invariants:
//  1. A file's content is its durable content with its changes done to it.
//  2. The names are the durable names with the changes of names done to them.
//  3. The same operations on the same image give the same state, numbers of
//     nodes included.
//
// Thread: owner.
class DiskState {
 public:
  using Entries = std::map<std::string, NodeId, std::less<>>;

  // An empty disk.
  DiskState() : DiskState(DiskImage()) {}
  // Everything in `image` is durable.
  explicit DiskState(const DiskImage& image);

  // ---- Looking ----

  NodeId root() const { return NodeId(1); }
  // The number that the next file or directory gets.
  NodeId next_node() const { return NodeId(nodes_.size()); }
  // None if there is no such thing. `parts` are the names on the way.
  NodeId Find(absl::Span<const std::string_view> parts) const;
  bool IsDirectory(NodeId node) const { return NodeOf(node).is_directory; }
  const FileBytes& Content(NodeId file) const { return NodeOf(file).content; }
  const Entries& EntriesOf(NodeId directory) const;
  // A sync of this file or directory has failed.
  bool SyncFailed(NodeId node) const { return NodeOf(node).sync_failed; }
  // From the root; of something removed, what it was called last.
  std::string PathOf(NodeId node) const;
  // Of all files that have a name.
  uint64_t TotalBytes() const;

  // ---- Changing ----

  // `operation` is possible: the caller has looked.
  void Apply(const Operation& operation);
  // Bytes of `file` rot, where nothing of it waits to be synced. False, and
  // nothing has happened, where something does.
  bool Decay(NodeId file, absl::FunctionRef<void(FileBytes&)> damage);
  // Programs open everything anew: syncs that failed are forgotten, and no
  // later one fails for them. What they dropped stays dropped.
  void ForgetFailedSyncs();

  // ---- Crashing ----

  // Whether a crash can take anything away.
  bool HasUnsynced() const;
  DiskImage AfterCrash(Survival survival, Random& random) const;

 private:
  using Names = std::map<NodeId, Entries>;

  struct Node {
    bool is_directory = false;
    bool sync_failed = false;
    FileBytes content;
    FileBytes durable;
    std::vector<FileChange> unsynced;
    // Where its name is, or was last.
    NodeId parent;
    std::string name;
  };

  const Node& NodeOf(NodeId node) const;
  Node& NodeOf(NodeId node);
  NodeId AddNode(bool is_directory, NodeId parent, std::string_view name);
  NodeId AddDurable(std::string_view path, bool is_directory);
  void ApplyNameChange(const NameChange& change);
  static void DropUnsynced(Node& file);
  static void SyncFile(Node& file);
  void SyncDirectory(NodeId directory);
  Names SurvivingNames(NameSurvival how, Random& random) const;

  // By number; 0 is none, 1 the root. Removed ones stay, since an open handle
  // may still write to them.
  std::vector<Node> nodes_;
  // The entries of each directory.
  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_names_;
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_DISK_STATE_H_

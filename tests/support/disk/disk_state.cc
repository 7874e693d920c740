#include "tests/support/disk/disk_state.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/check.h"

namespace trimaran::disk {
namespace {

const NodeId kNoNode{};

void Do(const NameChange& change, std::map<NodeId, DiskState::Entries>& names) {
  if (change.from_directory != kNoNode) {
    DiskState::Entries& entries = names[change.from_directory];
    const auto found = entries.find(change.from_name);
    // Where earlier changes are lost, something else may have that name.
    if (found != entries.end() && found->second == change.node) {
      entries.erase(found);
    }
  }
  if (change.to_directory != kNoNode) {
    names[change.to_directory][change.to_name] = change.node;
  }
}

bool Touches(const NameChange& change, const std::set<NodeId>& directories) {
  return directories.contains(change.from_directory) ||
         directories.contains(change.to_directory);
}

}  // namespace

DiskState::DiskState(const DiskImage& image) : nodes_(1) {
  AddNode(true, kNoNode, "");
  for (const std::string& path : image.directories) AddDurable(path, true);
  for (const auto& [path, bytes] : image.files) {
    Node& file = NodeOf(AddDurable(path, false));
    file.content = bytes;
    file.durable = bytes;
  }
  for (const auto& [directory, entries] : durable_names_) {
    names_[directory] = entries;
  }
}

NodeId DiskState::Find(absl::Span<const std::string_view> parts) const {
  NodeId node = root();
  for (const std::string_view part : parts) {
    const auto directory = names_.find(node);
    if (directory == names_.end()) return kNoNode;
    const auto entry = directory->second.find(part);
    if (entry == directory->second.end()) return kNoNode;
    node = entry->second;
  }
  return node;
}

const DiskState::Entries& DiskState::EntriesOf(NodeId directory) const {
  const auto found = names_.find(directory);
  TRIMARAN_CHECK(found != names_.end()) << directory << " is no directory";
  return found->second;
}

std::string DiskState::PathOf(NodeId node) const {
  if (node == root() || node == kNoNode) return "";
  const Node& found = NodeOf(node);
  const std::string parent = PathOf(found.parent);
  return parent.empty() ? found.name : parent + "/" + found.name;
}

uint64_t DiskState::TotalBytes() const {
  uint64_t total = 0;
  for (const auto& [directory, entries] : names_) {
    for (const auto& [name, node] : entries) {
      total += NodeOf(node).content.size();
    }
  }
  return total;
}

void DiskState::Apply(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::kWrite: {
      Node& file = NodeOf(operation.node);
      file.content.Write(operation.offset, *operation.data);
      file.unsynced.push_back({operation.offset, operation.data});
      return;
    }
    case OperationKind::kResize: {
      if (operation.failed) return;
      Node& file = NodeOf(operation.node);
      file.content.Resize(operation.offset);
      file.unsynced.push_back({operation.offset, nullptr});
      return;
    }
    case OperationKind::kSync:
    case OperationKind::kSyncDirectory: {
      Node& node = NodeOf(operation.node);
      if (operation.failed) {
        node.sync_failed = true;
        return DropUnsynced(node);
      }
      TRIMARAN_CHECK(!node.sync_failed);
      if (node.is_directory) return SyncDirectory(operation.node);
      return SyncFile(node);
    }
    case OperationKind::kCreate:
    case OperationKind::kMakeDirectory: {
      if (operation.failed) return;
      const NodeId made =
          AddNode(operation.kind == OperationKind::kMakeDirectory,
                  operation.change.to_directory, operation.change.to_name);
      TRIMARAN_CHECK_EQ(made, operation.change.node);
      return ApplyNameChange(operation.change);
    }
    case OperationKind::kRemove:
    case OperationKind::kRename:
      if (!operation.failed) ApplyNameChange(operation.change);
      return;
  }
}

bool DiskState::Decay(NodeId file, absl::FunctionRef<void(FileBytes&)> damage) {
  Node& node = NodeOf(file);
  if (!node.unsynced.empty()) return false;
  damage(node.content);
  node.durable = node.content;
  return true;
}

void DiskState::ForgetFailedSyncs() {
  for (Node& node : nodes_) node.sync_failed = false;
}

bool DiskState::HasUnsynced() const {
  return !unsynced_names_.empty() ||
         std::any_of(nodes_.begin(), nodes_.end(),
                     [](const Node& node) { return !node.unsynced.empty(); });
}

DiskImage DiskState::AfterCrash(Survival survival, Random& random) const {
  const Names names = SurvivingNames(survival.names, random);
  DiskImage image;
  // What has no path from the root is gone.
  std::vector<std::pair<std::string, NodeId>> open = {{"", root()}};
  while (!open.empty()) {
    const auto [prefix, directory] = std::move(open.back());
    open.pop_back();
    const auto entries = names.find(directory);
    if (entries == names.end()) continue;
    for (const auto& [name, id] : entries->second) {
      const Node& node = NodeOf(id);
      if (node.is_directory) {
        image.directories.insert(prefix + name);
        open.emplace_back(prefix + name + "/", id);
      } else {
        image.files[prefix + name] =
            Survivors(node.durable, node.unsynced, survival.data, random);
      }
    }
  }
  return image;
}

const DiskState::Node& DiskState::NodeOf(NodeId node) const {
  TRIMARAN_CHECK_LT(node.value(), nodes_.size());
  return nodes_[static_cast<size_t>(node.value())];
}

DiskState::Node& DiskState::NodeOf(NodeId node) {
  TRIMARAN_CHECK_LT(node.value(), nodes_.size());
  return nodes_[static_cast<size_t>(node.value())];
}

NodeId DiskState::AddNode(bool is_directory, NodeId parent,
                          std::string_view name) {
  const NodeId added = next_node();
  Node& node = nodes_.emplace_back();
  node.is_directory = is_directory;
  node.parent = parent;
  node.name = name;
  if (is_directory) names_[added];
  return added;
}

NodeId DiskState::AddDurable(std::string_view path, bool is_directory) {
  NodeId parent = root();
  for (size_t slash = path.find('/'); slash != path.npos;
       slash = path.find('/')) {
    const auto entry = durable_names_[parent].find(path.substr(0, slash));
    TRIMARAN_CHECK(entry != durable_names_[parent].end())
        << "no directory for " << path;
    parent = entry->second;
    path.remove_prefix(slash + 1);
  }
  const NodeId added = AddNode(is_directory, parent, path);
  durable_names_[parent][std::string(path)] = added;
  return added;
}

void DiskState::ApplyNameChange(const NameChange& change) {
  Do(change, names_);
  unsynced_names_.push_back(change);
  if (change.to_directory != kNoNode) {
    Node& node = NodeOf(change.node);
    node.parent = change.to_directory;
    node.name = change.to_name;
  }
}

// Page by page, so that each can be written again by itself.
void DiskState::DropUnsynced(Node& file) {
  std::vector<FileChange> dropped;
  for (FileChange& change : file.unsynced) {
    change.dropped = true;
    if (change.data == nullptr || change.data->empty()) {
      dropped.push_back(std::move(change));
      continue;
    }
    const std::string_view data = *change.data;
    const uint64_t end = change.offset + data.size();
    for (uint64_t at = change.offset; at < end;) {
      const uint64_t page_end = (at / kPageBytes + 1) * kPageBytes;
      const uint64_t piece = std::min(end, page_end) - at;
      dropped.push_back({at,
                         std::make_shared<const std::string>(data.substr(
                             static_cast<size_t>(at - change.offset),
                             static_cast<size_t>(piece))),
                         true});
      at += piece;
    }
  }
  file.unsynced = std::move(dropped);
}

void DiskState::SyncFile(Node& file) {
  std::set<uint64_t> written;
  bool any_dropped = false;
  for (const FileChange& change : file.unsynced) {
    any_dropped = any_dropped || change.dropped;
    if (change.dropped || change.data == nullptr) continue;
    const uint64_t end = change.offset + change.data->size();
    for (uint64_t at = change.offset; at < end;
         at = (at / kPageBytes + 1) * kPageBytes) {
      written.insert(at / kPageBytes);
    }
  }
  if (!any_dropped) {
    file.durable = file.content;
    file.unsynced.clear();
    return;
  }
  file.durable.Resize(file.content.size());
  for (const uint64_t page : written) {
    file.durable.Write(page * kPageBytes,
                       file.content.Slice(page * kPageBytes, kPageBytes));
  }
  std::erase_if(file.unsynced, [&written](const FileChange& change) {
    return !change.dropped || change.data == nullptr ||
           written.contains(change.offset / kPageBytes);
  });
}

// A move from one directory into another is one change, and cannot become
// durable before what was done in either of them earlier.
void DiskState::SyncDirectory(NodeId directory) {
  std::set<NodeId> directories = {directory};
  std::vector<bool> synced(unsynced_names_.size());
  for (size_t i = unsynced_names_.size(); i-- > 0;) {
    const NameChange& change = unsynced_names_[i];
    synced[i] = Touches(change, directories);
    if (!synced[i]) continue;
    for (const NodeId side : {change.from_directory, change.to_directory}) {
      if (side != kNoNode) directories.insert(side);
    }
  }
  std::vector<NameChange> rest;
  for (size_t i = 0; i < unsynced_names_.size(); ++i) {
    if (synced[i]) {
      Do(unsynced_names_[i], durable_names_);
    } else {
      rest.push_back(std::move(unsynced_names_[i]));
    }
  }
  unsynced_names_ = std::move(rest);
}

DiskState::Names DiskState::SurvivingNames(NameSurvival how,
                                           Random& random) const {
  if (how == NameSurvival::kAll) return names_;
  Names names = durable_names_;
  if (how == NameSurvival::kPrefix) {
    const uint64_t end = random.Uniform(unsynced_names_.size() + 1);
    for (size_t i = 0; i < end; ++i) Do(unsynced_names_[i], names);
  } else if (how == NameSurvival::kRandom) {
    for (const NameChange& change : unsynced_names_) {
      if (random.OneIn(2)) Do(change, names);
    }
  }
  return names;
}

}  // namespace trimaran::disk

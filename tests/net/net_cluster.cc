#include "tests/net/net_cluster.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "tests/net/socket.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

constexpr absl::Duration kStatusPatience = absl::Seconds(2);
constexpr size_t kLogBytes = 3000;

void Copy(const std::string& from, const std::string& to) {
  std::error_code ignored;
  std::filesystem::remove_all(to, ignored);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive,
                        ignored);
  // Copying keeps no permissions of directories.
  std::filesystem::permissions(to, std::filesystem::perms::owner_all, ignored);
}

}  // namespace

// ---- Making ----

absl::StatusOr<std::unique_ptr<NetCluster>> NetCluster::Make(
    const ClusterOptions& options) {
  std::unique_ptr<NetCluster> cluster(new NetCluster(options));
  const absl::Status founded = cluster->Found();
  if (!founded.ok()) return founded;
  return cluster;
}

absl::Status NetCluster::Found() {
  root_ = absl::StrCat(options_.parent, "/trimaran-net-XXXXXX");
  if (mkdtemp(root_.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat(root_, " cannot be made"));
  }
  auto proxy = TcpProxy::Start(
      options_.seed,
      [this](uint16_t from, uint16_t to) { return IdOf(from, to); });
  if (!proxy.ok()) return proxy.status();
  proxy_ = *std::move(proxy);
  std::vector<std::string> founders;
  for (uint64_t id = 1; id <= options_.replicas; ++id) {
    const absl::Status prepared = Prepare(id);
    if (!prepared.ok()) return prepared;
    founders.push_back(absl::StrCat(id, "=", AddressOf(id)));
  }
  for (auto& [id, node] : nodes_) {
    node.settings.join = 0;
    node.settings.founders = absl::StrJoin(founders, ",");
  }
  return absl::OkStatus();
}

NetCluster::~NetCluster() {
  for (const uint64_t id : ids()) {
    if (const auto process = Find(id)) process->Kill();
  }
  proxy_.reset();
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(root_, ignored);
}

absl::Status NetCluster::Prepare(uint64_t id) {
  Node node{.settings = options_.settings};
  node.settings.directory = DirectoryOf(id);
  node.settings.replica_id = id;
  node.settings.join = 1;
  const auto host = options_.hosts.find(id);
  if (host != options_.hosts.end()) {
    node.settings.listen = host->second.address;
    node.settings.advertise = host->second.address;
  } else {
    const auto port = FreePort();
    if (!port.ok()) return port.status();
    const auto address = proxy_->Open(id, *port);
    if (!address.ok()) return address.status();
    ports_[id] = *port;
    node.settings.listen = absl::StrCat("127.0.0.1:", *port);
    node.settings.advertise = *address;
  }
  const MutexLock lock(mutex_);
  nodes_[id] = std::move(node);
  return absl::OkStatus();
}

std::string NetCluster::AddressOf(uint64_t id) const {
  return nodes_.at(id).settings.advertise;
}
uint16_t NetCluster::PortOf(uint64_t id) const { return ports_.at(id); }

uint64_t NetCluster::IdOf(uint16_t from, uint16_t to) {
  std::vector<pid_t> processes;
  {
    const MutexLock lock(mutex_);
    for (const auto& [process, id] : ids_by_process_) {
      processes.push_back(process);
    }
  }
  const auto owner = OwnerOf(from, to, processes);
  if (!owner) return 0;
  const MutexLock lock(mutex_);
  const auto found = ids_by_process_.find(*owner);
  return found == ids_by_process_.end() ? 0 : found->second;
}

// ---- Processes ----

absl::StatusOr<std::unique_ptr<ReplicaProcess>> NetCluster::Launch(
    uint64_t id, const ReplicaSettings& settings) {
  const auto host = options_.hosts.find(id);
  return ReplicaProcess::Start(
      {.settings = settings,
       .log_path = absl::StrCat(root_, "/", id, ".log"),
       .wrapper = host == options_.hosts.end() ? std::vector<std::string>()
                                               : host->second.wrapper,
       .on_spawn = [this, id](pid_t process) {
         const MutexLock lock(mutex_);
         ids_by_process_[process] = id;
       }});
}

absl::StatusOr<std::unique_ptr<ReplicaProcess>> NetCluster::StartAnother(
    uint64_t id, const ReplicaSettings& settings) {
  return Launch(id, settings);
}

absl::Status NetCluster::Start(uint64_t id) {
  auto process = Launch(id, nodes_.at(id).settings);
  if (!process.ok()) {
    return absl::InternalError(absl::StrCat(
        "replica ", id, " does not start: ", process.status().message()));
  }
  const MutexLock lock(mutex_);
  nodes_.at(id).process = *std::move(process);
  return absl::OkStatus();
}

absl::Status NetCluster::StartAll() {
  for (const uint64_t id : ids()) {
    if (Find(id) != nullptr) continue;
    const absl::Status started = Start(id);
    if (!started.ok()) return started;
  }
  return absl::OkStatus();
}

std::shared_ptr<ReplicaProcess> NetCluster::Find(uint64_t id) {
  const MutexLock lock(mutex_);
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second.process;
}

std::vector<uint64_t> NetCluster::ids() {
  const MutexLock lock(mutex_);
  std::vector<uint64_t> ids;
  for (const auto& [id, node] : nodes_) ids.push_back(id);
  return ids;
}

void NetCluster::Kill(uint64_t id) {
  const auto process = Find(id);
  if (process == nullptr) return;
  ++kills_;
  process->Kill();
  const MutexLock lock(mutex_);
  ids_by_process_.erase(process->pid());
  nodes_.at(id).process = nullptr;
}

void NetCluster::KillAll() {
  for (const uint64_t id : ids()) Kill(id);
}

void NetCluster::Pause(uint64_t id) {
  if (const auto process = Find(id)) process->Pause();
}
void NetCluster::Resume(uint64_t id) {
  if (const auto process = Find(id)) process->Resume();
}

absl::Status NetCluster::Close(uint64_t id) {
  const auto process = Find(id);
  if (process == nullptr) return absl::OkStatus();
  const absl::Status closed = process->Close();
  const MutexLock lock(mutex_);
  ids_by_process_.erase(process->pid());
  nodes_.at(id).process = nullptr;
  return closed;
}

// ---- Directories ----

std::string NetCluster::DirectoryOf(uint64_t id) const {
  return absl::StrCat(root_, "/", id);
}

void NetCluster::Wipe(uint64_t id) {
  std::error_code ignored;
  std::filesystem::remove_all(DirectoryOf(id), ignored);
}

void NetCluster::SaveDirectory(uint64_t id, const std::string& name) {
  Copy(DirectoryOf(id), absl::StrCat(root_, "/", name));
}
void NetCluster::RestoreDirectory(uint64_t id, const std::string& name) {
  Copy(absl::StrCat(root_, "/", name), DirectoryOf(id));
}

// ---- Asking ----

Answer NetCluster::StatusOf(uint64_t id) {
  const auto process = Find(id);
  if (process == nullptr) return {};
  auto result = process->Call("status", {}, kStatusPatience);
  return result.ok() ? std::move(result.answer) : Answer();
}

uint64_t NetCluster::AwaitLeader(absl::Duration patience) {
  uint64_t leader = 0;
  Eventually(
      [&] {
        uint64_t highest = 0;
        for (const uint64_t id : ids()) {
          const Answer status = StatusOf(id);
          if (status.Text("role") != "leader") continue;
          if (status.Number("term") < highest) continue;
          highest = status.Number("term");
          leader = id;
        }
        return leader != 0;
      },
      patience);
  return leader;
}

ReplicaProcess::Result NetCluster::AskLeader(
    const std::string& operation, const std::vector<std::string>& arguments,
    absl::Duration patience) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  ReplicaProcess::Result result;
  Eventually(
      [&] {
        const absl::Duration left = deadline - clock.Now();
        const auto process = Find(AwaitLeader(left));
        if (process == nullptr) return false;
        result =
            process->Call(operation, arguments, left + absl::Seconds(2), left);
        if (result.ok()) return true;
        // What is wrong with the call itself stays wrong.
        const std::string code = result.answer.Text("code");
        return code == "INVALID_ARGUMENT" || code == "ALREADY_EXISTS" ||
               code == "NOT_FOUND";
      },
      patience);
  return result;
}

absl::Status NetCluster::AwaitEqual(absl::Duration patience) {
  std::string last = "nobody leads";
  const bool equal = Eventually(
      [&] {
        const auto process = Find(AwaitLeader(absl::Seconds(5)));
        if (process == nullptr) return false;
        // All of it: whoever was asked too early is still at work, and refuses
        // to be asked again.
        const auto result =
            process->Call("consistency", {}, patience, patience / 2);
        last = result.ToString();
        // Those who differ will differ.
        return result.answer.Number("consistent") == 1 ||
               result.answer.Number("diverged") == 1;
      },
      patience);
  if (equal && last.find("diverged=0") != std::string::npos) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("states are not equal: ", last));
}

std::string NetCluster::LogOf(uint64_t id) const {
  std::ifstream file(absl::StrCat(root_, "/", id, ".log"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return text.substr(text.size() - std::min(text.size(), kLogBytes));
}

}  // namespace trimaran::net

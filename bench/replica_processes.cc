#include "bench/replica_processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace trimaran::bench {

std::vector<std::string> FreeAddresses(uint64_t count) {
  std::vector<int> sockets;
  std::vector<std::string> addresses;
  for (uint64_t i = 0; i < count; ++i) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    TRIMARAN_CHECK(listener >= 0 && ::bind(listener, plain, size) == 0 &&
                   ::getsockname(listener, plain, &size) == 0)
        << std::strerror(errno);
    addresses.push_back(absl::StrCat("127.0.0.1:", ntohs(address.sin_port)));
    sockets.push_back(listener);
  }
  for (const int listener : sockets) ::close(listener);
  return addresses;
}

ReplicaProcesses::~ReplicaProcesses() {
  for (const Child& child : children_) ::close(child.input);
  for (const Child& child : children_) ::waitpid(child.pid, nullptr, 0);
}

void ReplicaProcesses::HandOver(uint64_t leader, uint64_t successor) {
  const std::string line = absl::StrCat("lead ", successor, "\n");
  const ssize_t written =
      ::write(children_.at(leader - 2).input, line.data(), line.size());
  TRIMARAN_CHECK(written == static_cast<ssize_t>(line.size()))
      << std::strerror(errno);
}

void ReplicaProcesses::Start(uint64_t id, const std::string& root,
                             const std::vector<std::string>& addresses) {
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() /
      "cluster_node";
  std::vector<std::string> words = {program, absl::StrCat(id),
                                    absl::StrCat(root, "/", id)};
  words.insert(words.end(), addresses.begin(), addresses.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int ends[2] = {};
  // Neither end stays open in another child.
  TRIMARAN_CHECK(::pipe2(ends, O_CLOEXEC) == 0) << std::strerror(errno);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  // Its answers are of no interest.
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
  Child child{.input = ends[1]};
  const int error = ::posix_spawn(&child.pid, program.c_str(), &actions,
                                  nullptr, arguments.data(), environ);
  TRIMARAN_CHECK(error == 0) << program << ": " << std::strerror(error);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  children_.push_back(child);
}

}  // namespace trimaran::bench

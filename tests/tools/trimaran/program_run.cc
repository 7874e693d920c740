#include "tests/tools/trimaran/program_run.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

int CodeOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

}  // namespace

namespace fs = std::filesystem;

Outcome Shell(const std::string& command) {
  std::string errors = "/tmp/trimaran-stderr-XXXXXX";
  const int descriptor = ::mkstemp(errors.data());
  EXPECT_GE(descriptor, 0);
  ::close(descriptor);
  FILE* const pipe =
      ::popen(absl::StrCat("{ ", command, "; } 2>", errors).c_str(), "r");
  Outcome run;
  std::string part(4096, '\0');
  size_t size = 0;
  while ((size = ::fread(part.data(), 1, part.size(), pipe)) > 0) {
    run.out.append(part, 0, size);
  }
  run.code = CodeOf(::pclose(pipe));
  run.err = Contents(errors);
  fs::remove(errors);
  return run;
}

Outcome Trimaran(const std::string& words, const std::string& prefix) {
  const char* const binary = ::getenv("TRIMARAN_BINARY");
  EXPECT_NE(binary, nullptr);
  return Shell(absl::StrCat(prefix, binary, " ", words));
}

Outcome InterruptedTrimaran(const std::string& words,
                            const std::string& prefix) {
  int ends[2] = {};
  EXPECT_EQ(::pipe(ends), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, ends[0]);
  ::posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string command =
      absl::StrCat(prefix, "exec ", ::getenv("TRIMARAN_BINARY"), " ", words);
  char* const arguments[] = {shell.data(), flag.data(), command.data(),
                             nullptr};
  pid_t child = 0;
  EXPECT_EQ(
      ::posix_spawn(&child, "/bin/sh", &actions, nullptr, arguments, environ),
      0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Outcome run;
  std::string part(1, '\0');
  for (ssize_t size = 0;
       (size = ::read(ends[0], part.data(), part.size())) > 0;) {
    if (run.out.empty()) {
      EXPECT_EQ(::kill(child, SIGINT), 0);
    }
    run.out.append(part, 0, static_cast<size_t>(size));
    part.resize(4096);
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  run.code = CodeOf(status);
  return run;
}

Outcome TrimaranOnSmallDisk(const std::string& small, int megabytes,
                            const std::string& words) {
  if (::geteuid() != 0) return {.code = kNoSmallDisk, .out = "", .err = ""};
  return Shell(absl::StrCat(
      "unshare -m sh -c 'mount -t tmpfs -o size=", megabytes, "m none ", small,
      " || exit ", kNoSmallDisk, "; ", ::getenv("TRIMARAN_BINARY"), " ", words,
      "; code=$?; ls -A ", small, "; exit $code'"));
}

std::optional<std::string> AsNobody() {
  if (::geteuid() != 0) return "";
  if (Shell("command -v setpriv").code != 0) return std::nullopt;
  return "setpriv --reuid=65534 --regid=65534 --clear-groups ";
}

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void Overwrite(const fs::path& path, std::streamoff at,
               const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file << bytes;
}

Image ImageOf(const fs::path& root) {
  Image image;
  for (const auto& file : fs::recursive_directory_iterator(root)) {
    image[file.path()] = {file.is_directory() ? "" : Contents(file.path()),
                          file.last_write_time()};
  }
  return image;
}

std::string JsonField(const std::string& line, const std::string& name) {
  const std::string head = absl::StrCat("\"", name, "\":");
  size_t at = line.find(head);
  if (at == std::string::npos) return "";
  at += head.size();
  const bool quoted = line[at] == '"';
  if (quoted) ++at;
  return line.substr(at, line.find_first_of(quoted ? "\"" : ",}", at) - at);
}

}  // namespace trimaran::tool

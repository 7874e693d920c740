#include "tests/crash/child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace trimaran::crash {
namespace {

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::string ReadAll(int file) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
}

[[noreturn]] void BeChild(int out, int seconds_max,
                          const std::function<std::string()>& work) {
  // Not caught: ends the process, whatever its threads wait for.
  alarm(static_cast<unsigned>(seconds_max));
  const bool written = WriteAll(out, work());
  // Nothing is torn down: a broken WiredTiger may still have threads.
  _exit(written ? 0 : 1);
}

}  // namespace

absl::StatusOr<std::string> RunInChild(
    int seconds_max, const std::function<std::string()>& work) {
  std::array<int, 2> ends;
  if (pipe(ends.data()) != 0) {
    return absl::UnavailableError(absl::StrCat("pipe: ", strerror(errno)));
  }
  const pid_t child = fork();
  if (child < 0) {
    return absl::UnavailableError(absl::StrCat("fork: ", strerror(errno)));
  }
  if (child == 0) {
    close(ends[0]);
    BeChild(ends[1], seconds_max, work);
  }
  close(ends[1]);
  std::string text = ReadAll(ends[0]);
  close(ends[0]);
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return text;
  if (WIFSIGNALED(state) && WTERMSIG(state) == SIGALRM) {
    return absl::DeadlineExceededError(
        absl::StrCat("hangs: not done after ", seconds_max, " s"));
  }
  return absl::InternalError(
      WIFSIGNALED(state) ? absl::StrCat("killed by signal ", WTERMSIG(state))
                         : absl::StrCat("exited with ", WEXITSTATUS(state)));
}

}  // namespace trimaran::crash

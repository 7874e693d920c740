#include "tests/soak/keeper.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace trimaran::soak {
namespace {

// A text and its end; false at the end of what can be read.
bool ReadText(int file, std::string& text) {
  text.clear();
  char next = 0;
  while (read(file, &next, 1) == 1) {
    if (next == '\0') return true;
    text.push_back(next);
  }
  return false;
}

bool WriteText(int file, const std::string& text) {
  std::string_view rest(text.c_str(), text.size() + 1);
  while (!rest.empty()) {
    const ssize_t written = write(file, rest.data(), rest.size());
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::string CopyHeld(pid_t child, const std::string& from,
                     const std::string& to) {
  int status = 0;
  if (kill(child, SIGSTOP) != 0 ||
      waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status)) {
    return "the process cannot be held";
  }
  std::error_code error;
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive,
                        error);
  kill(child, SIGCONT);
  return error ? from + " cannot be copied: " + error.message() : "";
}

[[noreturn]] void Serve(pid_t child, int requests, int answers) {
  std::string from;
  std::string to;
  while (ReadText(requests, from) && ReadText(requests, to)) {
    if (!WriteText(answers, CopyHeld(child, from, to))) break;
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
    std::fprintf(stderr, "the soak was killed by signal %d\n",
                 WTERMSIG(status));
    std::exit(1);
  }
  std::exit(WEXITSTATUS(status));
}

}  // namespace

Keeper::Keeper() {
  std::array<int, 2> requests{};
  std::array<int, 2> answers{};
  if (pipe(requests.data()) != 0 || pipe(answers.data()) != 0) {
    std::perror("pipe");
    std::exit(2);
  }
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    std::exit(2);
  }
  if (child > 0) {
    close(requests[1]);
    close(answers[0]);
    Serve(child, requests[0], answers[1]);
  }
  // Nobody is left behind, held or not, when the keeper is gone.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(requests[0]);
  close(answers[1]);
  requests_ = requests[1];
  answers_ = answers[0];
}

Keeper::~Keeper() {
  close(requests_);
  close(answers_);
}

std::string Keeper::CopyWhileHeld(const std::string& from,
                                  const std::string& to) {
  std::string answer;
  if (!WriteText(requests_, from) || !WriteText(requests_, to) ||
      !ReadText(answers_, answer)) {
    return "the keeper is gone";
  }
  return answer;
}

}  // namespace trimaran::soak

#include "tests/net/replica_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);

// A pipe: what is read from, and what is written to.
struct Pipe {
  Socket out;
  Socket in;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::UnavailableError(absl::StrCat("pipe2: ", strerror(errno)));
  }
  return Pipe{Socket(ends[0]), Socket(ends[1])};
}

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& words,
                            const Pipe& requests, const Pipe& answers,
                            const std::string& log_path) {
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, requests.out.file(), 0);
  posix_spawn_file_actions_adddup2(&actions, answers.in.file(), 1);
  posix_spawn_file_actions_addopen(&actions, 2, log_path.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, words.front().c_str(), &actions, nullptr,
                                 arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat(words.front(), ": ", strerror(error)));
  }
  return pid;
}

}  // namespace

std::string ReplicaProgram() {
  const char* path = std::getenv("TRIMARAN_NET_REPLICA");
  if (path != nullptr) return path;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return self.parent_path() / "net_replica";
}

std::string ReplicaProcess::Result::ToString() const {
  switch (kind) {
    case Kind::kNotSent:
      return "not sent";
    case Kind::kNoAnswer:
      return "no answer";
    default:
      return answer.ToString();
  }
}

// ---- Life ----

absl::StatusOr<std::unique_ptr<ReplicaProcess>> ReplicaProcess::Start(
    const Launch& launch) {
  // Whoever reads a pipe may be killed before it has read all.
  std::signal(SIGPIPE, SIG_IGN);
  auto requests = MakePipe();
  auto answers = MakePipe();
  if (!requests.ok()) return requests.status();
  if (!answers.ok()) return answers.status();
  std::vector<std::string> words = launch.wrapper;
  words.push_back(ReplicaProgram());
  for (std::string& flag : ToFlags(launch.settings)) {
    words.push_back(std::move(flag));
  }
  const auto pid = Spawn(words, *requests, *answers, launch.log_path);
  if (!pid.ok()) return pid.status();
  if (launch.on_spawn != nullptr) launch.on_spawn(*pid);
  // Who is told nothing because it stands still must not stop the others.
  fcntl(requests->in.file(), F_SETFL, O_NONBLOCK);
  std::unique_ptr<ReplicaProcess> process(new ReplicaProcess(
      *pid, std::move(requests->in), std::move(answers->out)));
  // The child alone holds these now, so that its end can be seen.
  answers->in.Close();
  requests->out.Close();
  const absl::Status ready = process->AwaitReady(kStartPatience);
  if (!ready.ok()) return ready;
  return process;
}

ReplicaProcess::ReplicaProcess(pid_t pid, Socket requests, Socket answers)
    : pid_(pid),
      requests_(std::move(requests)),
      answers_(std::move(answers)),
      listener_([this] { Listen(); }) {}

ReplicaProcess::~ReplicaProcess() {
  Kill();
  listener_.join();
}

absl::Status ReplicaProcess::AwaitReady(absl::Duration patience) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  const MutexLock lock(mutex_);
  while (first_line_.empty() && clock.Now() < deadline) {
    first_said_.WaitFor(mutex_, deadline - clock.Now());
  }
  if (first_line_.rfind("READY", 0) == 0) return absl::OkStatus();
  return absl::InternalError(first_line_.empty() ? "it says nothing"
                                                 : first_line_);
}

void ReplicaProcess::Kill() {
  if (reaped_) return;
  kill(pid_, SIGKILL);
  Reap(absl::InfiniteDuration());
}

void ReplicaProcess::Pause() {
  if (!reaped_) kill(pid_, SIGSTOP);
}
void ReplicaProcess::Resume() {
  if (!reaped_) kill(pid_, SIGCONT);
}

absl::Status ReplicaProcess::Close(absl::Duration patience) {
  const Result result = Call("close", {}, patience);
  if (!result.ok()) {
    Kill();
    return absl::InternalError(absl::StrCat("close: ", result.ToString()));
  }
  if (Reap(patience)) return absl::OkStatus();
  Kill();
  return absl::InternalError("does not end");
}

bool ReplicaProcess::Reap(absl::Duration patience) {
  if (reaped_) return true;
  // Of the child, until it is waited for, the id is ours: nobody else gets it.
  const auto ended = [this] { return waitpid(pid_, nullptr, WNOHANG) == pid_; };
  if (patience == absl::InfiniteDuration()) {
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
  } else {
    reaped_ = Eventually(ended, patience);
  }
  if (reaped_) alive_ = false;
  return reaped_;
}

// ---- Calls ----

ReplicaProcess::Result ReplicaProcess::Call(
    const std::string& operation, const std::vector<std::string>& arguments,
    absl::Duration patience, absl::Duration timeout) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  Waiter waiter;
  const MutexLock lock(mutex_);
  Request request{
      .id = ++last_id_,
      .timeout_ms = static_cast<uint64_t>(absl::ToInt64Milliseconds(timeout)),
      .operation = operation,
      .arguments = arguments};
  waiter.result.kind = SendLine(Encode(request) + '\n');
  if (waiter.result.kind == Result::Kind::kNotSent) return waiter.result;
  waiting_[request.id] = &waiter;
  while (!waiter.done && clock.Now() < deadline) {
    waiter.changed.WaitFor(mutex_, deadline - clock.Now());
  }
  waiting_.erase(request.id);
  return waiter.result;
}

ReplicaProcess::Result::Kind ReplicaProcess::SendLine(const std::string& line) {
  // Written as a whole or not at all.
  TRIMARAN_CHECK_LE(line.size(), size_t{PIPE_BUF});
  if (!alive_) return Result::Kind::kNotSent;
  const ssize_t count = write(requests_.file(), line.data(), line.size());
  return count == static_cast<ssize_t>(line.size()) ? Result::Kind::kNoAnswer
                                                    : Result::Kind::kNotSent;
}

void ReplicaProcess::Listen() {
  std::string text;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = read(answers_.file(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', begin)) {
      OnLine(text.substr(begin, end - begin));
      begin = end + 1;
    }
    text.erase(0, begin);
  }
  OnEnd();
}

void ReplicaProcess::OnLine(const std::string& line) {
  const MutexLock lock(mutex_);
  if (first_line_.empty()) {
    first_line_ = line;
    first_said_.NotifyAll();
    return;
  }
  auto answer = DecodeAnswer(line);
  TRIMARAN_CHECK(answer.has_value()) << line;
  const auto found = waiting_.find(answer->id);
  if (found == waiting_.end()) return;
  found->second->result = {.kind = Result::Kind::kAnswered,
                           .answer = *std::move(answer)};
  found->second->done = true;
  found->second->changed.NotifyAll();
}

void ReplicaProcess::OnEnd() {
  const MutexLock lock(mutex_);
  alive_ = false;
  if (first_line_.empty()) first_line_ = "it died";
  first_said_.NotifyAll();
  for (const auto& [id, waiter] : waiting_) {
    waiter->done = true;
    waiter->changed.NotifyAll();
  }
}

}  // namespace trimaran::net

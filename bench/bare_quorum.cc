// The least that a lone durable write of three processes can cost: one sends it
// to two others over TCP, all three write and sync it, and it is done when the
// first one and one of the others have it. No log, no state, no threads: each
// process waits in a system call for the next thing. What cluster_bench.py
// measures of a lone put stands beside this.
//
//   bare_quorum DIRECTORY SECONDS BYTES

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"

namespace trimaran {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kFollowers = 2;
constexpr size_t kAnswerBytes = 64;
constexpr off_t kFileBytes = off_t{64} << 20;

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

size_t Checked(ssize_t result, const char* what) {
  if (result < 0) Die(what);
  return static_cast<size_t>(result);
}

double CpuSeconds(int who) {
  rusage usage = {};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A file into blocks of which something was written before.
class WrittenFile {
 public:
  WrittenFile(const std::string& directory, size_t number) {
    const std::string path = directory + "/bare" + std::to_string(number);
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) Die(path.c_str());
    ::unlink(path.c_str());
    const std::vector<char> block(size_t{1} << 20, 'x');
    for (off_t at = 0; at < kFileBytes;
         at += static_cast<off_t>(block.size())) {
      Checked(::pwrite(descriptor_, block.data(), block.size(), at), "pwrite");
    }
    if (::fsync(descriptor_) != 0) Die("fsync");
  }

  void Append(const std::vector<char>& bytes) {
    if (end_ + static_cast<off_t>(bytes.size()) > kFileBytes) end_ = 0;
    Checked(::pwrite(descriptor_, bytes.data(), bytes.size(), end_), "pwrite");
    end_ += static_cast<off_t>(bytes.size());
    if (::fdatasync(descriptor_) != 0) Die("fdatasync");
  }

 private:
  int descriptor_ = -1;
  off_t end_ = 0;
};

void SendNow(int socket, const std::vector<char>& bytes) {
  Checked(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL), "send");
}

// False at the end of the connection.
bool Receive(int socket, std::vector<char>& bytes) {
  return Checked(::recv(socket, bytes.data(), bytes.size(), MSG_WAITALL),
                 "recv") == bytes.size();
}

void SetNoDelay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

[[noreturn]] void Follow(const sockaddr_in& leader, WrittenFile file,
                         size_t bytes) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&leader),
                sizeof leader) != 0) {
    Die("connect");
  }
  SetNoDelay(socket);
  std::vector<char> entry(bytes);
  const std::vector<char> answer(kAnswerBytes, 'a');
  while (Receive(socket, entry)) {
    file.Append(entry);
    SendNow(socket, answer);
  }
  std::_Exit(0);
}

class Leader {
 public:
  Leader(const std::string& directory, size_t bytes)
      : file_(directory, 0), entry_(bytes, 'e'), answer_(kAnswerBytes) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, generic, length) != 0 ||
        ::listen(listener, kFollowers) != 0 ||
        ::getsockname(listener, generic, &length) != 0) {
      Die("listen");
    }
    for (size_t i = 0; i < kFollowers; ++i) {
      WrittenFile file(directory, i + 1);
      const pid_t child = ::fork();
      if (child < 0) Die("fork");
      if (child == 0) Follow(address, file, bytes);
      sockets_[i] = ::accept(listener, nullptr, nullptr);
      if (sockets_[i] < 0) Die("accept");
      SetNoDelay(sockets_[i]);
    }
    ::close(listener);
  }

  // The next one is durable in two of the three places.
  void Write() {
    ++sent_;
    for (const int socket : sockets_) SendNow(socket, entry_);
    file_.Append(entry_);
    while (*std::max_element(answered_.begin(), answered_.end()) < sent_) {
      std::array<pollfd, kFollowers> polled = {};
      for (size_t i = 0; i < kFollowers; ++i) {
        polled[i] = {.fd = sockets_[i], .events = POLLIN, .revents = 0};
      }
      ::poll(polled.data(), kFollowers, -1);
      for (size_t i = 0; i < kFollowers; ++i) {
        if (polled[i].revents == 0) continue;
        if (!Receive(sockets_[i], answer_)) Die("a follower has ended");
        ++answered_[i];
      }
    }
  }

  void End() {
    for (const int socket : sockets_) ::close(socket);
    while (::wait(nullptr) > 0) {
    }
  }

 private:
  WrittenFile file_;
  std::vector<char> entry_;
  std::vector<char> answer_;
  std::array<int, kFollowers> sockets_ = {};
  std::array<uint64_t, kFollowers> answered_ = {};
  uint64_t sent_ = 0;
};

void Measure(Leader& leader, double seconds) {
  std::vector<double> micros;
  const double cpu_before = CpuSeconds(RUSAGE_SELF);
  const Clock::time_point begun = Clock::now();
  const std::chrono::duration<double> length(seconds);
  Clock::time_point now = begun;
  while (now - begun < length) {
    leader.Write();
    const Clock::time_point then = Clock::now();
    micros.push_back(
        std::chrono::duration<double, std::micro>(then - now).count());
    now = then;
  }
  const std::chrono::duration<double> took = now - begun;
  const double leader_cpu = CpuSeconds(RUSAGE_SELF) - cpu_before;
  leader.End();
  const double cpu = leader_cpu + CpuSeconds(RUSAGE_CHILDREN);
  std::sort(micros.begin(), micros.end());
  const size_t count = micros.size();
  std::cout << "operations=" << count << " seconds=" << took.count()
            << " per_second=" << static_cast<double>(count) / took.count()
            << " p50_us=" << micros[count / 2]
            << " p99_us=" << micros[count * 99 / 100]
            << " max_us=" << micros.back()
            << " cpu_us=" << cpu / static_cast<double>(count) * 1e6 << "\n";
}

int Main(int argc, char** argv) {
  double seconds = 0;
  uint64_t bytes = 0;
  if (argc != 4 || !absl::SimpleAtod(argv[2], &seconds) || seconds <= 0 ||
      !absl::SimpleAtoi(argv[3], &bytes) || bytes == 0 ||
      bytes > size_t{1} << 20) {
    std::cerr << "usage: bare_quorum DIRECTORY SECONDS BYTES\n";
    return 2;
  }
  Leader leader(argv[1], bytes);
  Measure(leader, seconds);
  return 0;
}

}  // namespace
}  // namespace trimaran

int main(int argc, char** argv) { return trimaran::Main(argc, argv); }

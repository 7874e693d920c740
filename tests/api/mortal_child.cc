#include "tests/api/mortal_child.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/support/sanitized.h"
#include "trimaran/db.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace trimaran {
namespace {

constexpr int kFailed = 1;
constexpr int kLeaked = 2;
constexpr int kNoMemory = 77;
constexpr int kGaveUp = 78;
constexpr int kInWiredTiger = 79;

// What std::terminate does.
[[noreturn]] void Terminate() {
  try {
    if (const auto thrown = std::current_exception()) {
      std::rethrow_exception(thrown);
    }
  } catch (const std::bad_alloc&) {
    _exit(kNoMemory);
  } catch (...) {
    // As if it had not been thrown.
  }
  std::abort();
}

// Null where that is not known.
void* PlaceOfSignal(const void* context) {
  const mcontext_t& machine =
      static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return reinterpret_cast<void*>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<void*>(machine.pc);
#else
  (void)machine;
  return nullptr;
#endif
}

void OnBadAccess(int signal, siginfo_t*, void* context) {
  Dl_info library;
  if (dladdr(PlaceOfSignal(context), &library) != 0 &&
      strstr(library.dli_fname, "libwiredtiger") != nullptr) {
    _exit(kInWiredTiger);
  }
  // Again, and this time nobody handles it.
  std::signal(signal, SIG_DFL);
}

void TellWhereSignalsComeFrom() {
  // Sanitizers do that better, and under them WiredTiger has memory.
  if (kSanitized) return;
  struct sigaction action = {};
  action.sa_sigaction = OnBadAccess;
  action.sa_flags = SA_SIGINFO;
  TRIMARAN_CHECK_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
}

bool Leaks() {
#if defined(__SANITIZE_ADDRESS__)
  return __lsan_do_recoverable_leak_check() != 0;
#else
  return false;
#endif
}

// WiredTiger measures the processor's clock when it is opened first in a
// process, which takes half a second: children need not do so again.
void MeasureClock() {
  static const bool measured = [] {
    TestDirectory directory;
    return DB::Open(SmallOptions(), directory.path()).ok();
  }();
  TRIMARAN_CHECK(measured);
}

[[noreturn]] void BeChild(int seconds_max, absl::FunctionRef<void()> work) {
  // Not caught: ends the process, whatever its threads wait for.
  alarm(static_cast<unsigned>(seconds_max));
  std::set_terminate(Terminate);
  TellWhereSignalsComeFrom();
  work();
  std::fflush(nullptr);
  if (testing::Test::HasFailure()) _exit(kFailed);
  _exit(Leaks() ? kLeaked : 0);
}

absl::StatusOr<ChildEnd> Judge(int state, int seconds_max) {
  if (WIFSIGNALED(state) && WTERMSIG(state) == SIGALRM) {
    return absl::DeadlineExceededError(
        absl::StrCat("the child hangs: not done after ", seconds_max, " s"));
  }
  if (WIFSIGNALED(state)) {
    return absl::InternalError(
        absl::StrCat("the child was killed by signal ", WTERMSIG(state)));
  }
  switch (WEXITSTATUS(state)) {
    case 0:
      return ChildEnd::kDone;
    case kNoMemory:
      return ChildEnd::kNoMemory;
    case kGaveUp:
      return ChildEnd::kGaveUp;
    case kInWiredTiger:
      return ChildEnd::kInWiredTiger;
    case kFailed:
      return absl::InternalError("the child has failed, as it says above");
    case kLeaked:
      return absl::InternalError("the child has left memory behind");
    default:
      return absl::InternalError(
          absl::StrCat("the child exited with ", WEXITSTATUS(state)));
  }
}

}  // namespace

absl::StatusOr<ChildEnd> RunMortal(int seconds_max,
                                   absl::FunctionRef<void()> work) {
  MeasureClock();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) {
    return absl::UnavailableError(absl::StrCat("fork: ", strerror(errno)));
  }
  if (child == 0) BeChild(seconds_max, work);
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  return Judge(state, seconds_max);
}

void EndChild() { _exit(testing::Test::HasFailure() ? kFailed : kGaveUp); }

}  // namespace trimaran

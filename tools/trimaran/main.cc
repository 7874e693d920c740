#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string_view>
#include <vector>

#include "engine/file/posix_file_system.h"
#include "tools/trimaran/add_command.h"
#include "tools/trimaran/backup_command.h"
#include "tools/trimaran/bench_command.h"
#include "tools/trimaran/certs_command.h"
#include "tools/trimaran/demo_command.h"
#include "tools/trimaran/dump_command.h"
#include "tools/trimaran/recover_command.h"
#include "tools/trimaran/remove_command.h"
#include "tools/trimaran/replace_command.h"
#include "tools/trimaran/restore_command.h"
#include "tools/trimaran/serve_command.h"
#include "tools/trimaran/shell_command.h"
#include "tools/trimaran/status_command.h"
#include "tools/trimaran/subcommand.h"
#include "tools/trimaran/transfer_command.h"
#include "tools/trimaran/verify_command.h"

namespace trimaran::tool {
namespace {

// Set by a signal handler, which can reach nothing else.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): as said
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void OnInterrupt(int) { interrupted.store(true); }

// The first signal asks for an orderly end, the second one ends the program.
void InstallHandlers() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A reader that has gone away is an answer of write() (Output).
  action.sa_handler = SIG_IGN;
  action.sa_flags = 0;
  ::sigaction(SIGPIPE, &action, nullptr);
}

// A file would get the number of a standard descriptor that the program was
// started without, and what is printed would go into it. Such a descriptor is
// held instead, so that using it fails as if it were still closed.
void HoldStandardDescriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // Gets the lowest number that is free, which is this one.
    const bool reads = descriptor == STDIN_FILENO;
    ::open("/dev/null", reads ? O_WRONLY : O_RDONLY);
  }
}

int Main(const std::vector<std::string_view>& words) {
  HoldStandardDescriptors();
  InstallHandlers();
  engine::PosixFileSystem files;
  Output out(STDOUT_FILENO, DetectStyle(STDOUT_FILENO));
  Output err(STDERR_FILENO, DetectStyle(STDERR_FILENO));
  Environment environment{files, out, err, interrupted};
  const std::array subcommands = {
      DumpCommand(),    VerifyCommand(),  StatusCommand(),   BackupCommand(),
      RestoreCommand(), RecoverCommand(), ShellCommand(),    BenchCommand(),
      DemoCommand(),    CertsCommand(),   ServeCommand(),    AddCommand(),
      RemoveCommand(),  ReplaceCommand(), TransferCommand(),
  };
  return static_cast<int>(RunProgram(subcommands, words, environment));
}

}  // namespace
}  // namespace trimaran::tool

int main(int argc, char** argv) {
  return trimaran::tool::Main({argv + (argc > 0 ? 1 : 0), argv + argc});
}

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

int Main(const std::vector<std::string_view>& words) {
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

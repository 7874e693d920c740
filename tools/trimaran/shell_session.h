#ifndef TRIMARAN_TOOLS_TRIMARAN_SHELL_SESSION_H_
#define TRIMARAN_TOOLS_TRIMARAN_SHELL_SESSION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/subcommand.h"
#include "trimaran/db.h"

namespace trimaran::tool {

// Carries out the commands of `trimaran shell` on an open database.
//
// Thread: owner.
class ShellSession {
 public:
  // All outlive the session.
  ShellSession(DB& db, Printer& printer, Environment& environment)
      : db_(db), printer_(printer), environment_(environment) {}

  // InvalidArgument for what is no command, or has other words than it wants;
  // else what the database says.
  absl::Status Run(const std::vector<std::string>& words);
  bool quit() const { return quit_; }

  // The names of the commands.
  static std::vector<std::string> Names();
  // A line for each, for the help.
  static std::string Help();

 private:
  using Words = std::vector<std::string>;
  struct Command;
  static absl::Span<const Command> Table();

  absl::Status Get(const Words& words);
  absl::Status Put(const Words& words);
  absl::Status Delete(const Words& words);
  absl::Status DeleteRange(const Words& words);
  absl::Status Scan(const Words& words);
  absl::Status Prefix(const Words& words);
  absl::Status Families(const Words& words);
  absl::Status UseFamily(const Words& words);
  absl::Status CreateFamily(const Words& words);
  absl::Status DropFamily(const Words& words);
  absl::Status Status(const Words& words);
  absl::Status Backup(const Words& words);
  absl::Status Checkpoint(const Words& words);
  absl::Status PrintHelp(const Words& words);
  absl::Status Quit(const Words& words);

  absl::Status PrintRows(const KeyRange& range, const std::string* limit);
  void PrintWritten(const CommitInfo& written);

  DB& db_;
  Printer& printer_;
  Environment& environment_;
  // The family that rows are of.
  ColumnFamily family_;
  bool quit_ = false;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SHELL_SESSION_H_

#ifndef TRIMARAN_TOOLS_TRIMARAN_SHELL_SESSION_H_
#define TRIMARAN_TOOLS_TRIMARAN_SHELL_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "tools/trimaran/db_port.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/row_port.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// Carries out the commands of `trimaran shell`.
//
// Thread: owner.
class ShellSession {
 public:
  // All outlive the session. `own` is the same as `rows` if these are in a
  // database that this process has open, and else null: then there are no
  // commands but those about rows.
  ShellSession(RowPort& rows, DbPort* own, Printer& printer,
               Environment& environment)
      : rows_(rows), own_(own), printer_(printer), environment_(environment) {}

  // InvalidArgument for what is no command, is none here, or has other words
  // than it wants; else what the database says.
  absl::Status Run(const std::vector<std::string>& words);
  bool quit() const { return quit_; }

  // The names of the commands that there are.
  std::vector<std::string> Names() const;

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

  bool IsHere(const Command& command) const;
  absl::Status PrintRows(const KeyRange& range, const std::string* limit);
  void PrintWritten(std::optional<uint64_t> entry);

  RowPort& rows_;
  DbPort* const own_;
  Printer& printer_;
  Environment& environment_;
  bool quit_ = false;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SHELL_SESSION_H_

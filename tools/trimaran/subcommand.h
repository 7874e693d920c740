#ifndef TRIMARAN_TOOLS_TRIMARAN_SUBCOMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_SUBCOMMAND_H_

#include <atomic>
#include <string_view>

#include "absl/types/span.h"
#include "engine/file/file_system.h"
#include "tools/trimaran/command_line.h"
#include "tools/trimaran/exit_code.h"
#include "tools/trimaran/output.h"

namespace trimaran::tool {

// What a subcommand has of the world around it. All of it outlives the call.
struct Environment {
  engine::FileSystem& files;
  Output& out;
  // For errors and progress.
  Output& err;
  // Somebody wants the program to stop.
  const std::atomic<bool>& interrupted;
};

struct Subcommand {
  std::string_view name;
  // A line in the list of subcommands.
  std::string_view summary;
  // What stands behind the options: "<path>". There is one operand for each
  // word, none or one for the last one if that is in brackets, and one or more
  // if it ends in "...".
  std::string_view operands;
  // Behind the options in the help; ends in "\n".
  std::string_view details;
  absl::Span<const OptionSpec> options;
  ExitCode (*run)(const Arguments& arguments, Environment& environment);
};

// Reports an error on stderr, and returns the exit code that belongs to it.
ExitCode Report(const absl::Status& error, Environment& environment);

// Runs the program with the words behind its name: finds the subcommand in the
// table, parses its options, answers --help and --version.
//
// Thread: one at a time.
ExitCode RunProgram(absl::Span<const Subcommand> subcommands,
                    absl::Span<const std::string_view> words,
                    Environment& environment);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_SUBCOMMAND_H_

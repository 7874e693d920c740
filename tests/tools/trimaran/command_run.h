#ifndef TRIMARAN_TESTS_TOOLS_TRIMARAN_COMMAND_RUN_H_
#define TRIMARAN_TESTS_TOOLS_TRIMARAN_COMMAND_RUN_H_

#include <string>
#include <vector>

#include "tools/trimaran/subcommand.h"

// Runs of a subcommand in the process of the test.
//
// Thread: any.

namespace trimaran::tool {

struct Shown {
  ExitCode code = ExitCode::kOk;
  std::string out;
  std::string err;
};

// `style` is that of what is shown on stderr.
Shown RunCommand(const Subcommand& command, std::vector<std::string> words,
                 Output::Style style = Output::Style::kPlain);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TESTS_TOOLS_TRIMARAN_COMMAND_RUN_H_

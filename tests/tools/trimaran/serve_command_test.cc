// Goal: `trimaran serve` hears a signal that comes before it listens to any.
// Method: the subcommand, called as the program calls it.

#include "tools/trimaran/serve_command.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engine/file/posix_file_system.h"

namespace trimaran::tool {
namespace {

TEST(ServeCommandTest, InterruptedBeforeItBeganItDoesNotBegin) {
  engine::PosixFileSystem files;
  // Nothing is printed; a number that is no descriptor.
  Output out(-1, Output::Style::kPlain);
  Output err(-1, Output::Style::kPlain);
  const std::atomic<bool> interrupted = true;
  Environment environment{files, out, err, interrupted};
  Arguments arguments;
  arguments.AddOption("directory", "/nowhere/at/all");
  EXPECT_EQ(ServeCommand().run(arguments, environment), ExitCode::kInterrupted);
}

}  // namespace
}  // namespace trimaran::tool

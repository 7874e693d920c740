#include "tests/tools/trimaran/command_run.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <string_view>

#include "engine/file/posix_file_system.h"
#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

std::string TakeAll(const std::array<int, 2>& ends) {
  ::close(ends[1]);
  std::string text(65536, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  ::close(ends[0]);
  return text;
}

}  // namespace

Shown RunCommand(const Subcommand& command, std::vector<std::string> words,
                 Output::Style style) {
  std::array<int, 2> outs = {};
  std::array<int, 2> errs = {};
  EXPECT_EQ(::pipe(outs.data()), 0);
  EXPECT_EQ(::pipe(errs.data()), 0);
  Shown shown;
  {
    engine::PosixFileSystem files;
    const std::atomic<bool> interrupted = false;
    Output out(outs[1], Output::Style::kPlain);
    Output err(errs[1], style);
    Environment environment{files, out, err, interrupted};
    words.insert(words.begin(), std::string(command.name));
    const std::vector<std::string_view> views(words.begin(), words.end());
    shown.code = RunProgram({&command, 1}, views, environment);
  }
  shown.out = TakeAll(outs);
  shown.err = TakeAll(errs);
  return shown;
}

}  // namespace trimaran::tool

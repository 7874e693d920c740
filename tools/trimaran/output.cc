#include "tools/trimaran/output.h"

#include <errno.h>
#include <unistd.h>

#include <cstdlib>

#include "engine/file/posix_errors.h"

namespace trimaran::tool {
namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;

}  // namespace

void Output::Write(std::string_view text) {
  if (closed_) return;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) Flush();
}

void Output::Flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && !closed_) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      closed_ = true;
      if (errno != EPIPE) {
        status_ = engine::PosixError(errno, "write", "the output");
      }
    }
  }
  buffer_.clear();
}

Output::Style DetectStyle(int descriptor) {
  // See no-color.org. Nothing changes the environment of this program.
  const char* const no_color = std::getenv("NO_COLOR");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  return wanted && ::isatty(descriptor) == 1 ? Output::Style::kTerminal
                                             : Output::Style::kPlain;
}

}  // namespace trimaran::tool

#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

namespace trimaran::check_internal {

std::ostream* BeginFailure(const char* file, int line, const char* expression) {
  auto* out = new std::ostringstream;
  *out << std::boolalpha << file << ':' << line
       << ": check failed: " << expression << ' ';
  return out;
}

void operator&(Abort, FailureMessage message) {
  // Only BeginFailure makes these streams.
  std::string text = static_cast<std::ostringstream*>(message.stream())->str();
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text += '\n';
  // One write, so that the lines of two failing threads do not mix.
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
  std::abort();
}

}  // namespace trimaran::check_internal

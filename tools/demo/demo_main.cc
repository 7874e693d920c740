// usage: trimaran_demo [--quick]
//
// Shows three replicas in one process surviving the loss of their leader.
// Exit code: 0 if everything that is claimed was also true.

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/demo/story.h"

namespace {

constexpr int kWrites = 4000;
constexpr int kWritesQuick = 200;

int Main(bool quick) {
  const char* base = std::getenv("TMPDIR");
  std::string directory =
      std::string(base == nullptr ? "/tmp" : base) + "/trimaran-demo-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror(directory.c_str());
    return 2;
  }
  const absl::Status status =
      trimaran::demo::Story(directory, quick ? kWritesQuick : kWrites).Tell();
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  if (!status.ok()) {
    std::fputs(("\nFAILED: " + status.ToString() + "\n").c_str(), stderr);
    return 1;
  }
  std::fputs("\nEverything held.\n", stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return Main(argc > 1 && std::string_view(argv[1]) == "--quick");
}

#include "tools/trimaran/line_source.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

#ifdef TRIMARAN_HAVE_LIBEDIT
#include <editline/readline.h>
#endif

namespace trimaran::tool {
namespace {

// A script, or a terminal without libedit.
class PlainLines final : public LineSource {
 public:
  explicit PlainLines(std::string_view prompt)
      : prompt_(prompt), interactive_(::isatty(STDIN_FILENO) == 1) {}

  std::optional<std::string> Next() override {
    if (interactive_) std::cout << prompt_ << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  bool interactive() const override { return interactive_; }

 private:
  const std::string prompt_;
  const bool interactive_;
};

#ifdef TRIMARAN_HAVE_LIBEDIT

// What the callbacks of libedit complete.
std::vector<std::string>& Completions() {
  // They are given no context.
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): as said
  static auto* const words = new std::vector<std::string>();
  return *words;
}

// Called with 0 for the first word, then with more until it returns null. What
// it returns is freed by libedit.
char* NextCompletion(const char* begun, int state) {
  static size_t next = 0;
  if (state == 0) next = 0;
  const std::vector<std::string>& words = Completions();
  while (next < words.size()) {
    const std::string& word = words[next++];
    if (word.compare(0, std::strlen(begun), begun) == 0) {
      return ::strdup(word.c_str());
    }
  }
  return nullptr;
}

char** Complete(const char* begun, int start, int) {
  // Only the first word of a line is a command; and a file is never meant.
  rl_attempted_completion_over = 1;
  if (start != 0) return nullptr;
  return rl_completion_matches(begun, NextCompletion);
}

class EditedLines final : public LineSource {
 public:
  EditedLines(std::string_view prompt, std::vector<std::string> words)
      : prompt_(prompt) {
    Completions() = std::move(words);
    rl_readline_name = const_cast<char*>("trimaran");
    rl_attempted_completion_function = Complete;
    using_history();
    constexpr int lines_max = 1000;
    stifle_history(lines_max);
  }

  std::optional<std::string> Next() override {
    char* const read = ::readline(prompt_.c_str());
    if (read == nullptr) return std::nullopt;
    std::string line = read;
    std::free(read);
    if (!line.empty()) add_history(line.c_str());
    return line;
  }
  bool interactive() const override { return true; }

 private:
  const std::string prompt_;
};

#endif  // TRIMARAN_HAVE_LIBEDIT

}  // namespace

std::unique_ptr<LineSource> StandardInput(
    std::string_view prompt, [[maybe_unused]] std::vector<std::string> words) {
#ifdef TRIMARAN_HAVE_LIBEDIT
  if (::isatty(STDIN_FILENO) == 1) {
    return std::make_unique<EditedLines>(prompt, std::move(words));
  }
#endif
  return std::make_unique<PlainLines>(prompt);
}

}  // namespace trimaran::tool

#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_OUTPUT_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_OUTPUT_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trimaran::script {

// Collects what the commands of one block print, line by line.
class Output {
 public:
  // Everything added while a guard lives is indented by one more step.
  class Indent {
   public:
    explicit Indent(Output& output) : output_(output) { ++output_.depth_; }
    ~Indent() { --output_.depth_; }
    Indent(const Indent&) = delete;
    Indent& operator=(const Indent&) = delete;

   private:
    Output& output_;
  };

  // One or several lines.
  void Add(std::string_view text) {
    if (!quiet_) Append(text);
  }
  // As Add, and printed even when nothing else is.
  void AddError(std::string_view text) { Append(text); }

  void set_quiet(bool quiet) { quiet_ = quiet; }
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

 private:
  void Append(std::string_view text) {
    while (!text.empty()) {
      const size_t end = text.find('\n');
      lines_.push_back(std::string(2 * depth_, ' ') +
                       std::string(text.substr(0, end)));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

  bool quiet_ = false;
  size_t depth_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_OUTPUT_H_

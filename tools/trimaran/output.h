#ifndef TRIMARAN_TOOLS_TRIMARAN_OUTPUT_H_
#define TRIMARAN_TOOLS_TRIMARAN_OUTPUT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace trimaran::tool {

// A buffered way to a file descriptor. When the reader has gone away, as in
// `trimaran dump ... | head`, the rest is swallowed, and that is no error.
//
// Thread: owner.
class Output {
 public:
  // Whether the descriptor belongs to a terminal, and NO_COLOR is not set.
  enum class Style : uint8_t { kPlain, kTerminal };

  // `descriptor` stays the caller's, and open.
  Output(int descriptor, Style style)
      : descriptor_(descriptor), style_(style) {}
  ~Output() { Flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Write(std::string_view text);
  void Flush();

  bool is_terminal() const { return style_ == Style::kTerminal; }
  // Nobody reads any more, or nothing can be written: there is no point in
  // going on.
  bool closed() const { return closed_; }
  // Why nothing can be written; OK if the reader has gone away.
  const absl::Status& status() const { return status_; }

 private:
  const int descriptor_;
  const Style style_;
  std::string buffer_;
  bool closed_ = false;
  absl::Status status_;
};

// kTerminal if a person looks at the descriptor and wants colours.
Output::Style DetectStyle(int descriptor);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_OUTPUT_H_

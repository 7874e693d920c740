#ifndef TRIMARAN_TOOLS_TRIMARAN_LINE_SOURCE_H_
#define TRIMARAN_TOOLS_TRIMARAN_LINE_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trimaran::tool {

// Where commands come from, line by line.
//
// Thread: owner.
class LineSource {
 public:
  virtual ~LineSource() = default;

  // Empty at the end.
  virtual std::optional<std::string> Next() = 0;
  // Whether a person types them, who sees what is wrong and goes on.
  virtual bool interactive() const = 0;
};

// The standard input: with a prompt, a history, which is kept in memory only
// (keys and values may be secret), and the completion of `words` at the
// beginning of a line, if a person sits there and the program was built with
// libedit. One at a time.
std::unique_ptr<LineSource> StandardInput(std::string_view prompt,
                                          std::vector<std::string> words);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_LINE_SOURCE_H_

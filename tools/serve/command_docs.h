#ifndef TRIMARAN_TOOLS_SERVE_COMMAND_DOCS_H_
#define TRIMARAN_TOOLS_SERVE_COMMAND_DOCS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "tools/serve/reply.h"

namespace trimaran::serve {

// What COMMAND DOCS says of a command, for people and for the hints of clients.
struct CommandDocs {
  // As in the table of commands.
  std::string_view name;
  std::string_view summary;
  // What stands behind the name, separated by spaces: a lower case word stands
  // for a value, one in upper case for itself, and is the token of the value
  // behind it; "a|b" is either, "[...]" may be left out, "{...}" belongs
  // together, and behind "..." there may be more of the same.
  std::string_view words;
};

// In the order of the groups and, within each, of the names.
struct CommandDocsGroup {
  std::string_view name;
  absl::Span<const CommandDocs> commands;
};
absl::Span<const CommandDocsGroup> AllCommandDocs();

// One word, or several that belong together, as clients are told of it.
struct DocsArgument {
  std::string name;
  // "key", "string", "pure-token", "oneof" or "block".
  std::string_view type = "string";
  std::string token = {};
  bool optional = false;
  bool multiple = false;
  std::vector<DocsArgument> inside = {};
};
std::vector<DocsArgument> ParseDocsWords(std::string_view words);

// The name, and a list of names and values.
void AnswerDocs(std::string_view group, const CommandDocs& docs, Reply& reply);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_COMMAND_DOCS_H_

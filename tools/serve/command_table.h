#ifndef TRIMARAN_TOOLS_SERVE_COMMAND_TABLE_H_
#define TRIMARAN_TOOLS_SERVE_COMMAND_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "tools/serve/command.h"
#include "tools/serve/reply.h"
#include "tools/serve/workspace.h"

namespace trimaran::serve {

struct ScanCall;
struct SessionCall;

// Who carries a command out, and what it needs for that.
enum class CommandKind : uint8_t {
  // Nothing but its arguments.
  kPure,
  // The connection, or the server.
  kSession,
  // Rows that are named.
  kRead,
  // Changes rows, whatever they are now.
  kWrite,
  // Changes rows, or not, by what they are now.
  kUpdate,
  // Rows that are not named.
  kScan,
};

// A command that is about rows, or about nothing. Pure: all that it sees is in
// here, and what it does goes into `rows` and `reply`, which gets one answer.
struct DataCall {
  const Command& command;
  Workspace& rows;
  Reply& reply;
  // Of this answer.
  size_t reply_bytes_max = 0;
};

// Which words are keys, as Redis tells it: 0 for none; a negative `last` counts
// from the end.
struct KeyWords {
  int first = 0;
  int last = 0;
  int step = 0;
};

struct CommandSpec {
  // In lower case.
  std::string_view name;
  // How many words, the name included; negative: at least.
  int arity = 1;
  CommandKind kind = CommandKind::kPure;
  KeyWords keys = {};
  void (*data)(DataCall& call) = nullptr;
  void (*session)(SessionCall& call) = nullptr;
  void (*scan)(ScanCall& call) = nullptr;
  // With as many words it is of kWrite, whatever `kind` says of it with others.
  size_t plain_words = 0;
  // May be asked before AUTH.
  bool anybody = false;
  // Is not queued behind MULTI, but about it.
  bool ends_multi = false;
};

// By subject.
absl::Span<const CommandSpec> StringCommands();
absl::Span<const CommandSpec> KeyCommands();
absl::Span<const CommandSpec> ScanCommands();
absl::Span<const CommandSpec> ConnectionCommands();
absl::Span<const CommandSpec> TransactionCommands();
absl::Span<const CommandSpec> ServerCommands();

// All of them.
absl::Span<const absl::Span<const CommandSpec>> AllCommands();

// Null if there is none. `name` in upper or lower case.
const CommandSpec* FindCommand(std::string_view name);

bool ArityFits(const CommandSpec& spec, const Command& command);
CommandKind KindOf(const CommandSpec& spec, const Command& command);

// Calls `visit` with each key of the command, whose arity fits.
template <typename Visit>
void VisitKeys(const CommandSpec& spec, const Command& command,
               const Visit& visit) {
  if (spec.keys.first == 0) return;
  const int size = static_cast<int>(command.size());
  const int last = spec.keys.last < 0 ? size + spec.keys.last : spec.keys.last;
  for (int at = spec.keys.first; at <= last; at += spec.keys.step) {
    visit(command[static_cast<size_t>(at)]);
  }
}

// Why the database would not take a key of it; empty if it would.
std::string WrongKey(const CommandSpec& spec, const Command& command);

// Whether the words are the same but for case.
bool SameWord(std::string_view a, std::string_view b);
std::string LowerCase(std::string_view word);

// What several commands have to say.
inline constexpr std::string_view kSyntaxError = "ERR syntax error";
inline constexpr std::string_view kNotAnInteger =
    "ERR value is not an integer or out of range";

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_COMMAND_TABLE_H_

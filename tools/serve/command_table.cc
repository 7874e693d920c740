#include "tools/serve/command_table.h"

#include <array>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::serve {
namespace {

constexpr size_t kKeyBytesMax = 1024;
constexpr size_t kNameBytesMax = 64;

std::unordered_map<std::string_view, const CommandSpec*> MakeIndex() {
  std::unordered_map<std::string_view, const CommandSpec*> index;
  for (const auto& group : AllCommands()) {
    for (const CommandSpec& spec : group) index.emplace(spec.name, &spec);
  }
  return index;
}

}  // namespace

absl::Span<const absl::Span<const CommandSpec>> AllCommands() {
  static const std::array groups = {StringCommands(),      KeyCommands(),
                                    ScanCommands(),        ConnectionCommands(),
                                    TransactionCommands(), ServerCommands()};
  return groups;
}

const CommandSpec* FindCommand(std::string_view name) {
  static const auto index = MakeIndex();
  if (name.size() > kNameBytesMax) return nullptr;
  const auto found = index.find(LowerCase(name));
  return found == index.end() ? nullptr : found->second;
}

bool ArityFits(const CommandSpec& spec, const Command& command) {
  const int size = static_cast<int>(command.size());
  if (spec.arity < 0 ? size < -spec.arity : size != spec.arity) return false;
  // Pairs of key and value.
  return spec.keys.step < 2 || (size - spec.keys.first) % spec.keys.step == 0;
}

CommandKind KindOf(const CommandSpec& spec, const Command& command) {
  return command.size() == spec.plain_words ? CommandKind::kWrite : spec.kind;
}

std::string WrongKey(const CommandSpec& spec, const Command& command) {
  std::string wrong;
  VisitKeys(spec, command, [&wrong](std::string_view key) {
    if (!key.empty() && key.size() <= kKeyBytesMax) return;
    wrong = absl::StrCat("ERR a key has 1 to ", kKeyBytesMax,
                         " bytes, and not ", key.size());
  });
  return wrong;
}

bool SameWord(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b));
}

std::string LowerCase(std::string_view word) {
  return absl::AsciiStrToLower(ToAbsl(word));
}

}  // namespace trimaran::serve

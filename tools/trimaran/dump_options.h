#ifndef TRIMARAN_TOOLS_TRIMARAN_DUMP_OPTIONS_H_
#define TRIMARAN_TOOLS_TRIMARAN_DUMP_OPTIONS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "tools/trimaran/command_line.h"
#include "tools/trimaran/describe.h"
#include "tools/trimaran/printer.h"

namespace trimaran::tool {

// In the order in which they are dumped.
enum class DumpPart : uint8_t {
  kIdentity,
  kFloor,
  kRaft,
  kLog,
  kApply,
  kMembers,
  kFamilies,
  kSessions,
  kSnapshots,
  kData,
};

struct DumpOptions {
  std::set<DumpPart> parts;
  // Named by the user, so that what cannot be shown has to be said.
  bool parts_given = false;

  // Of the data.
  std::optional<std::string> family;
  std::string from;
  // Empty: to the end.
  std::string to;
  std::string prefix;
  RowParts row_parts = RowParts::kKeyAndValue;

  // Entries [from, to]; both may lie outside the log.
  LogIndex log_from;
  LogIndex log_to = LogIndex(std::numeric_limits<uint64_t>::max());

  // Of log entries, of sessions, and of rows.
  uint64_t limit = std::numeric_limits<uint64_t>::max();

  PrinterOptions printer;

  bool wants(DumpPart part) const { return parts.contains(part); }
};

absl::Span<const OptionSpec> DumpOptionSpecs();

// InvalidArgument, which names the option, for a value that makes no sense.
//
// Thread: any.
absl::StatusOr<DumpOptions> ParseDumpOptions(const Arguments& arguments);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_DUMP_OPTIONS_H_

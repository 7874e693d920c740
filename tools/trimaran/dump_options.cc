#include "tools/trimaran/dump_options.h"

#include <array>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"what", "PART,...",
               "identity, floor, raft, log, apply, members, families,\n"
               "sessions, snapshots, data, or all, which is the default;\n"
               "options that choose among keys or entries mean data or log"},
    OptionSpec{"family", "NAME", "rows of this column family only"},
    OptionSpec{"prefix", "KEY", "rows whose keys begin so"},
    OptionSpec{"from", "KEY", "rows at and after this key"},
    OptionSpec{"to", "KEY", "rows before this key"},
    OptionSpec{"log-from", "N", "the first log entry"},
    OptionSpec{"log-to", "N", "the last log entry"},
    OptionSpec{"limit", "N", "no more entries, sessions and rows, of each"},
    OptionSpec{"keys-only", "", "rows without their values"},
    OptionSpec{"hex", "", "keys and values as hexadecimal digits"},
    OptionSpec{"json", "", "one JSON object on each line, for programs"},
};

struct PartName {
  std::string_view name;
  DumpPart part;
};
constexpr std::array kPartNames = {
    PartName{"identity", DumpPart::kIdentity},
    PartName{"floor", DumpPart::kFloor},
    PartName{"raft", DumpPart::kRaft},
    PartName{"log", DumpPart::kLog},
    PartName{"apply", DumpPart::kApply},
    PartName{"members", DumpPart::kMembers},
    PartName{"families", DumpPart::kFamilies},
    PartName{"sessions", DumpPart::kSessions},
    PartName{"snapshots", DumpPart::kSnapshots},
    PartName{"data", DumpPart::kData},
};

std::set<DumpPart> AllParts() {
  std::set<DumpPart> parts;
  for (const PartName& entry : kPartNames) parts.insert(entry.part);
  return parts;
}

absl::Status AddPart(std::string_view name, std::set<DumpPart>& parts) {
  if (name == "all") {
    parts = AllParts();
    return absl::OkStatus();
  }
  std::vector<std::string_view> names;
  for (const PartName& entry : kPartNames) {
    if (entry.name == name) {
      parts.insert(entry.part);
      return absl::OkStatus();
    }
    names.push_back(entry.name);
  }
  const std::string_view nearest = NearestWord(name, names);
  return absl::InvalidArgumentError(
      absl::StrCat("--what: there is no part ", Quote(name),
                   nearest.empty() ? "" : "; did you mean ", ToAbsl(nearest),
                   nearest.empty() ? "" : "?"));
}

absl::Status AddParts(std::string_view names, std::set<DumpPart>& parts) {
  for (const absl::string_view name : absl::StrSplit(ToAbsl(names), ',')) {
    TRIMARAN_RETURN_IF_ERROR(AddPart(ToStd(name), parts));
  }
  return absl::OkStatus();
}

absl::Status ParseParts(const Arguments& arguments, DumpOptions& options) {
  if (const auto what = arguments.Value("what")) {
    options.parts_given = true;
    return AddParts(*what, options.parts);
  }
  for (const std::string_view option :
       {"family", "prefix", "from", "to", "keys-only"}) {
    if (arguments.Has(option)) options.parts.insert(DumpPart::kData);
  }
  for (const std::string_view option : {"log-from", "log-to"}) {
    if (arguments.Has(option)) options.parts.insert(DumpPart::kLog);
  }
  options.parts_given = !options.parts.empty();
  if (!options.parts_given) options.parts = AllParts();
  return absl::OkStatus();
}

absl::Status ParseKeys(const Arguments& arguments, DumpOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(options.family, arguments.Bytes("family"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto prefix, arguments.Bytes("prefix"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto from, arguments.Bytes("from"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto to, arguments.Bytes("to"));
  options.prefix = prefix.value_or("");
  options.from = from.value_or("");
  options.to = to.value_or("");
  if (to.has_value() && options.to.empty()) {
    return absl::InvalidArgumentError("--to: no key is before the empty one");
  }
  if (!options.to.empty() && options.to < options.from) {
    return absl::InvalidArgumentError("--to is before --from");
  }
  return absl::OkStatus();
}

absl::Status ParseNumbers(const Arguments& arguments, DumpOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto from, arguments.Number("log-from"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto to, arguments.Number("log-to"));
  TRIMARAN_ASSIGN_OR_RETURN(const auto limit, arguments.Number("limit"));
  if (from.has_value()) options.log_from = LogIndex(*from);
  if (to.has_value()) options.log_to = LogIndex(*to);
  if (limit.has_value()) options.limit = *limit;
  if (options.log_to < options.log_from) {
    return absl::InvalidArgumentError("--log-to is before --log-from");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const OptionSpec> DumpOptionSpecs() { return kSpecs; }

absl::StatusOr<DumpOptions> ParseDumpOptions(const Arguments& arguments) {
  DumpOptions options;
  TRIMARAN_RETURN_IF_ERROR(ParseParts(arguments, options));
  TRIMARAN_RETURN_IF_ERROR(ParseKeys(arguments, options));
  TRIMARAN_RETURN_IF_ERROR(ParseNumbers(arguments, options));
  if (arguments.Has("keys-only")) options.row_parts = RowParts::kKeyOnly;
  if (arguments.Has("hex")) options.printer.bytes = BytesStyle::kHex;
  if (arguments.Has("json")) {
    options.printer.format = PrinterOptions::Format::kJson;
  }
  return options;
}

}  // namespace trimaran::tool

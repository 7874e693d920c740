#ifndef TRIMARAN_TOOLS_TRIMARAN_LOG_DUMP_H_
#define TRIMARAN_TOOLS_TRIMARAN_LOG_DUMP_H_

#include <string_view>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/file/file_system.h"
#include "engine/log/log_store.h"
#include "tools/trimaran/dump_options.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// The entries of a log that are asked for. Corruption if one cannot be read;
// Cancelled.
absl::Status DumpEntries(const engine::LogStore& log, GroupId group,
                         const DumpOptions& options, Environment& environment,
                         Printer& printer);

// Of a log that is damaged: its records one by one as they lie there, as far as
// they are intact. What a later one has replaced is among them.
void DumpIntactRecords(std::string_view directory, GroupId group,
                       const DumpOptions& options, Environment& environment,
                       Printer& printer);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_LOG_DUMP_H_

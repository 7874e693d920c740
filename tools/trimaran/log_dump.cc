#include "tools/trimaran/log_dump.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/payload.h"
#include "engine/base/status_macros.h"
#include "engine/log/log_reader.h"
#include "tools/trimaran/describe.h"

namespace trimaran::tool {
namespace {

class RecordPrinter final : public engine::LogVisitor {
 public:
  RecordPrinter(GroupId group, const DumpOptions& options, Printer& printer)
      : group_(group), options_(options), printer_(printer) {}

  void OnSegment(const engine::SegmentFile& file,
                 const engine::SegmentHeader& header) override {
    printer_.Remark(
        absl::StrCat("segment ", header.sequence, " in ", file.path));
  }

  void OnRecord(const engine::Record& record,
                const engine::RecordRef&) override {
    for (const engine::EntryView& entry : record.entries) {
      const LogIndex index = entry.id.index;
      if (index < options_.log_from || index > options_.log_to) continue;
      if (printed_ == options_.limit || printer_.closed()) return;
      ++printed_;
      printer_.Line(DescribeEntry(
          group_, {index, entry.id.term, entry.type, Payload(entry.payload)}));
    }
  }

 private:
  const GroupId group_;
  const DumpOptions& options_;
  Printer& printer_;
  uint64_t printed_ = 0;
};

}  // namespace

absl::Status DumpEntries(const engine::LogStore& log, GroupId group,
                         const DumpOptions& options, Environment& environment,
                         Printer& printer) {
  const engine::LogState state = log.state();
  const LogIndex last = state.last.id.index;
  printer.Heading(absl::StrCat("Log entries ", log.truncated().value() + 1,
                               " to ", last.value()));
  LogIndex next = std::max(options.log_from, log.truncated() + 1);
  const LogIndex end = std::min(options.log_to, last) + 1;
  uint64_t left = options.limit;
  while (next < end && !printer.closed()) {
    if (environment.interrupted.load(std::memory_order_relaxed)) {
      return absl::CancelledError("interrupted");
    }
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                              log.Entries(next, end, engine::ReadLimits{}));
    for (const LogEntry& entry : entries) {
      if (left == 0) {
        printer.Remark(
            absl::StrCat("(no more than ", options.limit, " entries)"));
        return absl::OkStatus();
      }
      --left;
      printer.Line(DescribeEntry(group, entry));
    }
    next = next + entries.size();
  }
  return absl::OkStatus();
}

void DumpIntactRecords(std::string_view directory, GroupId group,
                       const DumpOptions& options, Environment& environment,
                       Printer& printer) {
  printer.Heading("Log records before the damage");
  RecordPrinter records(group, options, printer);
  // That it fails has been reported.
  (void)engine::ReadLog(environment.files, directory, &records);
}

}  // namespace trimaran::tool

// Commands that walk over rows.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tools/serve/command_table.h"
#include "tools/serve/glob.h"
#include "tools/serve/numbers.h"
#include "tools/serve/outcome.h"
#include "tools/serve/scan_call.h"

namespace trimaran::serve {
namespace {

// ---- SCAN ----

// Rows that one call looks at, whatever COUNT says.
constexpr int64_t kCountMax = 100'000;

struct ScanArguments {
  std::string start;
  std::string pattern = "*";
  int64_t count = 10;
  // Rows of another type than "string" there are none.
  bool strings = true;
  std::string_view error;
};

void ReadScanOption(std::string_view name, std::string_view value,
                    ScanArguments& arguments) {
  if (SameWord(name, "match")) {
    arguments.pattern = value;
  } else if (SameWord(name, "count")) {
    const auto count = ParseInteger(value);
    if (!count) {
      arguments.error = kNotAnInteger;
    } else if (*count < 1) {
      arguments.error = kSyntaxError;
    } else {
      arguments.count = std::min(*count, kCountMax);
    }
  } else if (SameWord(name, "type")) {
    arguments.strings = SameWord(value, "string");
  } else {
    arguments.error = kSyntaxError;
  }
}

ScanArguments ParseScan(ScanCall& call) {
  ScanArguments arguments;
  const Command& command = call.command;
  uint64_t cursor = 0;
  if (!absl::SimpleAtoi(ToAbsl(command[1]), &cursor)) {
    arguments.error = "ERR invalid cursor";
    return arguments;
  }
  if (command.size() % 2 != 0) arguments.error = kSyntaxError;
  for (size_t at = 2; at + 1 < command.size() && arguments.error.empty();
       at += 2) {
    ReadScanOption(command[at], command[at + 1], arguments);
  }
  if (!arguments.error.empty()) return arguments;
  if (cursor == 0) {
    arguments.start = GlobPrefix(arguments.pattern);
    return arguments;
  }
  auto start = call.cursors.Find(cursor);
  if (!start) {
    // Never an end that is none.
    arguments.error =
        "ERR unknown cursor: of another replica, or from before a restart, or "
        "not used for long; begin again with 0";
    return arguments;
  }
  arguments.start = *std::move(start);
  return arguments;
}

void AnswerScan(uint64_t cursor, const std::vector<std::string>& keys,
                Reply& reply) {
  reply.Array(2);
  reply.Bulk(absl::StrCat(cursor));
  reply.Array(keys.size());
  for (const std::string& key : keys) reply.Bulk(key);
}

void Scan(ScanCall& call) {
  const ScanArguments arguments = ParseScan(call);
  if (!arguments.error.empty()) return call.reply.Error(arguments.error);
  KeyRange range = KeyRange::Prefix(GlobPrefix(arguments.pattern));
  range.begin = std::max(range.begin, arguments.start);
  if (!range.end.empty() && range.end < range.begin) range.end = range.begin;
  const auto rows = call.db.Scan(range, {.read = call.read});
  if (!rows.ok()) return call.reply.Error(ReadErrorReply(rows.status()));
  std::vector<std::string> keys;
  int64_t looked_at = 0;
  size_t bytes = 0;
  for (; (*rows)->Valid(); (*rows)->Next()) {
    if (looked_at++ == arguments.count || bytes > call.reply_bytes_max / 2) {
      return AnswerScan(call.cursors.Add(std::string((*rows)->key())), keys,
                        call.reply);
    }
    if (!arguments.strings || !GlobMatches(arguments.pattern, (*rows)->key())) {
      continue;
    }
    bytes += (*rows)->key().size();
    keys.emplace_back((*rows)->key());
  }
  const absl::Status end = (*rows)->status();
  if (!end.ok()) return call.reply.Error(ReadErrorReply(end));
  AnswerScan(0, keys, call.reply);
}

// ---- KEYS, DBSIZE ----

void Keys(ScanCall& call) {
  const std::string_view pattern = call.command[1];
  const auto rows =
      call.db.Scan(KeyRange::Prefix(GlobPrefix(pattern)), {.read = call.read});
  if (!rows.ok()) return call.reply.Error(ReadErrorReply(rows.status()));
  std::string keys;
  Reply inner(keys);
  size_t count = 0;
  for (; (*rows)->Valid(); (*rows)->Next()) {
    if (!GlobMatches(pattern, (*rows)->key())) continue;
    inner.Bulk((*rows)->key());
    ++count;
    if (keys.size() > call.reply_bytes_max) {
      return call.reply.Error(TooLargeReply(call.reply_bytes_max));
    }
  }
  const absl::Status end = (*rows)->status();
  if (!end.ok()) return call.reply.Error(ReadErrorReply(end));
  call.reply.Array(count);
  call.reply.Raw(keys);
}

void DbSize(ScanCall& call) {
  const auto rows = call.db.Scan(KeyRange::All(), {.read = call.read});
  if (!rows.ok()) return call.reply.Error(ReadErrorReply(rows.status()));
  int64_t count = 0;
  for (; (*rows)->Valid(); (*rows)->Next()) ++count;
  const absl::Status end = (*rows)->status();
  if (absl::IsAborted(end)) {
    // It would be the same the next time.
    return call.reply.Error(
        absl::StrCat("ERR there are more rows than can be counted as of one "
                     "moment, at least ",
                     count));
  }
  if (!end.ok()) return call.reply.Error(ReadErrorReply(end));
  call.reply.Integer(count);
}

// ---- TRIMARAN.RANGE start end [LIMIT n] [REVERSE] [KEYS] ----

struct RangeArguments {
  int64_t limit = 1000;
  bool reverse = false;
  bool keys_only = false;
  std::string_view error;
};

RangeArguments ParseRange(const Command& command) {
  RangeArguments arguments;
  for (size_t at = 3; at < command.size(); ++at) {
    if (SameWord(command[at], "reverse")) {
      arguments.reverse = true;
    } else if (SameWord(command[at], "keys")) {
      arguments.keys_only = true;
    } else if (SameWord(command[at], "limit") && at + 1 < command.size()) {
      const auto limit = ParseInteger(command[++at]);
      if (!limit || *limit < 1) {
        arguments.error = kNotAnInteger;
        return arguments;
      }
      arguments.limit = *limit;
    } else {
      arguments.error = kSyntaxError;
      return arguments;
    }
  }
  return arguments;
}

void Range(ScanCall& call) {
  const RangeArguments arguments = ParseRange(call.command);
  if (!arguments.error.empty()) return call.reply.Error(arguments.error);
  const auto rows =
      call.db.Scan({.begin = std::string(call.command[1]),
                    .end = std::string(call.command[2])},
                   {.reverse = arguments.reverse, .read = call.read});
  if (!rows.ok()) return call.reply.Error(ReadErrorReply(rows.status()));
  std::string found;
  Reply inner(found);
  size_t count = 0;
  for (int64_t row = 0; (*rows)->Valid() && row < arguments.limit;
       (*rows)->Next(), ++row) {
    inner.Bulk((*rows)->key());
    ++count;
    if (!arguments.keys_only) {
      inner.Bulk((*rows)->value());
      ++count;
    }
    if (found.size() > call.reply_bytes_max) {
      return call.reply.Error(TooLargeReply(call.reply_bytes_max));
    }
  }
  const absl::Status end = (*rows)->status();
  if (!end.ok()) return call.reply.Error(ReadErrorReply(end));
  call.reply.Array(count);
  call.reply.Raw(found);
}

constexpr auto kScan = CommandKind::kScan;

constexpr std::array kCommands = {
    CommandSpec{.name = "dbsize", .arity = 1, .kind = kScan, .scan = DbSize},
    CommandSpec{.name = "keys", .arity = 2, .kind = kScan, .scan = Keys},
    CommandSpec{.name = "scan", .arity = -2, .kind = kScan, .scan = Scan},
    CommandSpec{
        .name = "trimaran.range", .arity = -3, .kind = kScan, .scan = Range},
};

}  // namespace

absl::Span<const CommandSpec> ScanCommands() { return kCommands; }

}  // namespace trimaran::serve

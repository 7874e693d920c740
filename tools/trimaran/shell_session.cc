#include "tools/trimaran/shell_session.h"

#include <array>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/command_line.h"
#include "tools/trimaran/escape.h"
#include "trimaran/admin.h"

namespace trimaran::tool {

struct ShellSession::Command {
  std::string_view name;
  std::string_view words;
  std::string_view help;
  size_t least = 0;
  size_t most = 0;
  absl::Status (ShellSession::*run)(const Words&) = nullptr;
};

absl::Span<const ShellSession::Command> ShellSession::Table() {
  using S = ShellSession;
  static constexpr std::array table = {
      Command{"get", "KEY", "the value of a row", 1, 1, &S::Get},
      Command{"put", "KEY VALUE", "writes a row", 2, 2, &S::Put},
      Command{"delete", "KEY", "removes a row", 1, 1, &S::Delete},
      Command{"delete-range", "FROM TO",
              "removes the rows from FROM to before TO", 2, 2, &S::DeleteRange},
      Command{"scan", "[FROM [TO [LIMIT]]]", "rows from FROM to before TO", 0,
              3, &S::Scan},
      Command{"prefix", "KEY [LIMIT]", "rows whose keys begin so", 1, 2,
              &S::Prefix},
      Command{"families", "", "the column families", 0, 0, &S::Families},
      Command{"family", "NAME", "rows are those of this family from now on", 1,
              1, &S::UseFamily},
      Command{"create-family", "NAME", "makes one", 1, 1, &S::CreateFamily},
      Command{"drop-family", "NAME", "removes one with all its rows", 1, 1,
              &S::DropFamily},
      Command{"status", "", "what the database is at", 0, 0, &S::Status},
      Command{"backup", "DIR", "saves the database", 1, 1, &S::Backup},
      Command{"checkpoint", "", "makes rows of what is in the log only", 0, 0,
              &S::Checkpoint},
      Command{"help", "", "this text", 0, 0, &S::PrintHelp},
      Command{"quit", "", "closes the database and ends", 0, 0, &S::Quit},
  };
  return table;
}

absl::Status ShellSession::Run(const Words& words) {
  if (words.empty()) return absl::OkStatus();
  std::vector<std::string_view> names;
  for (const Command& command : Table()) {
    names.push_back(command.name);
    if (command.name != words.front()) continue;
    const size_t given = words.size() - 1;
    if (given < command.least || given > command.most) {
      return absl::InvalidArgumentError(absl::StrCat(
          ToAbsl(command.name), " wants ",
          command.words.empty() ? "no words" : ToAbsl(command.words),
          ", and got ", given));
    }
    return (this->*command.run)(Words(words.begin() + 1, words.end()));
  }
  const std::string_view nearest = NearestWord(words.front(), names);
  return absl::InvalidArgumentError(
      absl::StrCat("no such command: ", Escape(words.front()),
                   nearest.empty() ? "; try help" : "; did you mean ",
                   ToAbsl(nearest), nearest.empty() ? "" : "?"));
}

std::vector<std::string> ShellSession::Names() {
  std::vector<std::string> names;
  for (const Command& command : Table()) names.emplace_back(command.name);
  return names;
}

std::string ShellSession::Help() {
  constexpr size_t width = 34;
  std::string text;
  for (const Command& command : Table()) {
    std::string head =
        absl::StrCat("  ", ToAbsl(command.name), " ", ToAbsl(command.words));
    head.resize(width, ' ');
    absl::StrAppend(&text, head, ToAbsl(command.help), "\n");
  }
  return text;
}

// ---- Rows ----

absl::Status ShellSession::Get(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                            db_.Get(family_, words[0]));
  Record record("value");
  record.Bytes("key", words[0], Show::kNever)
      .Flag("found", value.has_value(), Show::kNever);
  if (value.has_value()) {
    record.Bytes("value", *value, Show::kBare);
  } else {
    record.Text("value", "(none)", Show::kBare);
  }
  printer_.Line(record);
  return absl::OkStatus();
}

absl::Status ShellSession::Put(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo written,
                            db_.Put(family_, words[0], words[1]));
  PrintWritten(written);
  return absl::OkStatus();
}

absl::Status ShellSession::Delete(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo written,
                            db_.Delete(family_, words[0]));
  PrintWritten(written);
  return absl::OkStatus();
}

absl::Status ShellSession::DeleteRange(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const CommitInfo written,
      db_.DeleteRange(family_, {.begin = words[0], .end = words[1]}));
  PrintWritten(written);
  return absl::OkStatus();
}

void ShellSession::PrintWritten(const CommitInfo& written) {
  printer_.Line(Record("written")
                    .Text("result", "done", Show::kBare)
                    .Number("entry", written.index));
}

absl::Status ShellSession::Scan(const Words& words) {
  KeyRange range;
  if (!words.empty()) range.begin = words[0];
  if (words.size() > 1) range.end = words[1];
  return PrintRows(range, words.size() > 2 ? &words[2] : nullptr);
}

absl::Status ShellSession::Prefix(const Words& words) {
  return PrintRows(KeyRange::Prefix(words[0]),
                   words.size() > 1 ? &words[1] : nullptr);
}

absl::Status ShellSession::PrintRows(const KeyRange& range,
                                     const std::string* limit) {
  ScanOptions options;
  options.family = family_;
  if (limit != nullptr &&
      (!absl::SimpleAtoi(*limit, &options.limit) || options.limit == 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(*limit), " is no number of rows"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const auto rows, db_.Scan(range, options));
  for (; rows->Valid(); rows->Next()) {
    printer_.Line(Record("row")
                      .Bytes("key", rows->key(), Show::kBare)
                      .Number("version", rows->version(), Show::kNever)
                      .Bytes("value", rows->value(), Show::kBare));
    if (printer_.closed()) return absl::OkStatus();
    if (environment_.interrupted.load(std::memory_order_relaxed)) {
      return absl::CancelledError("stopped while reading rows");
    }
  }
  return rows->status();
}

// ---- Families ----

absl::Status ShellSession::Families(const Words&) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto families, db_.ListColumnFamilies());
  for (const DB::NamedFamily& family : families) {
    printer_.Line(Record("family")
                      .Bytes("name", family.name, Show::kBare)
                      .Flag("used", family.family == family_, Show::kNever));
  }
  return absl::OkStatus();
}

absl::Status ShellSession::UseFamily(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(family_, db_.FindColumnFamily(words[0]));
  return absl::OkStatus();
}

absl::Status ShellSession::CreateFamily(const Words& words) {
  return db_.CreateColumnFamily(words[0]).status();
}

absl::Status ShellSession::DropFamily(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo written,
                            db_.DropColumnFamily(words[0]));
  PrintWritten(written);
  return absl::OkStatus();
}

// ---- The database ----

absl::Status ShellSession::Status(const Words&) {
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaStatus status,
                            db_.admin().GetStatus());
  printer_.Block(Record("status")
                     .Text("cluster", status.cluster)
                     .Number("replica", status.replica_id)
                     .Number("term", status.term)
                     .Number("last_index", status.last.index)
                     .Number("commit", status.commit)
                     .Number("applied", status.applied.index)
                     .Number("checkpoint", status.checkpoint.index)
                     .Number("truncated", status.truncated.index));
  return absl::OkStatus();
}

absl::Status ShellSession::Backup(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const BackupInfo made,
                            db_.admin().CreateBackup(words[0]));
  printer_.Block(Record("backup")
                     .Bytes("directory", words[0])
                     .Number("index", made.place.index)
                     .Number("rows", made.rows)
                     .Number("bytes", made.bytes));
  return absl::OkStatus();
}

absl::Status ShellSession::Checkpoint(const Words&) {
  TRIMARAN_ASSIGN_OR_RETURN(const LogPlace place, db_.admin().Checkpoint());
  printer_.Line(Record("checkpoint")
                    .Text("result", "done", Show::kBare)
                    .Number("entry", place.index));
  return absl::OkStatus();
}

absl::Status ShellSession::PrintHelp(const Words&) {
  environment_.out.Write(Help());
  return absl::OkStatus();
}

absl::Status ShellSession::Quit(const Words&) {
  quit_ = true;
  return absl::OkStatus();
}

}  // namespace trimaran::tool

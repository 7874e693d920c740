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
  // Needs the database itself.
  bool own = false;
};

absl::Span<const ShellSession::Command> ShellSession::Table() {
  using S = ShellSession;
  static constexpr std::array table = {
      Command{"get", "KEY", "the value of a row", 1, 1, &S::Get},
      Command{"put", "KEY VALUE", "writes a row", 2, 2, &S::Put},
      Command{"delete", "KEY", "removes a row", 1, 1, &S::Delete},
      Command{"delete-range", "FROM TO",
              "removes the rows from FROM to before TO", 2, 2, &S::DeleteRange,
              true},
      Command{"scan", "[FROM [TO [LIMIT]]]", "rows from FROM to before TO", 0,
              3, &S::Scan},
      Command{"prefix", "KEY [LIMIT]", "rows whose keys begin so", 1, 2,
              &S::Prefix},
      Command{"families", "", "the column families", 0, 0, &S::Families, true},
      Command{"family", "NAME", "rows are those of this family from now on", 1,
              1, &S::UseFamily, true},
      Command{"create-family", "NAME", "makes one", 1, 1, &S::CreateFamily,
              true},
      Command{"drop-family", "NAME", "removes one with all its rows", 1, 1,
              &S::DropFamily, true},
      Command{"status", "", "what the database is at", 0, 0, &S::Status},
      Command{"backup", "DIR", "saves the database", 1, 1, &S::Backup, true},
      Command{"checkpoint", "", "makes rows of what is in the log only", 0, 0,
              &S::Checkpoint, true},
      Command{"help", "", "this text", 0, 0, &S::PrintHelp},
      Command{"quit", "", "ends", 0, 0, &S::Quit},
  };
  return table;
}

absl::Status ShellSession::Run(const Words& words) {
  if (words.empty()) return absl::OkStatus();
  std::vector<std::string_view> names;
  for (const Command& command : Table()) {
    if (IsHere(command)) names.push_back(command.name);
    if (command.name != words.front()) continue;
    if (!IsHere(command)) {
      return absl::InvalidArgumentError(absl::StrCat(
          ToAbsl(command.name),
          " is not there with --at: the protocol has nothing for it"));
    }
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

bool ShellSession::IsHere(const Command& command) const {
  return own_ != nullptr || !command.own;
}

std::vector<std::string> ShellSession::Names() const {
  std::vector<std::string> names;
  for (const Command& command : Table()) {
    if (IsHere(command)) names.emplace_back(command.name);
  }
  return names;
}

// ---- Rows ----

absl::Status ShellSession::Get(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                            rows_.Get(words[0]));
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
  TRIMARAN_ASSIGN_OR_RETURN(const auto entry, rows_.Put(words[0], words[1]));
  PrintWritten(entry);
  return absl::OkStatus();
}

absl::Status ShellSession::Delete(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto entry, rows_.Delete(words[0]));
  PrintWritten(entry);
  return absl::OkStatus();
}

absl::Status ShellSession::DeleteRange(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const CommitInfo written,
      own_->db().DeleteRange(own_->family(),
                             {.begin = words[0], .end = words[1]}));
  PrintWritten(written.index);
  return absl::OkStatus();
}

void ShellSession::PrintWritten(std::optional<uint64_t> entry) {
  Record record("written");
  record.Text("result", "done", Show::kBare);
  if (entry.has_value()) record.Number("entry", *entry);
  printer_.Line(record);
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
  uint64_t rows_max = 0;
  if (limit != nullptr &&
      (!absl::SimpleAtoi(*limit, &rows_max) || rows_max == 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(*limit), " is no number of rows"));
  }
  bool stopped = false;
  const absl::Status status =
      rows_.Scan(range, rows_max, [&](const PortRow& row) {
        Record record("row");
        record.Bytes("key", row.key, Show::kBare);
        if (row.version.has_value()) {
          record.Number("version", *row.version, Show::kNever);
        }
        printer_.Line(record.Bytes("value", row.value, Show::kBare));
        stopped = environment_.interrupted.load(std::memory_order_relaxed);
        return !stopped && !printer_.closed();
      });
  return stopped ? absl::CancelledError("stopped while reading rows") : status;
}

// ---- Families ----

absl::Status ShellSession::Families(const Words&) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto families,
                            own_->db().ListColumnFamilies());
  for (const DB::NamedFamily& family : families) {
    printer_.Line(
        Record("family")
            .Bytes("name", family.name, Show::kBare)
            .Flag("used", family.family == own_->family(), Show::kNever));
  }
  return absl::OkStatus();
}

absl::Status ShellSession::UseFamily(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const ColumnFamily family,
                            own_->db().FindColumnFamily(words[0]));
  own_->set_family(family);
  return absl::OkStatus();
}

absl::Status ShellSession::CreateFamily(const Words& words) {
  return own_->db().CreateColumnFamily(words[0]).status();
}

absl::Status ShellSession::DropFamily(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const CommitInfo written,
                            own_->db().DropColumnFamily(words[0]));
  PrintWritten(written.index);
  return absl::OkStatus();
}

// ---- The database ----

absl::Status ShellSession::Status(const Words&) {
  TRIMARAN_ASSIGN_OR_RETURN(const Record status, rows_.Status());
  printer_.Block(status);
  return absl::OkStatus();
}

absl::Status ShellSession::Backup(const Words& words) {
  TRIMARAN_ASSIGN_OR_RETURN(const BackupInfo made,
                            own_->db().admin().CreateBackup(words[0]));
  printer_.Block(Record("backup")
                     .Bytes("directory", words[0])
                     .Number("index", made.place.index)
                     .Records(made.rows)
                     .Number("bytes", made.bytes));
  return absl::OkStatus();
}

absl::Status ShellSession::Checkpoint(const Words&) {
  TRIMARAN_ASSIGN_OR_RETURN(const LogPlace place,
                            own_->db().admin().Checkpoint());
  printer_.Line(Record("checkpoint")
                    .Text("result", "done", Show::kBare)
                    .Number("entry", place.index));
  return absl::OkStatus();
}

absl::Status ShellSession::PrintHelp(const Words&) {
  constexpr size_t width = 34;
  std::string missing;
  for (const Command& command : Table()) {
    if (!IsHere(command)) {
      absl::StrAppend(&missing, " ", ToAbsl(command.name));
      continue;
    }
    std::string head =
        absl::StrCat("  ", ToAbsl(command.name), " ", ToAbsl(command.words));
    head.resize(width, ' ');
    environment_.out.Write(absl::StrCat(head, ToAbsl(command.help), "\n"));
  }
  if (!missing.empty()) {
    environment_.out.Write(absl::StrCat(
        "Not there with --at, for the protocol lacks it:", missing, "\n"));
  }
  return absl::OkStatus();
}

absl::Status ShellSession::Quit(const Words&) {
  quit_ = true;
  return absl::OkStatus();
}

}  // namespace trimaran::tool

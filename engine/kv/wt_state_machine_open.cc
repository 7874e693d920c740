#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/kv/state_rows.h"
#include "engine/kv/wt_row_transaction.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/wt/checkpoint_lane.h"
#include "engine/wt/config.h"
#include "engine/wt/transaction.h"
#include "engine/wt/wt_status.h"

// How a WtStateMachine comes to be: a new one, or one that was there before.

namespace trimaran::engine {
namespace {

// Sessions beside those of views and of reads of single rows: checkpoints, the
// applying thread, the maintenance lane, and a few exports and imports.
constexpr size_t kOtherSessions = 16;

wt::ConnectionOptions ConnectionOptionsOf(const WtStateMachineOptions& options,
                                          wt::HomeMode mode) {
  TRIMARAN_CHECK(options.clock != nullptr);
  TRIMARAN_CHECK(options.files != nullptr);
  TRIMARAN_CHECK_NE(options.store, StoreId());
  TRIMARAN_CHECK_GT(options.views_max, 0u);
  wt::ConnectionOptions result;
  result.home = options.home;
  result.mode = mode;
  result.cache_bytes = options.cache_bytes;
  result.sessions_max = static_cast<uint32_t>(
      options.views_max + PointReader::kPlaces + kOtherSessions);
  result.extensions = options.wiredtiger_extensions;
  result.file_exists =
      [files = options.files](const std::string& path) -> absl::StatusOr<bool> {
    TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files->Inspect(path));
    return info.kind != FileKind::kAbsent;
  };
  result.log = options.log;
  return result;
}

absl::Status CheckInitialState(const InitialState& initial) {
  const EntryId id = initial.position.id;
  if ((id.index == LogIndex()) != (id.term == Term())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a state cannot begin at ", id.index.value(), "/", id.term.value()));
  }
  return initial.region.conf.Validate();
}

absl::Status RemoveIfThere(FileSystem& files, const std::string& home,
                           std::string_view name) {
  const std::string path = JoinPath(home, name);
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(path));
  if (info.kind == FileKind::kAbsent) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(files.Remove(path));
  return files.SyncDirectory(home);
}

// Writes the rows of a new state, all in one transaction.
absl::Status WriteTable(const WtStateMachineOptions& options,
                        const ReplicatedState& state,
                        const Generation& generation, wt::Session& session) {
  TRIMARAN_RETURN_IF_ERROR(session.CreateTable(generation.table));
  TRIMARAN_ASSIGN_OR_RETURN(wt::Cursor cursor,
                            session.OpenCursor(generation.table));
  TRIMARAN_ASSIGN_OR_RETURN(wt::Cursor range,
                            session.OpenCursor(generation.table));
  TRIMARAN_ASSIGN_OR_RETURN(wt::Transaction transaction,
                            wt::Transaction::Begin(session));
  WtRowTransaction rows(cursor, range);
  TRIMARAN_RETURN_IF_ERROR(rows.Put(
      KeyOf(LocalIdentKey{}), EncodeIdent({options.store, generation.number})));
  TRIMARAN_RETURN_IF_ERROR(WriteInitialState(options.group, state, rows));
  return transaction.Commit();
}

absl::StatusOr<ReplicatedState> ReadTable(const WtStateMachineOptions& options,
                                          const Generation& generation,
                                          wt::Cursor& cursor) {
  TRIMARAN_RETURN_IF_ERROR(
      CheckIdent({options.store, generation.number}, cursor));
  return LoadState(options.group, cursor);
}

absl::Status CheckTableExists(const WtStateMachineOptions& options,
                              const std::string& table,
                              const std::vector<std::string>& tables) {
  for (const std::string& name : tables) {
    if (name == table) return absl::OkStatus();
  }
  return CorruptionError(
      absl::StrCat("there is no table ", table, " in ", options.home));
}

// Of opening a state that was there before: what WiredTiger does not understand
// has been damaged.
absl::Status JudgeOpening(const WtStateMachineOptions& options,
                          const absl::Status& status) {
  if (!wt::MakesNoSense(status)) return status;
  return CorruptionError(absl::StrCat("the state in ", options.home,
                                      " is damaged: ", status.message()));
}

// The number in the name of a table's file.
std::optional<uint64_t> GenerationOfFile(std::string_view name) {
  const size_t suffix = name.rfind(wt::kTableFileSuffix);
  if (suffix == std::string_view::npos ||
      suffix + wt::kTableFileSuffix.size() != name.size()) {
    return std::nullopt;
  }
  return GenerationOfTable(name.substr(0, suffix));
}

// Unread: damage in a table that nobody needs does no harm.
absl::Status DropOtherTables(const std::string& present, wt::Session& session) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                            session.ListTables());
  for (const std::string& table : tables) {
    if (table == present || !GenerationOfTable(table).has_value()) continue;
    TRIMARAN_RETURN_IF_ERROR(session.DropTable(table));
  }
  return absl::OkStatus();
}

// Those of exports.
absl::Status DropNamedCheckpoints(wt::CheckpointLane& lane) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            lane.ListNamed());
  return names.empty() ? absl::OkStatus() : lane.DropNamed(names);
}

// Files of tables that a crash has cut off from WiredTiger's list of tables.
absl::Status RemoveOrphans(const WtStateMachineOptions& options,
                           wt::Session& session) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                            session.ListTables());
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            options.files->List(options.home));
  for (const std::string& name : names) {
    const std::optional<uint64_t> generation = GenerationOfFile(name);
    if (!generation.has_value() ||
        CheckTableExists(options, GenerationTable(*generation), tables).ok()) {
      continue;
    }
    TRIMARAN_RETURN_IF_ERROR(RemoveIfThere(*options.files, options.home, name));
  }
  return absl::OkStatus();
}

// The largest number that any file has.
absl::StatusOr<uint64_t> LastGeneration(const WtStateMachineOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            options.files->List(options.home));
  uint64_t last = 0;
  for (const std::string& name : names) {
    last = std::max(last, GenerationOfFile(name).value_or(0));
  }
  return last;
}

SharedGeneration MakeGeneration(uint64_t number) {
  return std::make_shared<const Generation>(
      Generation{number, GenerationTable(number)});
}

}  // namespace

absl::StatusOr<std::unique_ptr<WtStateMachine>> WtStateMachine::Create(
    const WtStateMachineOptions& options, const InitialState& initial) {
  TRIMARAN_RETURN_IF_ERROR(CheckInitialState(initial));
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<wt::Connection> connection,
                            wt::Connection::Open(ConnectionOptionsOf(
                                options, wt::HomeMode::kCreate)));
  ReplicatedState state;
  state.applied = {initial.position, initial.position.id};
  state.region = initial.region;
  const SharedGeneration generation = MakeGeneration(kFirstGeneration);
  {
    TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<wt::Session> session,
                              wt::Session::Open(*connection));
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                              session->ListTables());
    if (!tables.empty()) {
      return absl::AlreadyExistsError(
          absl::StrCat("there is a state in ", options.home, " already"));
    }
    TRIMARAN_RETURN_IF_ERROR(WriteTable(options, state, *generation, *session));
    TRIMARAN_RETURN_IF_ERROR(connection->checkpoints().Take());
    TRIMARAN_ASSIGN_OR_RETURN(wt::Cursor durable,
                              session->OpenDurableCursor(generation->table));
    TRIMARAN_ASSIGN_OR_RETURN(state, ReadTable(options, *generation, durable));
  }
  return Assemble(options, std::move(connection), std::move(state), generation);
}

absl::StatusOr<std::unique_ptr<WtStateMachine>> WtStateMachine::Open(
    const WtStateMachineOptions& options, uint64_t generation_number) {
  TRIMARAN_CHECK_GE(generation_number, kFirstGeneration);
  const wt::ConnectionOptions connection_options =
      ConnectionOptionsOf(options, wt::HomeMode::kMustExist);
  TRIMARAN_RETURN_IF_ERROR(
      RemoveIfThere(*options.files, options.home, wt::kBackupFile));
  absl::StatusOr<std::unique_ptr<wt::Connection>> opened =
      wt::Connection::Open(connection_options);
  if (!opened.ok()) return JudgeOpening(options, opened.status());
  std::unique_ptr<wt::Connection> connection = *std::move(opened);
  const SharedGeneration generation = MakeGeneration(generation_number);
  std::optional<ReplicatedState> state;
  {
    TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<wt::Session> session,
                              wt::Session::Open(*connection));
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                              session->ListTables());
    TRIMARAN_RETURN_IF_ERROR(
        CheckTableExists(options, generation->table, tables));
    absl::StatusOr<wt::Cursor> cursor = session->OpenCursor(generation->table);
    if (!cursor.ok()) return JudgeOpening(options, cursor.status());
    TRIMARAN_ASSIGN_OR_RETURN(state, ReadTable(options, *generation, *cursor));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t last, LastGeneration(options));
  TRIMARAN_ASSIGN_OR_RETURN(
      std::unique_ptr<WtStateMachine> machine,
      Assemble(options, std::move(connection), *std::move(state), generation));
  machine->last_generation_ = std::max(last, generation_number);
  return machine;
}

absl::Status WtStateMachine::RemoveLeftovers(OtherGenerations others) {
  const bool drops = others == OtherGenerations::kDrop;
  if (drops) {
    TRIMARAN_RETURN_IF_ERROR(
        DropOtherTables(published_.generation()->table, *maintenance_));
  }
  TRIMARAN_RETURN_IF_ERROR(DropNamedCheckpoints(connection_->checkpoints()));
  return drops ? RemoveOrphans(options_, *maintenance_) : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<WtStateMachine>> WtStateMachine::Assemble(
    const WtStateMachineOptions& options,
    std::unique_ptr<wt::Connection> connection, ReplicatedState state,
    SharedGeneration generation) {
  wt::Connection& home = *connection;
  std::unique_ptr<WtStateMachine> machine(
      new WtStateMachine(options, std::move(connection), state, generation));
  machine->points_ =
      std::make_unique<PointReader>(options.group, home, machine->published_);
  machine->views_ = std::make_unique<wt::SessionPool>(home, options.views_max);
  TRIMARAN_ASSIGN_OR_RETURN(machine->maintenance_, wt::Session::Open(home));
  TRIMARAN_ASSIGN_OR_RETURN(
      machine->writer_,
      StateWriter::Open(options.group, std::move(state), std::move(generation),
                        home, machine->published_));
  return machine;
}

}  // namespace trimaran::engine

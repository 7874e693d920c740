#include "trimaran/db.h"

#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/src/encode.h"
#include "api/src/replica.h"
#include "api/src/watch.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "trimaran/admin.h"

namespace trimaran {
namespace {

CommitInfo ToCommitInfo(const AppliedWrite& write) {
  return {.index = write.entry.index.value(), .term = write.entry.term.value()};
}

CommitResult ToCommitResult(AppliedWrite write) {
  return {.succeeded = write.result.succeeded,
          .commit = ToCommitInfo(write),
          .reads = std::move(write.result.reads),
          .reads_dropped = write.result.reads_dropped,
          .rows_deleted = write.result.value};
}

// Brings an answer to a callback of the application, and is a call of the
// database until it has: Close waits for it.
//
// Thread: any. An answer that comes while the call that asks is still on its
// way is kept until the end of it, so that no callback runs in the middle of
// what the library does, nor in another one: a callback that asks again, and so
// on, would use up the stack.
template <typename Result>
class Delivery {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Result>)>;

  Delivery(Callback callback, Replica& replica)
      : replica_(replica),
        call_(replica.gate()),
        callback_(std::move(callback)) {}

  // Whether there is a database to ask.
  bool admitted() const { return call_.admitted(); }

  // Once.
  void Deliver(absl::StatusOr<Result> answer) {
    // Another thread must not look at `asking_`, and need not.
    if (std::this_thread::get_id() == asker_ && asking_) {
      early_.emplace(std::move(answer));
    } else {
      Call(std::move(answer));
    }
  }
  // The call that asks has ended. Thread: the one that made `delivery`.
  static void EndAsking(std::shared_ptr<Delivery> delivery) {
    Delivery& self = *delivery;
    self.asking_ = false;
    if (!self.early_.has_value()) return;
    if (self.admitted() && self.replica_.InCallback()) {
      self.replica_.Post([delivery = std::move(delivery)] {
        delivery->Call(*std::move(delivery->early_));
      });
    } else {
      self.Call(*std::move(self.early_));
    }
  }

 private:
  // Lets nothing that is thrown get any further: the thread is not its own.
  void Call(absl::StatusOr<Result> answer) {
    replica_.RunCallback([&] {
      try {
        std::exchange(callback_, nullptr)(std::move(answer));
      } catch (const std::exception& exception) {
        replica_.logger().Error("a callback has thrown an exception: ",
                                exception.what());
      } catch (...) {
        replica_.logger().Error("a callback has thrown something");
      }
    });
  }

  // Is there until the answer has been brought.
  Replica& replica_;
  const CallInProgress call_;
  Callback callback_;
  const std::thread::id asker_ = std::this_thread::get_id();
  bool asking_ = true;
  std::optional<absl::StatusOr<Result>> early_;
};

// Hands `command` over. `convert` makes of an AppliedWrite what `done` wants.
template <typename Result, typename Convert>
void SubmitAsync(Replica& replica, absl::StatusOr<std::string> command,
                 const WriteOptions& options,
                 typename Delivery<Result>::Callback done, Convert convert) {
  // Shared with the write, which may be answered after this call.
  auto delivery = std::make_shared<Delivery<Result>>(std::move(done), replica);
  if (!delivery->admitted()) {
    delivery->Deliver(ClosedError());
  } else if (!command.ok()) {
    delivery->Deliver(command.status());
  } else {
    replica.WriteAsync(
        *std::move(command), options,
        [delivery, convert, &replica, begun = replica.clock().Now(),
         under_way = UnderWay(replica.call_times().writes_under_way)](
            absl::StatusOr<AppliedWrite> answer) mutable {
          under_way.End();
          replica.call_times().NoteWrite(replica.clock().Now() - begun,
                                         answer.status());
          if (answer.ok()) {
            delivery->Deliver(convert(*std::move(answer)));
          } else {
            delivery->Deliver(answer.status());
          }
        });
  }
  Delivery<Result>::EndAsking(std::move(delivery));
}

absl::StatusOr<AppliedWrite> Submit(Replica& replica,
                                    absl::StatusOr<std::string> command,
                                    const WriteOptions& options) {
  const CallInProgress call(replica.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(command.status());
  return replica.Write(*std::move(command), options);
}

absl::StatusOr<CommitInfo> SubmitPlain(Replica& replica,
                                       absl::StatusOr<std::string> command,
                                       const WriteOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(const AppliedWrite write,
                            Submit(replica, std::move(command), options));
  return ToCommitInfo(write);
}

}  // namespace

// ---- Life ----

absl::StatusOr<std::unique_ptr<DB>> DB::Open(const Options& options,
                                             const std::string& directory) {
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<Replica> replica,
                            Replica::Open(options, directory));
  return std::make_unique<DB>(std::move(replica));
}

DB::DB(std::unique_ptr<Replica> replica)
    : replica_(std::move(replica)),
      admin_(std::make_unique<Admin>(*replica_)) {}

DB::~DB() = default;

absl::Status DB::Close() { return replica_->Close(); }

// ---- Writing ----

absl::StatusOr<CommitInfo> DB::Put(ColumnFamily family, std::string_view key,
                                   std::string_view value,
                                   const WriteOptions& options) {
  return SubmitPlain(*replica_,
                     EncodeOperation(engine::PutOp{IdOf(family), key, value}),
                     options);
}

absl::StatusOr<CommitInfo> DB::Delete(ColumnFamily family, std::string_view key,
                                      const WriteOptions& options) {
  return SubmitPlain(
      *replica_, EncodeOperation(engine::DeleteOp{IdOf(family), key}), options);
}

absl::StatusOr<CommitInfo> DB::DeleteRange(ColumnFamily family,
                                           const KeyRange& range,
                                           const WriteOptions& options) {
  return SubmitPlain(*replica_,
                     EncodeOperation(engine::DeleteRangeOp{
                         IdOf(family), range.begin, range.end}),
                     options);
}

absl::StatusOr<CommitInfo> DB::Write(const WriteBatch& batch,
                                     const WriteOptions& options) {
  return SubmitPlain(*replica_, EncodeBatch(batch), options);
}

absl::StatusOr<CommitResult> DB::Commit(const Transaction& transaction,
                                        const WriteOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(
      AppliedWrite write,
      Submit(*replica_, EncodeTransaction(transaction), options));
  return ToCommitResult(std::move(write));
}

void DB::WriteAsync(const WriteBatch& batch, CommitCallback done,
                    const WriteOptions& options) {
  SubmitAsync<CommitInfo>(
      *replica_, EncodeBatch(batch), options, std::move(done),
      [](const AppliedWrite& write) { return ToCommitInfo(write); });
}

void DB::CommitAsync(const Transaction& transaction, TransactionCallback done,
                     const WriteOptions& options) {
  SubmitAsync<CommitResult>(
      *replica_, EncodeTransaction(transaction), options, std::move(done),
      [](AppliedWrite write) { return ToCommitResult(std::move(write)); });
}

// ---- Reading ----

absl::StatusOr<std::optional<std::string>> DB::Get(ColumnFamily family,
                                                   std::string_view key,
                                                   const ReadOptions& options) {
  const CallInProgress call(replica_->gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(replica_->AwaitFresh(options));
  std::string value;
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, replica_->store().machine().Get(
                                                  IdOf(family), key, value));
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(std::move(value));
}

void DB::ReadIndexAsync(ReadIndexCallback done, const ReadOptions& options) {
  auto delivery =
      std::make_shared<Delivery<uint64_t>>(std::move(done), *replica_);
  if (delivery->admitted()) {
    replica_->ReadIndexAsync(options,
                             [delivery](const absl::StatusOr<LogIndex>& index) {
                               if (index.ok()) {
                                 delivery->Deliver(index->value());
                               } else {
                                 delivery->Deliver(index.status());
                               }
                             });
  } else {
    delivery->Deliver(ClosedError());
  }
  Delivery<uint64_t>::EndAsking(std::move(delivery));
}

absl::StatusOr<std::vector<std::optional<std::string>>> DB::MultiGet(
    ColumnFamily family, absl::Span<const std::string_view> keys,
    const ReadOptions& options) {
  const CallInProgress call(replica_->gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(replica_->AwaitFresh(options));
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<engine::ReadView> view,
                            replica_->store().machine().NewView());
  return view->MultiGet(IdOf(family), keys);
}

absl::StatusOr<std::unique_ptr<Iterator>> DB::Scan(const KeyRange& range,
                                                   const ScanOptions& options) {
  const CallInProgress call(replica_->gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(replica_->AwaitFresh(options.read));
  return ::trimaran::Scan::Start(replica_->store().machine(), replica_->scans(),
                                 range, options);
}

// ---- Watching ----

absl::StatusOr<std::unique_ptr<Watcher>> DB::Watch(
    const KeyRange& range, const WatchOptions& options) {
  const CallInProgress call(replica_->gate());
  if (!call.admitted()) return ClosedError();
  return ReplicaWatcher::Start(*replica_, range, options);
}

// ---- Column families ----

absl::StatusOr<ColumnFamily> DB::CreateColumnFamily(
    std::string_view name, const WriteOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const AppliedWrite write,
      Submit(*replica_,
             Encode({.stamp = {}, .body = engine::CreateFamilyCommand{name}}),
             options));
  return ColumnFamily(write.result.value);
}

absl::StatusOr<CommitInfo> DB::DropColumnFamily(std::string_view name,
                                                const WriteOptions& options) {
  return SubmitPlain(
      *replica_, Encode({.stamp = {}, .body = engine::DropFamilyCommand{name}}),
      options);
}

absl::StatusOr<ColumnFamily> DB::FindColumnFamily(std::string_view name,
                                                  const ReadOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<NamedFamily> families,
                            ListColumnFamilies(options));
  for (const NamedFamily& one : families) {
    if (one.name == name) return one.family;
  }
  return absl::NotFoundError(
      absl::StrCat("there is no column family ", ToAbsl(EscapeForLog(name))));
}

absl::StatusOr<std::vector<DB::NamedFamily>> DB::ListColumnFamilies(
    const ReadOptions& options) {
  const CallInProgress call(replica_->gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(replica_->AwaitFresh(options));
  std::vector<NamedFamily> families;
  for (const engine::Family& one : replica_->store().machine().families()) {
    families.push_back(
        {.name = one.name, .family = ColumnFamily(one.id.value())});
  }
  return families;
}

}  // namespace trimaran

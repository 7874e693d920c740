#ifndef TRIMARAN_DB_H_
#define TRIMARAN_DB_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trimaran/export.h"
#include "trimaran/iterator.h"
#include "trimaran/options.h"
#include "trimaran/transaction.h"
#include "trimaran/watch.h"
#include "trimaran/write_batch.h"

namespace trimaran {

class Admin;
class Replica;

// Called once, from any thread, also from within the call that it was given to;
// but, while the database is open, not within another callback of it. So each
// may ask for the next thing, without end, which may be told on another thread
// before the first has returned. It may call the library, but not wait in it: a
// call that would have to is answered with FailedPrecondition. It must not need
// a lock that is held while the database is called: it may run within a call of
// the same thread that has nothing to do with it. What it throws is caught and
// logged.
using CommitCallback =
    absl::AnyInvocable<void(absl::StatusOr<CommitInfo> answer)>;
using TransactionCallback =
    absl::AnyInvocable<void(absl::StatusOr<CommitResult> answer)>;
using ReadIndexCallback =
    absl::AnyInvocable<void(absl::StatusOr<uint64_t> index)>;

// A database: a durable map from keys to values, ordered by the bytes of the
// keys, on this machine alone or kept equal on several replicas.
//
// Durability: a write that has returned OK survives the crash of every process,
// and of the machines of any minority of the replicas.
// Consistency: writes are done one after the other, in the same order on all
// replicas, each once; reads are linearizable unless asked otherwise.
// Errors: absl::Status; see errors.h. Every error of a write says whether it
// may have been done all the same (OutcomeOf). All calls return
// FailedPrecondition after Close, which is "not applied"; DeadlineExceeded, or
// for a write that had been begun IsOutcomeUnknown, when their time is up; and
// for ever the same error after one that leaves it unknown what is durable.
//
// Time: a call that waits does the work of the replica itself where nobody else
// is at it, which spares the waking of threads. So a disk that hangs in a sync
// can hold it beyond its time-out.
// Memory: where there is none, std::bad_alloc leaves the call, and the database
// works on. The outcome of a write is not known then; but what was handed to
// one that does not wait has not been begun, and `done` is not called. Without
// memory for the work of the replica itself, on whichever thread, for Close, or
// for what WiredTiger reports, the process ends (std::terminate), as if it was
// killed; and so it does, by a signal, where WiredTiger 3.2.1 does not survive
// that it lacks memory itself.
//
// Thread: any, for all calls but the destructor.
class TRIMARAN_EXPORT DB {
 public:
  // Opens the database in `directory`, or makes one. A single replica is ready
  // to be used when this returns: what it had acknowledged is there again. A
  // member of a group is about to look for the others. There is no time-out:
  // what the log holds beyond the last checkpoint is applied first.
  //   InvalidArgument      an option (ValidateOptions)
  //   NotFound             there is none, and it is not to be made, or its
  //                        parent is missing
  //   Unavailable          it is open already, here or in another process
  //   PermissionDenied     the directory cannot be written to, or others can
  //   FailedPrecondition   it is not a data directory, or of another cluster
  //                        or replica than the options say, or its group has
  //                        other members and no network is given, or `network`
  //                        has that replica already or is of another cluster,
  //                        or it was written by a newer version (IsNewerFormat)
  //   DataLoss             it is damaged (IsCorruption)
  static absl::StatusOr<std::unique_ptr<DB>> Open(const Options& options,
                                                  const std::string& directory);

  // Closes. Nobody may be in a call, and no callback may do it.
  ~DB();
  DB(const DB&) = delete;
  DB& operator=(const DB&) = delete;

  // Lets the writes that are under way come to their end, if that takes no
  // longer than an election timeout, and 5 seconds at most; hands leadership on
  // if there is somebody to take it, answers everybody who waits, ends
  // iterators and watchers, and closes the directory, which can be opened again
  // afterwards. Returns the first error of the storage. Once it has begun,
  // other calls are refused; a second Close waits for the first one, and
  // returns the same. FailedPrecondition, and nothing happens, in a callback.
  absl::Status Close();

  // ---- Writing ----

  // Returns when the write is durable and can be read on this replica.
  //   InvalidArgument     a limit of WriteBatch is broken; not applied
  //   NotFound            no such column family; not applied
  //   ResourceExhausted   there was no room in the queue in time, or the range
  //                       is too large; not applied
  //   Unavailable         not the leader and not to pass it on (IsNotLeader),
  //                       or closing; see OutcomeOf
  absl::StatusOr<CommitInfo> Put(std::string_view key, std::string_view value,
                                 const WriteOptions& options = {}) {
    return Put(ColumnFamily(), key, value, options);
  }
  absl::StatusOr<CommitInfo> Put(ColumnFamily family, std::string_view key,
                                 std::string_view value,
                                 const WriteOptions& options = {});
  // The row need not be there.
  absl::StatusOr<CommitInfo> Delete(std::string_view key,
                                    const WriteOptions& options = {}) {
    return Delete(ColumnFamily(), key, options);
  }
  absl::StatusOr<CommitInfo> Delete(ColumnFamily family, std::string_view key,
                                    const WriteOptions& options = {});
  // Rows of [begin, end) of `range`, at most a million.
  absl::StatusOr<CommitInfo> DeleteRange(const KeyRange& range,
                                         const WriteOptions& options = {}) {
    return DeleteRange(ColumnFamily(), range, options);
  }
  absl::StatusOr<CommitInfo> DeleteRange(ColumnFamily family,
                                         const KeyRange& range,
                                         const WriteOptions& options = {});
  // All changes of the batch, or none. An empty one is a write as well.
  absl::StatusOr<CommitInfo> Write(const WriteBatch& batch,
                                   const WriteOptions& options = {});
  // OK also where the conditions did not hold: CommitResult::succeeded.
  absl::StatusOr<CommitResult> Commit(const Transaction& transaction,
                                      const WriteOptions& options = {});

  // The same without waiting, also not for room in the queue. The batch is not
  // needed any more when this returns. Writes that one thread hands over are
  // done in their order as long as the leader stays the same. `done` has been
  // called when Close returns.
  void WriteAsync(const WriteBatch& batch, CommitCallback done,
                  const WriteOptions& options = {});
  void CommitAsync(const Transaction& transaction, TransactionCallback done,
                   const WriteOptions& options = {});

  // ---- Reading ----

  // Empty if there is no such row. NotFound: no such column family.
  // InvalidArgument: a key that cannot exist.
  absl::StatusOr<std::optional<std::string>> Get(
      std::string_view key, const ReadOptions& options = {}) {
    return Get(ColumnFamily(), key, options);
  }
  absl::StatusOr<std::optional<std::string>> Get(
      ColumnFamily family, std::string_view key,
      const ReadOptions& options = {});
  // One answer per key, all as of one moment. Keys may be as many as there is
  // memory for their values. ResourceExhausted: too many views
  // (Options::views_max).
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      absl::Span<const std::string_view> keys,
      const ReadOptions& options = {}) {
    return MultiGet(ColumnFamily(), keys, options);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      ColumnFamily family, absl::Span<const std::string_view> keys,
      const ReadOptions& options = {});
  // The rows of a range as of one moment. Errors as MultiGet; InvalidArgument
  // for a range that ends before it begins.
  absl::StatusOr<std::unique_ptr<Iterator>> Scan(
      const KeyRange& range, const ScanOptions& options = {});

  // For whoever must not wait: tells `done` an index, such that reads with
  // ReadOptions::AtLeast(index) are served by this replica at once, and see
  // what `options` ask for. One index serves any number of reads. `done` holds
  // up the replica while it runs: a few rows that are in memory are read in it,
  // anything more elsewhere. Where nobody has to be asked, as on a single
  // replica, it is called within this call. Errors as Get; ResourceExhausted
  // where 65536 wait already. `done` has been called when Close returns.
  void ReadIndexAsync(ReadIndexCallback done, const ReadOptions& options = {});

  // ---- Watching ----

  // Tells of every change of the rows in a range, from WatchOptions::from_index
  // on; see watch.h. Does not wait.
  //   InvalidArgument   a range that ends before it begins; an index beyond all
  //   NotFound          no such column family, or not any more
  //   OutOfRange        the changes from there on are not kept any more, or
  //                     never were (IsCompacted)
  absl::StatusOr<std::unique_ptr<Watcher>> Watch(
      const KeyRange& range, const WatchOptions& options = {});

  // ---- Column families ----

  // AlreadyExists; ResourceExhausted if there are 1024; InvalidArgument for a
  // name that is empty or longer than 128 bytes.
  absl::StatusOr<ColumnFamily> CreateColumnFamily(
      std::string_view name, const WriteOptions& options = {});
  // Removes the family and all its rows. NotFound; InvalidArgument for
  // "default".
  absl::StatusOr<CommitInfo> DropColumnFamily(std::string_view name,
                                              const WriteOptions& options = {});
  // NotFound if there is none of that name.
  absl::StatusOr<ColumnFamily> FindColumnFamily(
      std::string_view name, const ReadOptions& options = {});
  struct NamedFamily {
    std::string name;
    ColumnFamily family;
    friend bool operator==(const NamedFamily&, const NamedFamily&) = default;
  };
  // By name.
  absl::StatusOr<std::vector<NamedFamily>> ListColumnFamilies(
      const ReadOptions& options = {});

  // ---- Everything else: admin.h ----

  // Valid as long as this object.
  Admin& admin() { return *admin_; }

  // The library's own. Use Open.
  explicit DB(std::unique_ptr<Replica> replica);

 private:
  const std::unique_ptr<Replica> replica_;
  const std::unique_ptr<Admin> admin_;
};

}  // namespace trimaran

#endif  // TRIMARAN_DB_H_

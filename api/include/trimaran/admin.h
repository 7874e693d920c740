#ifndef TRIMARAN_ADMIN_H_
#define TRIMARAN_ADMIN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "trimaran/export.h"
#include "trimaran/options.h"
#include "trimaran/status.h"
#include "trimaran/transaction.h"

namespace trimaran {

class Replica;

// ---- Verifying ----

enum class VerifyDepth : uint8_t {
  // The log, and what the data says about itself.
  kQuick,
  // Every row as well.
  kFull,
};

struct VerifyFinding {
  // Something is not what was written. Else it is worth knowing only.
  bool damage = false;
  // Which check, where, and what.
  std::string text;
};

struct VerifyResult {
  // Whether one of the findings is damage.
  bool damaged = false;
  std::vector<VerifyFinding> findings;
  // Entries and rows that were looked at.
  uint64_t examined = 0;
};

// Verifies the database in `directory`, which nobody has open, and writes
// nothing. An error means that it could not be looked at: NotFound, Unavailable
// (open), PermissionDenied, FailedPrecondition (no data directory, or one of a
// newer version, IsNewerFormat).
//
// Thread: any.
TRIMARAN_EXPORT absl::StatusOr<VerifyResult> VerifyDirectory(
    const std::string& directory, VerifyDepth depth);

// ---- Comparing replicas ----

// The state of one replica, just behind one entry of the log.
struct ReplicaDigest {
  uint64_t replica = 0;
  // 32 hexadecimal digits over all rows and everything else that is replicated.
  // Empty where `error` says why there is none: not heard in time, busy with
  // another comparison, catching up, damaged.
  std::string hash;
  // With the records that are not rows.
  uint64_t rows = 0;
  std::string error;
};

struct ConsistencyResult {
  LogPlace place;
  // All members have answered, and all have the same state.
  bool consistent = false;
  // Two members have different states: at least one of them is damaged. Verify
  // may tell which; where it does not, trust the majority. Replace the other.
  bool diverged = false;
  std::vector<ReplicaDigest> replicas;
};

// ---- Backups ----

struct BackupInfo {
  // The last write that it holds.
  LogPlace place;
  // And what the group remembers besides, in records of its own.
  uint64_t rows = 0;
  // On disk.
  uint64_t bytes = 0;
};

// Makes a new database in `directory` out of the backup in `backup`, ready to
// be opened with the same options. It is a cluster of its own, of which the
// founders are the members: with several of them, each is restored from the
// same backup under the same Options::cluster. InvalidArgument if that is the
// cluster of the backup: the old one, should it still exist, and the new one
// must never mix. AlreadyExists: there is a database. DataLoss: the backup is
// damaged. After an error there is no database, and the call can be repeated.
//
// Thread: any, one per directory.
TRIMARAN_EXPORT absl::Status RestoreFromBackup(const Options& options,
                                               const std::string& backup,
                                               const std::string& directory);

// What is rarely needed, and about the replica rather than the rows. It belongs
// to its database (DB::admin).
//
// All calls return FailedPrecondition after Close and in callbacks, and
// DeadlineExceeded when their time is up. Calls that change something say what
// became of it, as writes do (OutcomeOf).
//
// Thread: any.
class TRIMARAN_EXPORT Admin {
 public:
  // The library's own. Use DB::admin.
  explicit Admin(Replica& replica) : replica_(replica) {}
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  // ---- Looking; also allowed in callbacks ----

  absl::StatusOr<ReplicaStatus> GetStatus();
  // The same for Prometheus, in its text format.
  absl::StatusOr<std::string> GetMetrics();

  // ---- Members; on the leader only, else IsNotLeader ----
  // One change at a time: Unavailable (not applied) while another one is under
  // way, and where the next leader has not taken it over; try again.

  // Makes `successor`, a voter, the leader, and waits until it is.
  // InvalidArgument: it is no voter; not applied. Unavailable: somebody else
  // leads now. DeadlineExceeded: nobody has taken over in time; it still may.
  absl::Status TransferLeadership(uint64_t successor,
                                  const WriteOptions& options = {});
  // Adds a member that gets all writes and does not count for majorities. It
  // opens its directory with Options::join. AlreadyExists: it is a member. An
  // id must never have been in use before. What `info` says is recorded first,
  // and stays: if the member cannot be added behind that, as another change has
  // been quicker, the outcome is unknown, and the call can be repeated.
  absl::Status AddLearner(uint64_t id, const MemberInfo& info,
                          const WriteOptions& options = {});
  // Makes a learner a voter. FailedPrecondition: it is none, or is not heard
  // of, or has not caught up yet, so that it would only be in the way.
  absl::Status Promote(uint64_t id, const WriteOptions& options = {});
  // Adds a member, or takes a learner, and makes it a voter as soon as it has
  // caught up, which may need a time-out of its own. When that is over, it is a
  // learner; the call can be repeated. What is known of a learner stays as it
  // is where a field of `info` is empty. AlreadyExists: it is a voter.
  absl::Status AddVoter(uint64_t id, const MemberInfo& info,
                        const WriteOptions& options = {});
  // Puts a new member in the place of one whose machine or data is lost: adds
  // `successor` as AddVoter does, and makes it a voter and removes `id` in one
  // step, so that the group can afford to lose as many as before at any time.
  // NotFound: `id` is no member. AlreadyExists: `successor` is a voter; then
  // Remove is what is left to do.
  absl::Status Replace(uint64_t id, uint64_t successor, const MemberInfo& info,
                       const WriteOptions& options = {});
  // NotFound: it is no member. FailedPrecondition: it is the only voter. Also
  // the leader itself can be removed, and then leads no more.
  absl::Status Remove(uint64_t id, const WriteOptions& options = {});
  // Changes what is known of a member; what is empty in `info` stays as it is.
  // NotFound: it is no member. On any replica.
  absl::Status UpdateMember(uint64_t id, const MemberInfo& info,
                            const WriteOptions& options = {});

  // ---- Maintenance; without any time, 0 or less, it is not begun ----

  // Makes everything applied durable as rows, so that it need not be applied
  // again after a crash, and gives back log space. Returns the place. Never
  // needed for the safety of a write. ResourceExhausted: no room for it.
  absl::StatusOr<LogPlace> Checkpoint(
      absl::Duration timeout = absl::InfiniteDuration());
  // All replicas forget the log up to `index`, whose space is given back after
  // the next checkpoint. A replica that still needs an entry of it has to be
  // sent the data as a whole. OutOfRange: forgotten already. NotFound or
  // FailedPrecondition: not applied here yet.
  absl::StatusOr<CommitInfo> CompactLog(uint64_t index,
                                        const WriteOptions& options = {});
  // Writes a backup of this moment into `directory`, which must not exist or be
  // empty, while the database is in use. Waits for its turn, see Verify. Until
  // the backup is whole and durable, everything is in "<directory>.partial".
  // AlreadyExists; Unavailable (a backup to that place is being made);
  // InvalidArgument (that name is too long); ResourceExhausted (the disk is
  // full, or would have less left than a quarter of Options::free_bytes_min).
  // See RestoreFromBackup.
  absl::StatusOr<BackupInfo> CreateBackup(
      const std::string& directory,
      absl::Duration timeout = absl::InfiniteDuration());
  // Compares the states of all members behind one and the same write, on any
  // replica. Each of them stops applying writes for as long as a checkpoint
  // takes, five seconds at most, then reads everything that it has and goes on
  // working meanwhile; one comparison at a time. Waits for those that do not
  // answer as long as the time-out says, and is OK without them too, if the
  // question has got its place in the log.
  absl::StatusOr<ConsistencyResult> CheckConsistency(
      absl::Duration timeout = absl::Minutes(10));
  // Verifies the open database, while it is in use. Aborted: the log was
  // compacted each of several times that it was read; or a snapshot of the
  // leader is taking the place of everything, and had not done so in time.
  // ResourceExhausted: no room for the checkpoint that all but kQuick begin
  // with. Four verifications and backups are under way at a time, and others
  // wait. Each keeps what is overwritten meanwhile on the disk until it ends.
  absl::StatusOr<VerifyResult> Verify(
      VerifyDepth depth, absl::Duration timeout = absl::InfiniteDuration());

 private:
  Replica& replica_;
};

}  // namespace trimaran

#endif  // TRIMARAN_ADMIN_H_

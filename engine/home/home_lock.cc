#include "engine/home/home_lock.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/file/work_directory.h"
#include "engine/home/home_paths.h"

namespace trimaran::engine {
namespace {

absl::Status NoHome(std::string_view home, absl::string_view what) {
  return absl::NotFoundError(
      absl::StrCat("no data directory at ", ToAbsl(home), ": ", what));
}

absl::Status MakeDirectory(FileSystem& files, std::string_view home) {
  const absl::Status made = files.CreateDirectory(home);
  // Somebody else was quicker; the lock decides who goes on.
  if (absl::IsAlreadyExists(made)) return absl::OkStatus();
  if (absl::IsNotFound(made)) {
    return absl::NotFoundError(absl::StrCat(made.message(),
                                            ": its parent directory ",
                                            ParentPath(home), " is missing"));
  }
  TRIMARAN_RETURN_IF_ERROR(made);
  return files.SyncDirectory(ParentPath(home));
}

// The directory is there and is one that `use` may go into.
absl::Status CheckDirectory(FileSystem& files, std::string_view home,
                            HomeUse use) {
  TRIMARAN_ASSIGN_OR_RETURN(PathInfo info, files.Inspect(home));
  if (info.kind == FileKind::kAbsent) {
    if (use != HomeUse::kOpenOrFound) return NoHome(home, "nothing is there");
    TRIMARAN_RETURN_IF_ERROR(MakeDirectory(files, home));
    TRIMARAN_ASSIGN_OR_RETURN(info, files.Inspect(home));
  }
  TRIMARAN_RETURN_IF_ERROR(CheckIsDirectory(home, info));
  if (use == HomeUse::kInspect) return absl::OkStatus();
  return CheckIsPrivate(home, info);
}

absl::Status CheckKind(std::string_view home, HomeKind kind, HomeUse use) {
  switch (kind) {
    case HomeKind::kHome:
      return absl::OkStatus();
    case HomeKind::kEmpty:
      if (use == HomeUse::kOpenOrFound) return absl::OkStatus();
      return NoHome(home, "the directory is empty");
    case HomeKind::kUnfinished:
      if (use == HomeUse::kOpenOrFound) return absl::OkStatus();
      return NoHome(home, "the making of one was broken off");
    case HomeKind::kIdentityLost:
      return CorruptionError(
          absl::StrCat("data directory ", ToAbsl(home), " has lost its file ",
                       ToAbsl(kIdentityFile),
                       ", without which it cannot be told whose it "
                       "is"));
    case HomeKind::kForeign:
      return absl::FailedPreconditionError(
          absl::StrCat(ToAbsl(home),
                       " is no data directory, and not empty: it holds files "
                       "of something else"));
  }
  return absl::InternalError("unknown kind of directory");
}

absl::StatusOr<HomeKind> CheckContent(FileSystem& files, std::string_view home,
                                      HomeUse use) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files.List(home));
  const HomeKind kind = ClassifyHome(names);
  TRIMARAN_RETURN_IF_ERROR(CheckKind(home, kind, use));
  return kind;
}

absl::StatusOr<std::unique_ptr<FileLock>> TakeLock(FileSystem& files,
                                                   std::string_view home,
                                                   HomeUse use) {
  const std::string path = JoinPath(home, kLockFile);
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(path));
  if (info.kind == FileKind::kAbsent) {
    if (use == HomeUse::kInspect) return nullptr;
    const absl::Status made = files.Open(path, OpenMode::kCreate).status();
    if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  }
  auto lock = files.Lock(path);
  if (absl::IsUnavailable(lock.status())) {
    return absl::UnavailableError(
        absl::StrCat("data directory ", ToAbsl(home),
                     " is open already, in this process or in another"));
  }
  return lock;
}

// The mark of a founding goes when there is something to be opened.
absl::Status RemoveFoundingMark(FileSystem& files, std::string_view home) {
  const std::string path = JoinPath(home, kFoundingFile);
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo mark, files.Inspect(path));
  if (mark.kind == FileKind::kAbsent) return absl::OkStatus();
  // The identity may have its name in memory only: whoever gave it that was
  // killed. Without either, a crash would leave a home that is nobody's.
  TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(home));
  TRIMARAN_RETURN_IF_ERROR(files.Remove(path));
  return files.SyncDirectory(home);
}

}  // namespace

absl::StatusOr<LockedHome> LockHome(FileSystem& files, std::string_view home,
                                    HomeUse use) {
  if (home.empty()) {
    return absl::InvalidArgumentError("the path of a data directory is empty");
  }
  home = WithoutSlashes(home);
  TRIMARAN_RETURN_IF_ERROR(CheckDirectory(files, home, use));
  // Before the lock file is made, so that it is not made among files of
  // something else; and again behind the lock, for what changed meanwhile.
  TRIMARAN_RETURN_IF_ERROR(CheckContent(files, home, use).status());
  LockedHome locked;
  TRIMARAN_ASSIGN_OR_RETURN(locked.lock, TakeLock(files, home, use));
  TRIMARAN_ASSIGN_OR_RETURN(locked.kind, CheckContent(files, home, use));
  if (locked.kind == HomeKind::kHome && use != HomeUse::kInspect) {
    TRIMARAN_RETURN_IF_ERROR(RemoveFoundingMark(files, home));
  }
  return locked;
}

absl::Status BeginFounding(FileSystem& files, std::string_view home) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files.List(home));
  const HomeKind kind = ClassifyHome(names);
  TRIMARAN_RETURN_IF_ERROR(CheckKind(home, kind, HomeUse::kOpenOrFound));
  if (kind == HomeKind::kHome) {
    return absl::AlreadyExistsError(
        absl::StrCat(ToAbsl(home), " is a data directory already"));
  }
  for (const std::string& name : names) {
    if (name == kFoundingFile || name == kLockFile) continue;
    TRIMARAN_RETURN_IF_ERROR(RemoveTree(files, JoinPath(home, name)));
  }
  if (kind == HomeKind::kEmpty) {
    TRIMARAN_RETURN_IF_ERROR(
        files.Open(JoinPath(home, kFoundingFile), OpenMode::kCreate).status());
  }
  // The mark is durable before there is anything that it has to explain, and
  // the home itself before anybody relies on it: who made it may have been
  // killed before this was done.
  TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(home));
  return files.SyncDirectory(ParentPath(home));
}

absl::Status FinishFounding(FileSystem& files, std::string_view home,
                            const StoreIdentity& identity) {
  TRIMARAN_RETURN_IF_ERROR(WriteIdentity(files, home, identity));
  return RemoveFoundingMark(files, home);
}

}  // namespace trimaran::engine

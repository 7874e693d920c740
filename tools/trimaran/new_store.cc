#include "tools/trimaran/new_store.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/src/opening.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/engine.h"
#include "engine/file/put_in_place.h"
#include "engine/file/work_directory.h"
#include "engine/maintenance/verifier.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

// "3=db3.example.org:7000,third".
absl::Status AddFounder(std::string_view text, Options& options) {
  const std::string_view id = text.substr(0, text.find('='));
  MemberInfo info;
  if (id.size() < text.size()) {
    const std::string_view rest = text.substr(id.size() + 1);
    const std::string_view address = rest.substr(0, rest.find(','));
    info.address = address;
    if (address.size() < rest.size()) {
      info.name = rest.substr(address.size() + 1);
    }
  }
  uint64_t replica = 0;
  if (!absl::SimpleAtoi(ToAbsl(id), &replica) || replica == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--founder: ", Quote(text),
                     " does not begin with the id of a replica, from 1"));
  }
  if (!options.founders.emplace(replica, std::move(info)).second) {
    return absl::InvalidArgumentError(
        absl::StrCat("--founder: replica ", replica, " is there twice"));
  }
  return absl::OkStatus();
}

// Opens what was made, as its user will, which also drops what was needed to
// make it; then reads it back.
absl::Status CheckMade(const engine::EngineOptions& where,
                       const engine::StateDigest& expected,
                       ProgressBar& progress) {
  {
    TRIMARAN_ASSIGN_OR_RETURN(const auto store, engine::Engine::Open(where));
    TRIMARAN_RETURN_IF_ERROR(store->Close());
  }
  engine::StoredStore store;
  store.files = where.files;
  store.directory = where.directory;
  engine::VerifyOptions options;
  options.progress = [&](const WorkProgress& now) {
    return progress.Show({.step = "reading back",
                          .done = now.done,
                          .total = expected.summary.rows});
  };
  TRIMARAN_ASSIGN_OR_RETURN(const engine::Verification verification,
                            engine::VerifyStoredStore(store, options));
  if (!verification.report.damaged() && verification.digest == expected) {
    return absl::OkStatus();
  }
  return CorruptionError(
      "what was read back is not what was written: the disk, the memory or "
      "this program is not to be trusted");
}

}  // namespace

absl::StatusOr<Options> NewStoreOptions(const Arguments& arguments) {
  Options options;
  TRIMARAN_ASSIGN_OR_RETURN(options.cluster, arguments.Required("cluster"));
  TRIMARAN_RETURN_IF_ERROR(arguments.Required("replica").status());
  TRIMARAN_ASSIGN_OR_RETURN(const auto replica, arguments.Number("replica"));
  options.replica_id = replica.value_or(0);
  for (const std::string& founder : arguments.Values("founder")) {
    TRIMARAN_RETURN_IF_ERROR(AddFounder(founder, options));
  }
  // Nobody listens here. It makes the others' addresses a matter of validation.
  if (options.founders.size() > 1) options.listen = "127.0.0.1:0";
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  return options;
}

absl::StatusOr<engine::StateDigest> MakeStore(const std::string& target,
                                              const Options& options,
                                              const Founder& found,
                                              ProgressBar& progress,
                                              Environment& environment) {
  constexpr std::string_view what = "a new store";
  engine::FileSystem& files = environment.files;
  TRIMARAN_RETURN_IF_ERROR(engine::CheckFree(files, target, what));
  TRIMARAN_ASSIGN_OR_RETURN(const engine::NewStore store, NewStoreOf(options));
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto work,
      engine::WorkDirectory::Make(files, absl::StrCat(target, ".partial")));
  const std::string made = work->Inside("store");
  const MonotonicClock clock;
  const engine::EngineOptions where =
      EngineOptionsOf(options, made, {files, clock, Logger()});
  TRIMARAN_ASSIGN_OR_RETURN(const engine::StateDigest digest,
                            found(where, store));
  TRIMARAN_RETURN_IF_ERROR(CheckMade(where, digest, progress));
  // Again: the user had all that time to put something there.
  TRIMARAN_RETURN_IF_ERROR(engine::CheckFree(files, target, what));
  TRIMARAN_RETURN_IF_ERROR(engine::PutInPlace(files, made, target));
  return digest;
}

absl::Status CheckOutside(const std::string& target, const std::string& store) {
  std::error_code error;
  const std::filesystem::path parent =
      std::filesystem::canonical(engine::ParentPath(target), error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", engine::ParentPath(target)));
  }
  if (!absl::StartsWith(absl::StrCat(parent.string(), "/"),
                        absl::StrCat(store, "/"))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(target, " is within the store ", store));
}

absl::Status CheckRoom(engine::FileSystem& files, const std::string& target,
                       uint64_t bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free,
                            files.FreeBytes(engine::ParentPath(target)));
  if (free >= bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(target, " would need about ", BytesText(bytes),
                   ", and there is room for ", BytesText(free)));
}

absl::Status WithTarget(engine::FileSystem& files, const std::string& target,
                        const absl::Status& error) {
  const auto info = files.Inspect(target);
  if (!info.ok() || info->kind != engine::FileKind::kAbsent) return error;
  absl::Status status(
      error.code(),
      absl::StrCat(error.message(), "; nothing was made at ", target));
  // What tells errors apart.
  error.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    status.SetPayload(url, payload);
  });
  return status;
}

}  // namespace trimaran::tool

#include "tools/trimaran/demo_command.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/status_macros.h"
#include "engine/file/put_in_place.h"
#include "engine/file/work_directory.h"
#include "tools/demo/story.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/new_store.h"

namespace trimaran::tool {
namespace {

constexpr std::array kSpecs = {
    OptionSpec{"directory", "DIR",
               "for the three data directories, which stay there to be looked "
               "at;\nmust not exist or be empty. Left out: a temporary one"},
    OptionSpec{"quick", "", "with fewer rows"},
};

constexpr int kWrites = 4000;
constexpr int kWritesQuick = 200;

// Makes it if it is not there, and says whether it has.
absl::StatusOr<bool> TakeDirectory(const std::string& path,
                                   Environment& environment) {
  TRIMARAN_RETURN_IF_ERROR(CheckDestination(path));
  TRIMARAN_RETURN_IF_ERROR(
      engine::CheckFree(environment.files, path, "a demonstration"));
  TRIMARAN_ASSIGN_OR_RETURN(const engine::PathInfo info,
                            environment.files.Inspect(path));
  if (info.kind == engine::FileKind::kDirectory) return false;
  TRIMARAN_RETURN_IF_ERROR(environment.files.CreateDirectory(path));
  return true;
}

// Half a story is nothing to look at. Whatever else is in the directory now has
// come from somebody else.
void RemoveStores(const std::string& directory, bool was_made,
                  engine::FileSystem& files) {
  for (const std::string_view replica : {"1", "2", "3"}) {
    engine::RemoveTree(files, engine::JoinPath(directory, replica))
        .IgnoreError();
  }
  if (was_made) files.Remove(directory).IgnoreError();
}

absl::Status Tell(const std::string& directory, const Arguments& arguments,
                  Environment& environment) {
  demo::StorySettings settings;
  settings.directory = directory;
  settings.writes = arguments.Has("quick") ? kWritesQuick : kWrites;
  settings.say = [&environment](const std::string& text) {
    environment.out.Write(text);
    // Somebody watches.
    environment.out.Flush();
  };
  settings.interrupted = [&environment] {
    return environment.interrupted.load() || environment.out.closed();
  };
  return demo::Story(std::move(settings)).Tell();
}

absl::Status Demonstrate(const Arguments& arguments, Environment& environment) {
  const auto given = arguments.Value("directory");
  if (!given.has_value()) {
    TRIMARAN_ASSIGN_OR_RETURN(const auto scratch, ScratchDirectory::Make());
    return Tell(scratch->path(), arguments, environment);
  }
  TRIMARAN_ASSIGN_OR_RETURN(const std::string named,
                            arguments.Required("directory"));
  const std::string directory(engine::WithoutSlashes(named));
  TRIMARAN_ASSIGN_OR_RETURN(const bool was_made,
                            TakeDirectory(directory, environment));
  const absl::Status status = Tell(directory, arguments, environment);
  // What does not hold is to be looked into.
  if (!status.ok() && !absl::IsDataLoss(status)) {
    RemoveStores(directory, was_made, environment.files);
  }
  return status;
}

ExitCode RunDemo(const Arguments& arguments, Environment& environment) {
  const absl::Status status = Demonstrate(arguments, environment);
  // `demo | head`: nobody wants the rest.
  if (absl::IsCancelled(status) && !environment.interrupted.load()) {
    return ExitCode::kOk;
  }
  if (absl::IsDataLoss(status)) {
    Report(status, environment);
    return ExitCode::kDamageFound;
  }
  if (!status.ok()) return Report(status, environment);
  environment.out.Write("\nEverything held.\n");
  return ExitCode::kOk;
}

constexpr std::string_view kDetails =
    R"(Runs three replicas in this process, on real disks, and tells what
happens: rows are written, the leader is cut off, the other two go on without
it, and it comes back. At the end all that was acknowledged is looked for in all
three. If anything of what it claims is not true, the exit code is 1.
)";

}  // namespace

Subcommand DemoCommand() {
  return {.name = "demo",
          .summary = "Shows three replicas surviving the loss of one.",
          .operands = "",
          .details = kDetails,
          .options = kSpecs,
          .run = RunDemo};
}

}  // namespace trimaran::tool

#include "tools/trimaran/subcommand.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

constexpr std::string_view kVersion = TRIMARAN_VERSION;

constexpr std::string_view kExitCodes =
    R"(exit codes:
  0  fine                         8    input or output error
  1  verification found damage    9    there is something at the destination
  2  wrong usage                  10   no room on the disk
  3  nothing at the path          11   refused: it does not fit what is there
  4  open in another process      12   a port is in use
  5  damaged                      13   it is not known whether it was done
  6  written by a newer version   130  interrupted
  7  no permission
)";

std::string ProgramHelp(absl::Span<const Subcommand> subcommands) {
  std::string out =
      "usage: trimaran <subcommand> [options] <argument>\n\n"
      "Looks into what a Trimaran store keeps on disk, saves and restores it, "
      "hosts\nreplicas, and makes the certificates of a cluster.\n\n"
      "subcommands:\n";
  size_t width = 0;
  for (const Subcommand& subcommand : subcommands) {
    width = std::max(width, subcommand.name.size());
  }
  for (const Subcommand& subcommand : subcommands) {
    absl::StrAppend(&out, "  ", ToAbsl(subcommand.name),
                    std::string(width + 2 - subcommand.name.size(), ' '),
                    ToAbsl(subcommand.summary), "\n");
  }
  absl::StrAppend(&out,
                  "\n`trimaran help <subcommand>` says more, "
                  "`trimaran --version` the version.\n\n",
                  ToAbsl(kExitCodes));
  return out;
}

// Every subcommand has it.
constexpr OptionSpec kHelpOption = {"help", "", "this text"};

std::vector<OptionSpec> OptionsOf(const Subcommand& subcommand) {
  std::vector<OptionSpec> options(subcommand.options.begin(),
                                  subcommand.options.end());
  options.push_back(kHelpOption);
  return options;
}

std::string SubcommandHelp(const Subcommand& subcommand) {
  return absl::StrCat("usage: trimaran ", ToAbsl(subcommand.name),
                      " [options] ", ToAbsl(subcommand.operands), "\n\n",
                      ToAbsl(subcommand.summary), "\n\noptions:\n",
                      DescribeOptions(OptionsOf(subcommand)), "\n",
                      ToAbsl(subcommand.details), "\n", ToAbsl(kExitCodes));
}

ExitCode UsageError(std::string_view text, std::string_view command,
                    Environment& environment) {
  environment.err.Write(absl::StrCat("trimaran: ", ToAbsl(text), "\nTry `",
                                     ToAbsl(command), " --help`.\n"));
  return ExitCode::kUsage;
}

// What output could not be written is a failure, whatever was found.
ExitCode Finish(ExitCode code, Environment& environment) {
  environment.out.Flush();
  if (environment.out.status().ok()) return code;
  Report(environment.out.status(), environment);
  return ExitCode::kIoError;
}

const Subcommand* FindSubcommand(absl::Span<const Subcommand> subcommands,
                                 std::string_view name) {
  for (const Subcommand& subcommand : subcommands) {
    if (subcommand.name == name) return &subcommand;
  }
  return nullptr;
}

ExitCode UnknownSubcommand(absl::Span<const Subcommand> subcommands,
                           std::string_view name, Environment& environment) {
  std::vector<std::string_view> names;
  for (const Subcommand& subcommand : subcommands) {
    names.push_back(subcommand.name);
  }
  const std::string_view nearest = NearestWord(name, names);
  return UsageError(absl::StrCat("no such subcommand: ", Escape(name),
                                 nearest.empty() ? "" : "; did you mean ",
                                 ToAbsl(nearest), nearest.empty() ? "" : "?"),
                    "trimaran", environment);
}

// `topics` are what stands behind "help".
ExitCode Help(absl::Span<const Subcommand> subcommands,
              absl::Span<const std::string_view> topics,
              Environment& environment) {
  if (topics.empty()) {
    environment.out.Write(ProgramHelp(subcommands));
    return Finish(ExitCode::kOk, environment);
  }
  if (topics.size() > 1) {
    return UsageError(
        absl::StrCat("help wants one subcommand, and got ", topics.size()),
        "trimaran", environment);
  }
  const Subcommand* const found = FindSubcommand(subcommands, topics.front());
  if (found == nullptr) {
    return UnknownSubcommand(subcommands, topics.front(), environment);
  }
  environment.out.Write(SubcommandHelp(*found));
  return Finish(ExitCode::kOk, environment);
}

ExitCode RunSubcommand(const Subcommand& subcommand,
                       absl::Span<const std::string_view> words,
                       Environment& environment) {
  const std::string command =
      absl::StrCat("trimaran ", ToAbsl(subcommand.name));
  const absl::StatusOr<Arguments> arguments =
      ParseArguments(OptionsOf(subcommand), words);
  if (!arguments.ok()) {
    return UsageError(ToStd(arguments.status().message()), command,
                      environment);
  }
  if (arguments->Has("help")) {
    environment.out.Write(SubcommandHelp(subcommand));
    return Finish(ExitCode::kOk, environment);
  }
  const std::vector<std::string> expected =
      absl::StrSplit(ToAbsl(subcommand.operands), ' ', absl::SkipEmpty());
  const size_t given = arguments->operands().size();
  const bool open_ended = subcommand.operands.ends_with("...");
  const bool optional = subcommand.operands.ends_with("]");
  const size_t least = expected.size() - (optional ? 1 : 0);
  if (given < least || (given > expected.size() && !open_ended)) {
    return UsageError(
        absl::StrCat(
            ToAbsl(subcommand.name), " wants ",
            expected.empty() ? "options only" : ToAbsl(subcommand.operands),
            ", and got ", given, " arguments"),
        command, environment);
  }
  return Finish(subcommand.run(*arguments, environment), environment);
}

}  // namespace

ExitCode Report(const absl::Status& error, Environment& environment) {
  // What has been printed so far comes before what stopped it.
  environment.out.Flush();
  const bool colour = environment.err.is_terminal();
  environment.err.Write(absl::StrCat("trimaran: ", colour ? "\x1b[31m" : "",
                                     EscapeUnreadable(ToStd(error.message())),
                                     colour ? "\x1b[0m" : "", "\n"));
  environment.err.Flush();
  return ExitCodeFor(error);
}

ExitCode RunProgram(absl::Span<const Subcommand> subcommands,
                    absl::Span<const std::string_view> words,
                    Environment& environment) {
  if (words.empty()) {
    environment.err.Write(ProgramHelp(subcommands));
    return ExitCode::kUsage;
  }
  const std::string_view first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    return Help(subcommands, words.subspan(1), environment);
  }
  if (first == "--version") {
    environment.out.Write(absl::StrCat("trimaran ", ToAbsl(kVersion), "\n"));
    return Finish(ExitCode::kOk, environment);
  }
  const Subcommand* const found = FindSubcommand(subcommands, first);
  if (found == nullptr) {
    return UnknownSubcommand(subcommands, first, environment);
  }
  return RunSubcommand(*found, words.subspan(1), environment);
}

}  // namespace trimaran::tool

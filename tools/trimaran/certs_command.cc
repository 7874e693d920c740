#include "tools/trimaran/certs_command.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/src/cluster_name.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"
#include "tools/trimaran/certificates.h"
#include "tools/trimaran/escape.h"
#include "tools/trimaran/inspected_path.h"
#include "tools/trimaran/printer.h"

namespace trimaran::tool {
namespace {

using engine::JoinPath;

constexpr std::array kSpecs = {
    OptionSpec{"out", "DIR", "where the files are put; made if it is missing"},
    OptionSpec{"days", "D",
               "how long it is valid (ca: 3650, node: 825); a node's ends\n"
               "with that of the authority at the latest"},
    OptionSpec{"ca", "DIR", "node: what `certs ca` has made"},
    OptionSpec{"cluster", "NAME", "node: Options::cluster, a name or an id"},
    OptionSpec{"replica", "N", "node: the id of the replica"},
    OptionSpec{"host", "HOST,...", "node: names and addresses of its machine"},
    OptionSpec{"force", "", "replace files that are there"},
};

constexpr std::string_view kAuthorityName = "authority.pem";
constexpr std::string_view kAuthorityKeyName = "authority-key.pem";
constexpr std::string_view kCertificateName = "certificate.pem";
constexpr std::string_view kKeyName = "key.pem";
constexpr uint64_t kPemBytesMax = uint64_t{1} << 20;

absl::Status Wrong(std::string_view option, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("--", ToAbsl(option), ": ", ToAbsl(what)));
}

// ---- The command line ----

absl::StatusOr<uint32_t> DaysOf(const Arguments& arguments, uint32_t usual) {
  constexpr uint64_t days_max = 36500;
  TRIMARAN_ASSIGN_OR_RETURN(const auto days, arguments.Number("days"));
  if (!days.has_value()) return usual;
  if (*days == 0 || *days > days_max) {
    return Wrong("days", absl::StrCat("from 1 to ", days_max));
  }
  return static_cast<uint32_t>(*days);
}

absl::StatusOr<NodeIdentity> IdentityOf(const Arguments& arguments) {
  NodeIdentity identity;
  TRIMARAN_ASSIGN_OR_RETURN(const std::string cluster,
                            arguments.Required("cluster"));
  identity.cluster = ClusterIdOf(cluster);
  TRIMARAN_RETURN_IF_ERROR(arguments.Required("replica").status());
  TRIMARAN_ASSIGN_OR_RETURN(const auto replica, arguments.Number("replica"));
  identity.replica = ReplicaId(replica.value_or(0));
  if (identity.replica == kNoReplica) {
    return Wrong("replica", "ids of replicas begin with 1");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const std::string hosts,
                            arguments.Required("host"));
  identity.hosts = absl::StrSplit(hosts, ',');
  return identity;
}

// ---- Files ----

struct NewFile {
  std::string_view name;
  std::string content;
};

// A directory that nobody else can put files into.
absl::Status PrepareDirectory(engine::FileSystem& files,
                              const std::string& path) {
  constexpr uint32_t others_may_write = 022;
  TRIMARAN_ASSIGN_OR_RETURN(const engine::PathInfo info, files.Inspect(path));
  if (info.kind == engine::FileKind::kAbsent) {
    TRIMARAN_RETURN_IF_ERROR(CheckDestination(path));
    return files.CreateDirectory(path);
  }
  if (info.kind != engine::FileKind::kDirectory) {
    return absl::AlreadyExistsError(
        absl::StrCat("--out: ", path, " is no directory"));
  }
  if (!info.owned || (info.mode & others_may_write) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        path,
        ": others may write to it: no place for a key; chmod go-w, or"
        " choose another directory"));
  }
  return absl::OkStatus();
}

// Each for the owner only, and none if one of them is there and may not be
// replaced.
absl::Status WriteFiles(const Arguments& arguments,
                        const std::vector<NewFile>& contents,
                        Environment& environment) {
  engine::FileSystem& files = environment.files;
  TRIMARAN_ASSIGN_OR_RETURN(const std::string out, arguments.Required("out"));
  TRIMARAN_RETURN_IF_ERROR(PrepareDirectory(files, out));
  for (const NewFile& file : contents) {
    const std::string path = JoinPath(out, file.name);
    TRIMARAN_ASSIGN_OR_RETURN(const auto info, files.Inspect(path));
    if (info.kind != engine::FileKind::kAbsent && !arguments.Has("force")) {
      return absl::AlreadyExistsError(
          absl::StrCat("--out: ", path, " is there; --force replaces it"));
    }
  }
  for (const NewFile& file : contents) {
    TRIMARAN_RETURN_IF_ERROR(engine::WriteFileAtomically(
        files, JoinPath(out, file.name), file.content));
  }
  return absl::OkStatus();
}

absl::StatusOr<Certified> ReadAuthority(const Arguments& arguments,
                                        Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string path, arguments.Required("ca"));
  TRIMARAN_RETURN_IF_ERROR(CheckDirectory(path));
  Certified authority;
  TRIMARAN_ASSIGN_OR_RETURN(
      authority.certificate,
      engine::ReadFile(environment.files, JoinPath(path, kAuthorityName),
                       kPemBytesMax));
  TRIMARAN_ASSIGN_OR_RETURN(
      authority.key,
      engine::ReadFile(environment.files, JoinPath(path, kAuthorityKeyName),
                       kPemBytesMax));
  return authority;
}

// ---- What is made ----

absl::Status RunCa(const Arguments& arguments, Environment& environment) {
  for (const std::string_view option : {"ca", "cluster", "replica", "host"}) {
    if (arguments.Has(option)) {
      return Wrong(option, "an authority has none; it belongs to `certs node`");
    }
  }
  TRIMARAN_ASSIGN_OR_RETURN(const std::string out, arguments.Required("out"));
  TRIMARAN_ASSIGN_OR_RETURN(const uint32_t days, DaysOf(arguments, 3650));
  TRIMARAN_ASSIGN_OR_RETURN(const Certified made, MakeAuthority(days));
  TRIMARAN_RETURN_IF_ERROR(WriteFiles(
      arguments,
      {{kAuthorityKeyName, made.key}, {kAuthorityName, made.certificate}},
      environment));
  TRIMARAN_ASSIGN_OR_RETURN(const std::string end,
                            EndOfCertificate(made.certificate));
  Record record("authority");
  record.Bytes("certificate", JoinPath(out, kAuthorityName), Show::kNamed)
      .Bytes("key", JoinPath(out, kAuthorityKeyName))
      .Text("ends", end);
  const auto printer = MakePrinter(environment.out, {});
  printer->Block(record);
  printer->Remark(
      "Whoever has this key can make members: keep it off their machines.");
  return absl::OkStatus();
}

absl::Status RunNode(const Arguments& arguments, Environment& environment) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string out, arguments.Required("out"));
  TRIMARAN_ASSIGN_OR_RETURN(const NodeIdentity identity, IdentityOf(arguments));
  TRIMARAN_ASSIGN_OR_RETURN(const uint32_t days, DaysOf(arguments, 825));
  TRIMARAN_ASSIGN_OR_RETURN(const Certified authority,
                            ReadAuthority(arguments, environment));
  TRIMARAN_ASSIGN_OR_RETURN(const Certified made,
                            MakeNodeCertificate(authority, identity, days));
  TRIMARAN_RETURN_IF_ERROR(WriteFiles(arguments,
                                      {{kAuthorityName, authority.certificate},
                                       {kKeyName, made.key},
                                       {kCertificateName, made.certificate}},
                                      environment));
  TRIMARAN_ASSIGN_OR_RETURN(const std::string end,
                            EndOfCertificate(made.certificate));
  Record record("node");
  record.Text("name", CertifiedNameOf(identity))
      .Bytes("authority", JoinPath(out, kAuthorityName))
      .Bytes("certificate", JoinPath(out, kCertificateName))
      .Bytes("key", JoinPath(out, kKeyName))
      .Text("ends", end);
  MakePrinter(environment.out, {})->Block(record);
  return absl::OkStatus();
}

ExitCode RunCerts(const Arguments& arguments, Environment& environment) {
  const std::string& what = arguments.operands().front();
  absl::Status status;
  if (what == "ca") {
    status = RunCa(arguments, environment);
  } else if (what == "node") {
    status = RunNode(arguments, environment);
  } else {
    status = absl::InvalidArgumentError(absl::StrCat(
        "certs makes `ca` or `node`, and was asked for ", Quote(what)));
  }
  return status.ok() ? ExitCode::kOk : Report(status, environment);
}

constexpr std::string_view kDetails =
    R"(`certs ca` makes an authority, once for a cluster: authority.pem and
authority-key.pem. `certs node` makes what one replica needs: authority.pem,
certificate.pem and key.pem, for TlsFiles. Keys are not encrypted, and files
are readable by their owner only.
)";

}  // namespace

Subcommand CertsCommand() {
  return {.name = "certs",
          .summary = "Makes the certificates by which members know each other.",
          .operands = "<ca|node>",
          .details = kDetails,
          .options = kSpecs,
          .run = RunCerts};
}

}  // namespace trimaran::tool

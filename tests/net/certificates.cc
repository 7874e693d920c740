#include "tests/net/certificates.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "tests/net/command.h"

namespace trimaran::net {
namespace {

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(to, ": ", error.message()));
}

}  // namespace

absl::Status CertificateAuthority::Make(const std::string& folder,
                                        const std::string& name) {
  folder_ = folder;
  name_ = name;
  return RunCommand({"openssl",
                     "req",
                     "-x509",
                     "-newkey",
                     "ec",
                     "-pkeyopt",
                     "ec_paramgen_curve:P-256",
                     "-nodes",
                     "-days",
                     "30",
                     "-subj",
                     absl::StrCat("/CN=", name),
                     "-addext",
                     "basicConstraints=critical,CA:TRUE",
                     "-addext",
                     "keyUsage=critical,keyCertSign,cRLSign",
                     "-keyout",
                     absl::StrCat(folder, "/", name, ".key"),
                     "-out",
                     certificate()});
}

absl::Status CertificateAuthority::Issue(const std::string& cluster,
                                         uint64_t replica,
                                         const std::string& path) {
  const std::string request = path + ".csr";
  const std::string extensions = path + ".ext";
  TRIMARAN_RETURN_IF_ERROR(RunCommand(
      {"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
       "-nodes", "-subj", absl::StrCat("/CN=replica ", replica), "-keyout",
       path + ".key.new", "-out", request}));
  std::ofstream(extensions)
      << "subjectAltName=URI:trimaran://" << cluster << "/" << replica << "\n"
      << "keyUsage=critical,digitalSignature\n"
      << "extendedKeyUsage=serverAuth,clientAuth\n";
  TRIMARAN_RETURN_IF_ERROR(RunCommand(
      {"openssl", "x509", "-req", "-in", request, "-days", "20", "-CA",
       certificate(), "-CAkey", absl::StrCat(folder_, "/", name_, ".key"),
       "-set_serial", absl::StrCat(++issued_), "-extfile", extensions, "-out",
       path + ".crt.new"}));
  std::error_code ignored;
  std::filesystem::permissions(
      path + ".key.new",
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
      ignored);
  TRIMARAN_RETURN_IF_ERROR(Rename(path + ".key.new", path + ".key"));
  return Rename(path + ".crt.new", path + ".crt");
}

absl::Status ReplaceAuthorities(const std::vector<std::string>& certificates,
                                const std::string& path) {
  {
    std::ofstream out(path + ".new");
    for (const std::string& certificate : certificates) {
      out << std::ifstream(certificate).rdbuf();
    }
    if (!out.flush()) return absl::UnavailableError(path);
  }
  return Rename(path + ".new", path);
}

void UseCertificates(const std::string& path, ReplicaSettings& settings) {
  settings.tls_authority = path + ".ca";
  settings.tls_certificate = path + ".crt";
  settings.tls_key = path + ".key";
}

}  // namespace trimaran::net

#include "tests/replication/tcp/test_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace trimaran {
namespace {

void AddExtension(X509* certificate, X509* issuer, int id,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  TRIMARAN_CHECK(extension != nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* MakeCertificate(const std::string& name, EVP_PKEY* key,
                      absl::Duration lifetime) {
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  // Any that differs: two of one issuer must not share it.
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate),
                  static_cast<long>(absl::ToInt64Seconds(lifetime)));
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

// By a new name that takes the place of the old one, as a careful tool does.
void Replace(const std::filesystem::path& path,
             const std::function<int(std::FILE*)>& write) {
  const std::filesystem::path next = path.string().append(".next");
  std::FILE* file = std::fopen(next.c_str(), "w");
  TRIMARAN_CHECK(file != nullptr) << path;
  TRIMARAN_CHECK_EQ(write(file), 1);
  std::fclose(file);
  std::filesystem::rename(next, path);
}

}  // namespace

TestAuthority::TestAuthority(std::filesystem::path folder,
                             const std::string& name)
    : folder_(std::move(folder)), name_(name), key_(EVP_EC_gen("P-256")) {
  certificate_ = MakeCertificate(name, key_, absl::Hours(24));
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  AddExtension(certificate_, certificate_, NID_basic_constraints,
               "critical,CA:TRUE");
  X509_sign(certificate_, key_, EVP_sha256());
  Replace(certificate_file(), [this](std::FILE* file) {
    return PEM_write_X509(file, certificate_);
  });
}

TestAuthority::~TestAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string TestAuthority::certificate_file() const {
  return folder_ / absl::StrCat(name_, ".pem");
}

TlsCredentials TestAuthority::Issue(const std::string& file,
                                    const std::string& uri,
                                    absl::Duration lifetime) {
  const TlsCredentials files = {
      .authority = certificate_file(),
      .certificate = folder_ / absl::StrCat(file, ".pem"),
      .key = folder_ / absl::StrCat(file, ".key")};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = MakeCertificate(file, key, lifetime);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  AddExtension(certificate, certificate_, NID_subject_alt_name,
               absl::StrCat("URI:", uri));
  X509_sign(certificate, key_, EVP_sha256());
  Replace(files.key, [key](std::FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr,
                                nullptr);
  });
  Replace(files.certificate, [certificate](std::FILE* out) {
    return PEM_write_X509(out, certificate);
  });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

}  // namespace trimaran

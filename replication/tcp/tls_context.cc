#include "replication/tcp/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"

namespace trimaran {
namespace {

// Of the certificates that the other side sends: two are usual.
constexpr long kPeerCertificateBytesMax = 32 * 1024;

absl::Status Bad(const std::string& file, std::string_view what) {
  const absl::Status status =
      TakeTlsError(absl::StrCat(file, ": ", ToAbsl(what)));
  return absl::InvalidArgumentError(status.message());
}

// Instead of asking on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

absl::Time EndOf(const X509* certificate) {
  tm end = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) {
    return absl::InfinitePast();
  }
  return absl::FromTM(end, absl::UTCTimeZone());
}

bool IsAboutCertificates(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
  const int reason = ERR_GET_REASON(error);
  // What the other side has said (RFC 8446, section 6.2).
  constexpr int alerts[] = {
      SSL_AD_BAD_CERTIFICATE,     SSL_AD_UNSUPPORTED_CERTIFICATE,
      SSL_AD_CERTIFICATE_REVOKED, SSL_AD_CERTIFICATE_EXPIRED,
      SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA,
      SSL_AD_ACCESS_DENIED,       SSL_AD_CERTIFICATE_REQUIRED};
  return reason == SSL_R_CERTIFICATE_VERIFY_FAILED ||
         reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE ||
         std::find(std::begin(alerts), std::end(alerts),
                   reason - SSL_AD_REASON_OFFSET) != std::end(alerts);
}

}  // namespace

absl::Status TakeTlsError(std::string_view what) {
  std::vector<std::string> reasons;
  bool about_certificates = false;
  while (const unsigned long error = ERR_get_error()) {
    about_certificates = about_certificates || IsAboutCertificates(error);
    const char* reason = ERR_reason_error_string(error);
    reasons.push_back(reason != nullptr ? reason
                                        : absl::StrCat("error ", error));
  }
  const std::string text = absl::StrCat(
      ToAbsl(what), reasons.empty() ? "" : ": ", absl::StrJoin(reasons, ", "));
  return about_certificates ? absl::PermissionDeniedError(text)
                            : absl::UnavailableError(text);
}

std::vector<std::string> UriNames(const X509* certificate) {
  std::vector<std::string> names;
  if (certificate == nullptr) return names;
  auto* found = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    names.emplace_back(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
        static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  GENERAL_NAMES_free(found);
  return names;
}

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::Load(
    const TlsCredentials& files, const std::string& name) {
  ERR_clear_error();
  SSL_CTX* const raw = SSL_CTX_new(TLS_method());
  if (raw == nullptr) return TakeTlsError("no TLS");
  const std::shared_ptr<TlsContext> context(new TlsContext(raw));
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  // A stream that is cut off is none that was finished: frames have lengths.
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(raw, kPeerCertificateBytesMax);
  SSL_CTX_set_default_passwd_cb(raw, NoPassword);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  if (SSL_CTX_load_verify_file(raw, files.authority.c_str()) != 1) {
    return Bad(files.authority, "no certificates of an authority");
  }
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1) {
    return Bad(files.certificate, "no certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) !=
      1) {
    return Bad(files.key, "no key, or not that of the certificate");
  }
  const X509* const own = SSL_CTX_get0_certificate(raw);
  const std::vector<std::string> names = UriNames(own);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        files.certificate, ": the certificate does not name ", name, ", but ",
        names.empty() ? "no URI"
                      : EscapeForLog(absl::StrJoin(names, " and "))));
  }
  context->expires_ = EndOf(own);
  return std::shared_ptr<const TlsContext>(context);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

}  // namespace trimaran

#include "tools/trimaran/certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

// ---- OpenSSL as this file wants it ----

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Freer<kFree>>;

using OwnedBio = Owned<BIO, BIO_free_all>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedCertificate = Owned<X509, X509_free>;
using OwnedExtension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using OwnedNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;

// What OpenSSL says of the call that has just failed.
absl::Status Failed(std::string_view what) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return absl::InternalError(absl::StrCat(
      ToAbsl(what), ": ", reason == nullptr ? "OpenSSL failed" : reason));
}

// Where OpenSSL answers by 1.
absl::Status Check(int result, std::string_view what) {
  return result == 1 ? absl::OkStatus() : Failed(what);
}

OwnedBio ReadFrom(const std::string& text) {
  return OwnedBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string TextIn(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

// Nobody is asked for the password of a key.
int NoPassword(char*, int, int, void*) { return -1; }

// ---- Parts of a certificate ----

absl::StatusOr<OwnedKey> MakeKey() {
  OwnedKey key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("make a key");
  return key;
}

// Random, so that no two certificates of one authority have the same.
absl::Status SetSerial(X509* certificate) {
  constexpr int serial_bits = 127;
  const Owned<BIGNUM, BN_free> serial(BN_new());
  if (serial == nullptr ||
      BN_rand(serial.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) !=
          1 ||
      BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) ==
          nullptr) {
    return Failed("draw a serial number");
  }
  return absl::OkStatus();
}

absl::Status SetSubject(X509* certificate, const std::string& name) {
  return Check(X509_NAME_add_entry_by_txt(
                   X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                   reinterpret_cast<const unsigned char*>(name.data()),
                   static_cast<int>(name.size()), -1, 0),
               "set the subject");
}

absl::Status SetPeriod(X509* certificate, uint32_t days) {
  // Clocks of members may differ.
  constexpr long early_seconds = -3600;
  if (X509_gmtime_adj(X509_getm_notBefore(certificate), early_seconds) ==
          nullptr ||
      X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(days),
                       0, nullptr) == nullptr) {
    return Failed("set the period");
  }
  return absl::OkStatus();
}

// `value` in OpenSSL's own notation; `issuer` signs.
absl::Status AddExtension(X509* certificate, X509* issuer, int kind,
                          const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const OwnedExtension extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  if (extension == nullptr) return Failed(value);
  return Check(X509_add_ext(certificate, extension.get(), -1), value);
}

// Everything but who it is for, and the signature.
absl::StatusOr<OwnedCertificate> BeginCertificate(EVP_PKEY* key,
                                                  const std::string& subject,
                                                  uint32_t days) {
  OwnedCertificate certificate(X509_new());
  if (certificate == nullptr) return Failed("make a certificate");
  TRIMARAN_RETURN_IF_ERROR(Check(
      X509_set_version(certificate.get(), X509_VERSION_3), "set the version"));
  TRIMARAN_RETURN_IF_ERROR(SetSerial(certificate.get()));
  TRIMARAN_RETURN_IF_ERROR(SetSubject(certificate.get(), subject));
  TRIMARAN_RETURN_IF_ERROR(SetPeriod(certificate.get(), days));
  TRIMARAN_RETURN_IF_ERROR(
      Check(X509_set_pubkey(certificate.get(), key), "set the key"));
  return certificate;
}

absl::StatusOr<Certified> Sign(X509* certificate, EVP_PKEY* key,
                               EVP_PKEY* issuer_key) {
  if (X509_sign(certificate, issuer_key, EVP_sha256()) == 0) {
    return Failed("sign the certificate");
  }
  const OwnedBio certificate_text(BIO_new(BIO_s_mem()));
  const OwnedBio key_text(BIO_new(BIO_s_mem()));
  TRIMARAN_RETURN_IF_ERROR(
      Check(PEM_write_bio_X509(certificate_text.get(), certificate),
            "write the certificate"));
  TRIMARAN_RETURN_IF_ERROR(
      Check(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key, nullptr, nullptr,
                                          0, nullptr, nullptr),
            "write the key"));
  return Certified{TextIn(certificate_text.get()), TextIn(key_text.get())};
}

// ---- Names ----

bool IsHostName(std::string_view host) {
  constexpr size_t host_bytes_max = 253;
  const auto is_plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '.' || c == '_';
  };
  return !host.empty() && host.size() <= host_bytes_max &&
         std::all_of(host.begin(), host.end(), is_plain) &&
         absl::ascii_isalnum(static_cast<unsigned char>(host.front()));
}

// Not by OpenSSL's notation for extensions, in which a name could say more than
// it is meant to.
absl::Status AddName(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  Owned<ASN1_STRING, ASN1_STRING_free> owned(value);
  Owned<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
  if (owned == nullptr || name == nullptr) return Failed("make a name");
  GENERAL_NAME_set0_value(name.get(), type, owned.release());
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) {
    return Failed("add a name");
  }
  // It is the list's now.
  static_cast<void>(name.release());
  return absl::OkStatus();
}

ASN1_STRING* Ia5String(const std::string& text) {
  ASN1_STRING* const string = ASN1_IA5STRING_new();
  if (string != nullptr &&
      ASN1_STRING_set(string, text.data(), static_cast<int>(text.size())) !=
          1) {
    ASN1_STRING_free(string);
    return nullptr;
  }
  return string;
}

absl::Status AddHost(GENERAL_NAMES* names, const std::string& host) {
  if (ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str())) {
    return AddName(names, GEN_IPADD, address);
  }
  ERR_clear_error();
  if (!IsHostName(host)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--host: ", Quote(host),
        " is neither the name nor the numeric address of a host; a port does "
        "not belong to it"));
  }
  return AddName(names, GEN_DNS, Ia5String(host));
}

absl::Status AddNames(X509* certificate, const NodeIdentity& identity) {
  const OwnedNames names(GENERAL_NAMES_new());
  if (names == nullptr) return Failed("make names");
  TRIMARAN_RETURN_IF_ERROR(
      AddName(names.get(), GEN_URI, Ia5String(CertifiedNameOf(identity))));
  for (const std::string& host : identity.hosts) {
    TRIMARAN_RETURN_IF_ERROR(AddHost(names.get(), host));
  }
  return Check(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(),
                                 /*crit=*/0, /*flags=*/0),
               "add names");
}

// ---- The authority ----

absl::StatusOr<OwnedCertificate> ReadCertificate(const std::string& text) {
  OwnedCertificate certificate(
      PEM_read_bio_X509(ReadFrom(text).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) {
    return absl::InvalidArgumentError("no certificate in PEM format");
  }
  return certificate;
}

absl::StatusOr<OwnedKey> ReadKey(const std::string& text) {
  OwnedKey key(PEM_read_bio_PrivateKey(ReadFrom(text).get(), nullptr,
                                       NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "no private key in PEM format, or one that is encrypted");
  }
  return key;
}

absl::Status CheckAuthority(X509* certificate, EVP_PKEY* key) {
  if (X509_check_ca(certificate) != 1) {
    return absl::InvalidArgumentError(
        "the certificate is not one of an authority");
  }
  if (X509_check_private_key(certificate, key) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "the authority's key does not belong to its certificate");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) {
    return absl::InvalidArgumentError("the authority's certificate has ended");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Certified> MakeAuthority(uint32_t days) {
  TRIMARAN_ASSIGN_OR_RETURN(const OwnedKey key, MakeKey());
  TRIMARAN_ASSIGN_OR_RETURN(
      const OwnedCertificate certificate,
      BeginCertificate(key.get(), "trimaran authority", days));
  X509* const self = certificate.get();
  TRIMARAN_RETURN_IF_ERROR(
      Check(X509_set_issuer_name(self, X509_get_subject_name(self)),
            "set the issuer"));
  TRIMARAN_RETURN_IF_ERROR(AddExtension(self, self, NID_basic_constraints,
                                        "critical,CA:TRUE,pathlen:0"));
  TRIMARAN_RETURN_IF_ERROR(
      AddExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign"));
  TRIMARAN_RETURN_IF_ERROR(
      AddExtension(self, self, NID_subject_key_identifier, "hash"));
  return Sign(self, key.get(), key.get());
}

std::string CertifiedNameOf(const NodeIdentity& identity) {
  return absl::StrCat("trimaran://", identity.cluster.ToString(), "/",
                      identity.replica.value());
}

absl::StatusOr<Certified> MakeNodeCertificate(const Certified& authority,
                                              const NodeIdentity& identity,
                                              uint32_t days) {
  TRIMARAN_ASSIGN_OR_RETURN(const OwnedCertificate issuer,
                            ReadCertificate(authority.certificate));
  TRIMARAN_ASSIGN_OR_RETURN(const OwnedKey issuer_key, ReadKey(authority.key));
  TRIMARAN_RETURN_IF_ERROR(CheckAuthority(issuer.get(), issuer_key.get()));
  TRIMARAN_ASSIGN_OR_RETURN(const OwnedKey key, MakeKey());
  TRIMARAN_ASSIGN_OR_RETURN(
      const OwnedCertificate certificate,
      BeginCertificate(
          key.get(),
          absl::StrCat("trimaran replica ", identity.replica.value()), days));
  X509* const self = certificate.get();
  TRIMARAN_RETURN_IF_ERROR(
      Check(X509_set_issuer_name(self, X509_get_subject_name(issuer.get())),
            "set the issuer"));
  const ASN1_TIME* const end = X509_get0_notAfter(issuer.get());
  if (ASN1_TIME_compare(X509_get0_notAfter(self), end) > 0) {
    TRIMARAN_RETURN_IF_ERROR(
        Check(X509_set1_notAfter(self, end), "set the period"));
  }
  const struct {
    int kind;
    const char* value;
  } extensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, "serverAuth,clientAuth"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
  };
  for (const auto& [kind, value] : extensions) {
    TRIMARAN_RETURN_IF_ERROR(AddExtension(self, issuer.get(), kind, value));
  }
  TRIMARAN_RETURN_IF_ERROR(AddNames(self, identity));
  return Sign(self, key.get(), issuer_key.get());
}

absl::StatusOr<std::string> EndOfCertificate(const std::string& certificate) {
  TRIMARAN_ASSIGN_OR_RETURN(const OwnedCertificate parsed,
                            ReadCertificate(certificate));
  const OwnedBio text(BIO_new(BIO_s_mem()));
  TRIMARAN_RETURN_IF_ERROR(
      Check(ASN1_TIME_print(text.get(), X509_get0_notAfter(parsed.get())),
            "print the end"));
  return TextIn(text.get());
}

}  // namespace trimaran::tool

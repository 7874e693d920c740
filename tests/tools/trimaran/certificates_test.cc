// Goal: certificates are those by which members know each other, and no
// authority vouches for anything but a member. Method: what was made is read
// and verified by OpenSSL.

#include "tools/trimaran/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using CertificatePtr = std::shared_ptr<X509>;

CertificatePtr Parse(const std::string& pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  CertificatePtr certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr),
                             X509_free);
  BIO_free_all(bio);
  EXPECT_NE(certificate, nullptr);
  return certificate;
}

// As `openssl x509 -text` shows it.
std::string Shown(const std::string& pem) {
  BIO* const bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(X509_print_ex(bio, Parse(pem).get(), XN_FLAG_ONELINE, 0), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free_all(bio);
  return text;
}

// X509_V_OK, or what is wrong, when the other side is to have `purpose`.
int Verify(const std::string& authority, const std::string& certificate,
           int purpose) {
  X509_STORE* const store = X509_STORE_new();
  X509_STORE_add_cert(store, Parse(authority).get());
  X509_STORE_CTX* const context = X509_STORE_CTX_new();
  const CertificatePtr leaf = Parse(certificate);
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

NodeIdentity Node() {
  return {{0x0123456789abcdef, 0xfedcba9876543210},
          ReplicaId(3),
          {"db3.example.org", "10.0.0.3", "2001:db8::3"}};
}

TEST(CertificatesTest, AMemberIsVouchedForOnBothSidesOfAConnection) {
  const Certified authority = MakeAuthority(3650).value();
  const Certified node = MakeNodeCertificate(authority, Node(), 825).value();
  EXPECT_EQ(
      Verify(authority.certificate, node.certificate, X509_PURPOSE_SSL_SERVER),
      X509_V_OK);
  EXPECT_EQ(
      Verify(authority.certificate, node.certificate, X509_PURPOSE_SSL_CLIENT),
      X509_V_OK);
  const std::string text = Shown(node.certificate);
  EXPECT_THAT(text,
              HasSubstr("URI:trimaran://0123456789abcdeffedcba9876543210/3, "
                        "DNS:db3.example.org, IP Address:10.0.0.3, "
                        "IP Address:2001:DB8:0:0:0:0:0:3"));
  EXPECT_THAT(text, HasSubstr("CN = trimaran replica 3"));
  EXPECT_THAT(text, HasSubstr("NIST CURVE: P-256"));
  EXPECT_THAT(text, HasSubstr("CA:FALSE"));
  EXPECT_THAT(text, HasSubstr("TLS Web Server Authentication, TLS Web Client "
                              "Authentication"));
  EXPECT_THAT(node.key, HasSubstr("BEGIN PRIVATE KEY"));
  EXPECT_THAT(node.certificate, Not(HasSubstr("PRIVATE")));
}

TEST(CertificatesTest, AnotherAuthorityDoesNotVouch) {
  const Certified authority = MakeAuthority(10).value();
  const Certified other = MakeAuthority(10).value();
  const Certified node = MakeNodeCertificate(authority, Node(), 5).value();
  EXPECT_NE(
      Verify(other.certificate, node.certificate, X509_PURPOSE_SSL_SERVER),
      X509_V_OK);
}

TEST(CertificatesTest, AMemberIsNoAuthority) {
  const Certified authority = MakeAuthority(10).value();
  const Certified node = MakeNodeCertificate(authority, Node(), 5).value();
  EXPECT_TRUE(
      absl::IsInvalidArgument(MakeNodeCertificate(node, Node(), 5).status()));
  EXPECT_THAT(Shown(authority.certificate), HasSubstr("CA:TRUE, pathlen:0"));
}

TEST(CertificatesTest, TheAuthoritysKeyMustBeItsOwn) {
  Certified mixed = MakeAuthority(10).value();
  mixed.key = MakeAuthority(10).value().key;
  EXPECT_THAT(MakeNodeCertificate(mixed, Node(), 5).status().message(),
              HasSubstr("does not belong to its certificate"));
  mixed.key = "no key";
  EXPECT_TRUE(
      absl::IsInvalidArgument(MakeNodeCertificate(mixed, Node(), 5).status()));
  mixed.certificate = "no certificate";
  EXPECT_TRUE(
      absl::IsInvalidArgument(MakeNodeCertificate(mixed, Node(), 5).status()));
}

TEST(CertificatesTest, NothingOutlivesItsAuthority) {
  const Certified authority = MakeAuthority(10).value();
  const Certified node = MakeNodeCertificate(authority, Node(), 5000).value();
  EXPECT_EQ(EndOfCertificate(node.certificate).value(),
            EndOfCertificate(authority.certificate).value());
  const Certified shorter = MakeNodeCertificate(authority, Node(), 5).value();
  EXPECT_NE(EndOfCertificate(shorter.certificate).value(),
            EndOfCertificate(authority.certificate).value());
}

TEST(CertificatesTest, NoTwoCertificatesAreTheSame) {
  const Certified authority = MakeAuthority(10).value();
  const CertificatePtr a =
      Parse(MakeNodeCertificate(authority, Node(), 5)->certificate);
  const CertificatePtr b =
      Parse(MakeNodeCertificate(authority, Node(), 5)->certificate);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(a.get()),
                             X509_get0_serialNumber(b.get())),
            0);
}

// A name that could say more than it is meant to is none.
TEST(CertificatesTest, WhatIsNoHostIsRefused) {
  const Certified authority = MakeAuthority(10).value();
  const std::string long_name(254, 'a');
  for (const std::string_view host :
       {"", "db1:7400", "db1,URI:trimaran://x/1", "a b", "-a", "[::1]", "a/b",
        "\xc3\xa4", long_name.c_str()}) {
    NodeIdentity node = Node();
    node.hosts = {std::string(host)};
    EXPECT_TRUE(absl::IsInvalidArgument(
        MakeNodeCertificate(authority, node, 5).status()))
        << host;
  }
}

}  // namespace
}  // namespace trimaran::tool

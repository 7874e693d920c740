#ifndef TRIMARAN_TOOLS_SERVE_CONSTANT_TIME_H_
#define TRIMARAN_TOOLS_SERVE_CONSTANT_TIME_H_

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <string_view>

namespace trimaran::serve {

// Whether both are the same, in a time that tells nothing of `secret`, not even
// how long it is.
//
// Thread: any.
inline bool SameBytes(std::string_view guess, std::string_view secret) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> a;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> b;
  SHA256(reinterpret_cast<const unsigned char*>(guess.data()), guess.size(),
         a.data());
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         b.data());
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_CONSTANT_TIME_H_

#ifndef TRIMARAN_REPLICATION_TCP_MUTANT_H_
#define TRIMARAN_REPLICATION_TCP_MUTANT_H_

#include <cstdint>

// Bugs that transports have had, or nearly had; what engine/base/mutant.h says.

namespace trimaran {

enum class TcpMutant : uint8_t {
  kNone,
  // Who is there.
  kCertifiedNameNotCompared,
  kSenderTakenFromMessage,
  kPeerBelievedBeforeGroup,
  kSecondProcessWelcome,
  kOlderConnectionKept,
  kUnprotectedBeyondLoopback,
  kCertificateNotReadAgain,
  // What is sent.
  kPartialWriteForgotten,
  // What is bounded.
  kSendQueueUnbounded,
  kStrangersUnbounded,
  // What is noticed and told.
  kSilenceNotNoticed,
  kLossNotTold,
  kWrongStoreNotTold,
  kPartNotTold,
};

#ifdef TRIMARAN_MUTANTS
bool MutantActive(TcpMutant mutant);
#else
constexpr bool MutantActive(TcpMutant) { return false; }
#endif

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_MUTANT_H_

#ifndef TRIMARAN_TESTS_NET_TCP_PROXY_H_
#define TRIMARAN_TESTS_NET_TCP_PROXY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/net/proxy_flow.h"

namespace trimaran::net {

// Which replica has dialled, from which port to which of the proxy; 0: none
// that is known, which is turned away. Called on the proxy's thread.
using FindDialler = std::function<uint64_t(uint16_t from, uint16_t to)>;

// Stands before the port of each replica, which the others know by the proxy's
// address alone, and does harm to what they say. Rules are by direction: those
// from 1 to 2 are for what 1 sends to 2, on whichever connection, whoever has
// dialled it.
//
// Thread: any; it has one of its own, and calls act before they return.
class TcpProxy {
 public:
  static absl::StatusOr<std::unique_ptr<TcpProxy>> Start(uint64_t seed,
                                                         FindDialler find);
  ~TcpProxy();

  // Opens a port for a replica, which listens at `target`, and returns the
  // address that the others are to be told.
  absl::StatusOr<std::string> Open(uint64_t replica, uint16_t target);

  void SetRules(uint64_t from, uint64_t to, const LinkRules& rules);
  LinkRules rules(uint64_t from, uint64_t to) const;
  // All rules away, and whoever was refused is let in again.
  void Heal();

  // ---- Connections that `from` has dialled to `to` ----

  // Resets them.
  void Drop(uint64_t from, uint64_t to);
  // Resets them, and all that come until Heal.
  void Refuse(uint64_t from, uint64_t to);
  // Tells `to` that nothing more comes, while its answers still pass.
  void HalfClose(uint64_t from, uint64_t to);
  // Resets them as soon as `bytes` more have come from `from` to `to`.
  void DropAfter(uint64_t from, uint64_t to, uint64_t bytes);

  // ---- What has been ----

  struct Counts {
    // That have arrived.
    uint64_t bytes = 0;
    uint64_t pieces_corrupted = 0;
    // Dialled by `from`, and those of them that are there now.
    uint64_t connections = 0;
    uint64_t connections_open = 0;
  };
  Counts counts(uint64_t from, uint64_t to) const;
  // Of diallers that nobody knew.
  uint64_t turned_away() const;

 private:
  class Impl;
  explicit TcpProxy(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_TCP_PROXY_H_

#include "replication/tcp/listener.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace trimaran {
namespace {

// Then the others have a turn.
constexpr int kAcceptsPerTurn = 32;
constexpr absl::Duration kPause = absl::Milliseconds(100);

}  // namespace

Listener::Listener(const Services& services, UniqueFd socket, Callback callback)
    : services_(services),
      socket_(std::move(socket)),
      callback_(std::move(callback)),
      pause_(services.loop),
      watch_(services.loop, socket_.get()) {}

Listener::~Listener() = default;

void Listener::Start() {
  watch_.WhenReadable([this] { AcceptAll(); });
}

void Listener::AcceptAll() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Accepted accepted = AcceptOne(socket_);
    switch (accepted.kind) {
      case Accepted::Kind::kSocket:
        callback_(std::move(accepted.socket));
        break;
      case Accepted::Kind::kGone:
        break;
      case Accepted::Kind::kNobody:
        return Start();
      case Accepted::Kind::kNoRoom:
        services_.Warn(kNoReplica, "accept", ToStd(accepted.error.message()));
        pause_.After(kPause, [this] { AcceptAll(); });
        return;
    }
  }
  Start();
}

}  // namespace trimaran

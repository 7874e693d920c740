#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "replication/proto/peer.pb.h"
#include "replication/wire/handshake.h"
#include "replication/wire/meta.h"

namespace trimaran::wire {
namespace {

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("handshake: ", what));
}

}  // namespace

std::string Encode(const Hello& hello) {
  proto::Hello message;
  message.set_version_min(hello.version_min);
  message.set_version_max(hello.version_max);
  message.set_cluster_high(hello.from.cluster.high);
  message.set_cluster_low(hello.from.cluster.low);
  message.set_group(hello.from.group.value());
  message.set_replica(hello.from.replica.value());
  message.set_store(hello.from.store.value());
  message.set_nonce(hello.from.nonce);
  message.set_channel(static_cast<uint32_t>(hello.channel));
  message.set_to(hello.to.value());
  message.set_to_store(hello.to_store.value());
  message.set_address(hello.address);
  message.set_position_term(hello.position.term.value());
  FillEntryId(hello.position.last, *message.mutable_position_last());
  message.set_features(hello.features);
  return message.SerializeAsString();
}

std::string Encode(const Welcome& welcome) {
  proto::Welcome message;
  message.set_version(welcome.version);
  message.set_store(welcome.store.value());
  message.set_nonce(welcome.nonce);
  message.set_features(welcome.features);
  return message.SerializeAsString();
}

std::string Encode(const Refusal& refusal) {
  proto::Refusal message;
  message.set_reason(static_cast<uint32_t>(refusal.reason));
  message.set_text(refusal.text.substr(0, kRefusalTextBytesMax));
  message.set_bound(refusal.bound.value());
  return message.SerializeAsString();
}

absl::StatusOr<Hello> DecodeHello(std::string_view meta) {
  proto::Hello message;
  if (!ParseMeta(meta, message)) return Malformed("Hello cannot be parsed");
  if (message.version_min() == 0 ||
      message.version_min() > message.version_max()) {
    return Malformed(absl::StrCat("versions ", message.version_min(), " to ",
                                  message.version_max()));
  }
  if (message.replica() == 0) return Malformed("a replica without an id");
  if (message.channel() > static_cast<uint32_t>(Channel::kBulk)) {
    return Malformed(absl::StrCat("unknown channel ", message.channel()));
  }
  if (message.address().size() > kAddressBytesMax) {
    return Malformed(absl::StrCat("an address of ", message.address().size(),
                                  " bytes; the limit is ", kAddressBytesMax));
  }
  Hello hello;
  hello.version_min = message.version_min();
  hello.version_max = message.version_max();
  hello.from = {{message.cluster_high(), message.cluster_low()},
                GroupId(message.group()),
                ReplicaId(message.replica()),
                StoreId(message.store()),
                message.nonce()};
  hello.channel = static_cast<Channel>(message.channel());
  hello.to = ReplicaId(message.to());
  hello.to_store = StoreId(message.to_store());
  hello.address = message.address();
  hello.position = {Term(message.position_term()),
                    EntryIdOf(message.position_last())};
  hello.features = message.features();
  return hello;
}

absl::StatusOr<Welcome> DecodeWelcome(std::string_view meta) {
  proto::Welcome message;
  if (!ParseMeta(meta, message)) return Malformed("Welcome cannot be parsed");
  return Welcome{message.version(), StoreId(message.store()), message.nonce(),
                 message.features()};
}

absl::StatusOr<Refusal> DecodeRefusal(std::string_view meta) {
  proto::Refusal message;
  if (!ParseMeta(meta, message)) return Malformed("Refusal cannot be parsed");
  if (message.text().size() > kRefusalTextBytesMax) {
    return Malformed(absl::StrCat("a text of ", message.text().size(),
                                  " bytes; the limit is ",
                                  kRefusalTextBytesMax));
  }
  const bool known =
      message.reason() <= static_cast<uint32_t>(RefusalReason::kBusy);
  return Refusal{known ? static_cast<RefusalReason>(message.reason())
                       : RefusalReason::kUnknown,
                 message.text(), StoreId(message.bound())};
}

}  // namespace trimaran::wire

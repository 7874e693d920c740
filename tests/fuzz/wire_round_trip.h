#ifndef TRIMARAN_TESTS_FUZZ_WIRE_ROUND_TRIP_H_
#define TRIMARAN_TESTS_FUZZ_WIRE_ROUND_TRIP_H_

#include <optional>
#include <string_view>

#include "replication/transport/peer_message.h"
#include "replication/wire/frame.h"

// What may come in on a connection. Whatever is taken means one thing only:
// encoding it and decoding that gives the same. These abort where that does not
// hold, and return false where the bytes are refused.
//
// Thread: any.

namespace trimaran::wire {

// `body` as it arrives at the other side. Empty if it cannot be sent, or would
// be refused.
std::optional<PeerBody> OverTheWire(const PeerBody& body);

// `meta` as what a process says when it introduces itself, and whether it would
// be let in.
bool CheckHandshake(std::string_view meta);
// The content of a frame with the right checksums.
bool CheckMessage(FrameType type, std::string_view meta, std::string_view blob);
// A whole stream, as it is.
bool CheckRawStream(std::string_view stream);
// `choices` tell which messages are sent, where the stream breaks off or is
// changed, and in which pieces it arrives: all messages up to that place come
// out, and nothing else.
bool CheckConnection(std::string_view choices);

// All of these. The first byte chooses which; the others are what it gets.
bool CheckWireInput(std::string_view input);

}  // namespace trimaran::wire

#endif  // TRIMARAN_TESTS_FUZZ_WIRE_ROUND_TRIP_H_

// Goal: with TLS, nobody reads, nobody writes and nobody listens but who has a
// certificate of the authority with the right name in it.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/check.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/tcp/address.h"
#include "replication/tcp/socket.h"
#include "replication/tcp/stream_factory.h"
#include "replication/tcp/tls_context.h"
#include "replication/tcp/tls_stream.h"
#include "tests/replication/tcp/raw_peer.h"
#include "tests/replication/tcp/tcp_fixture.h"
#include "tests/replication/tcp/test_authority.h"

namespace trimaran {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

constexpr ReplicaId kOne(1);
constexpr ReplicaId kTwo(2);

std::filesystem::path NewFolder() {
  std::string pattern =
      std::filesystem::temp_directory_path() / "tls_test.XXXXXX";
  return ::mkdtemp(pattern.data());
}

std::string NameOf(ReplicaId replica) {
  return CertifiedName(TestOptions(replica).cluster, replica);
}

// Speaks TLS with a certificate of its own, and says what it likes.
class TlsClient {
 public:
  TlsClient(const TlsCredentials& files, const std::string& name,
            const std::string& address) {
    auto context = TlsContext::Load(files, name);
    TRIMARAN_CHECK(context.ok()) << context.status();
    auto socket =
        BeginConnect(Endpoint::FromDigits(*ParseHostPort(address)).value());
    TRIMARAN_CHECK(socket.ok()) << socket.status();
    auto stream = MakeTlsStream(*context, *std::move(socket),
                                StreamFactory::Side::kDialler);
    TRIMARAN_CHECK(stream.ok()) << stream.status();
    stream_ = *std::move(stream);
    Insist([this] { return stream_->Handshake(); });
  }

  void SendHello(const wire::Hello& hello) {
    std::string bytes =
        wire::MakeFrame(wire::FrameType::kHello, wire::Encode(hello)).head;
    const iovec part = {bytes.data(), bytes.size()};
    Insist([&] { return stream_->Write({&part, 1}); });
  }
  std::optional<OwnedFrame> ReadFrame() {
    while (true) {
      const auto frame = reader_.Next();
      if (!frame.ok()) return std::nullopt;
      if (frame->has_value()) {
        return OwnedFrame{(*frame)->type, std::string((*frame)->meta)};
      }
      const absl::Span<char> space = reader_.Space();
      const IoResult result = Insist([&] { return stream_->Read(space); });
      if (result.kind != IoResult::Kind::kDone) return std::nullopt;
      reader_.Filled(result.bytes);
    }
  }

 private:
  static IoResult Insist(const std::function<IoResult()>& step) {
    IoResult result;
    Eventually([&] {
      result = step();
      return result.kind != IoResult::Kind::kWaitReadable &&
             result.kind != IoResult::Kind::kWaitWritable;
    });
    return result;
  }

  std::unique_ptr<ByteStream> stream_;
  wire::FrameReader reader_{wire::FrameReader::Stage::kHandshake};
};

class TlsTest : public testing::Test {
 protected:
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  // A replica with a certificate of `authority`.
  TcpOptions Certified(ReplicaId replica, TestAuthority& authority,
                       absl::Duration lifetime = absl::Hours(1)) {
    TcpOptions options = TestOptions(replica);
    options.tls = authority.Issue(absl::StrCat("replica", replica.value()),
                                  NameOf(replica), lifetime);
    return options;
  }
  TcpOptions Certified(ReplicaId replica) {
    return Certified(replica, authority_);
  }

  const std::filesystem::path folder_ = NewFolder();
  TestAuthority authority_{folder_, "authority"};
};

TEST_F(TlsTest, MessagesOfAllSizesArrive) {
  TestPeer one(Certified(kOne));
  TestPeer two(Certified(kTwo));
  Introduce({&one, &two});
  ASSERT_TRUE(AllConnected({&one, &two}));
  for (uint64_t i = 0; i < 200; ++i) {
    const size_t bytes = i % 10 == 0 ? 300'000 : i;
    one.Send(kTwo, MsgForward{.request = i,
                              .entry = Payload(std::string(bytes, 'e'))});
    two.SendNumber(kOne, i);
  }
  ASSERT_TRUE(Eventually(
      [&] { return two.sink().count() == 200 && one.sink().count() == 200; }));
  uint64_t next = 0;
  for (const PeerMessage& message : two.sink().messages()) {
    EXPECT_EQ(std::get<MsgForward>(message.body).request, next++);
  }
}

// Encrypted, every message passes through the thread that sees to chunks, too.
TEST_F(TlsTest, TheConnectionForChunksIsClosedWhileMessagesPass) {
  TcpOptions options = Certified(kOne);
  options.bulk_unused_max = absl::Milliseconds(300);
  TestPeer one(options);
  TestPeer two(Certified(kTwo));
  two.Know({{kTwo, two.record()}});
  one.Know({{kOne, one.record()}, {kTwo, two.record()}});
  const auto accepted = [&] { return two.transport().status().accepted; };
  size_t sent = 0;
  const auto send_chunk = [&] {
    one.Send(kTwo, MsgSnapshotChunk{
                       .snapshot = 1, .chunk = 2, .bytes = Payload("chunk")});
    ++sent;
    return Eventually([&] { return two.sink().count() == sent; });
  };
  ASSERT_TRUE(Eventually([&] { return one.link(kTwo).sending; }));
  ASSERT_TRUE(send_chunk());
  const uint64_t before = accepted();
  // What comes next needs another one.
  EXPECT_TRUE(Eventually([&] {
    for (int i = 0; i < 50; ++i) {
      one.SendNumber(kTwo, 1);
      ++sent;
      LetTimePass(absl::Milliseconds(20));
    }
    return send_chunk() && accepted() > before;
  }));
}

TEST_F(TlsTest, TheStatusTellsWhenTheCertificateEnds) {
  TestPeer one(Certified(kOne));
  const auto expires = one.transport().status().certificate_expires;
  ASSERT_TRUE(expires.has_value());
  EXPECT_GT(*expires, absl::UnixEpoch());
}

TEST_F(TlsTest, AnotherAuthorityIsNotBelieved) {
  TestAuthority other(folder_, "other");
  TestPeer one(Certified(kOne));
  TestPeer two(Certified(kTwo, other));
  Introduce({&one, &two});
  ASSERT_TRUE(Eventually(
      [&] { return one.link(kTwo).refused && two.link(kOne).refused; }));
  EXPECT_THAT(one.link(kTwo).error,
              AnyOf(HasSubstr("certificate"), HasSubstr("unknown ca")));
  EXPECT_TRUE(Eventually([&] { return one.transport().status().refused > 0; }));
  EXPECT_THAT(one.transport().status().last_refusal, HasSubstr("certificate"));
  EXPECT_FALSE(one.link(kTwo).receiving || two.link(kOne).receiving);
}

TEST_F(TlsTest, AReplicaMustHaveItsOwnName) {
  // A certificate of the authority, of another replica: what is stolen from
  // one does not speak for all. A good one can only be loaded under its own
  // name, so that the thief changes what he says.
  TcpOptions thief = Certified(ReplicaId(3));
  TestPeer one(Certified(kOne));
  TestPeer two(thief);
  // As acceptor.
  PeerRecord record = two.record();
  record.store = StoreId();
  one.Know({{kTwo, record}});
  ASSERT_TRUE(Eventually([&] { return one.link(kTwo).refused; }));
  EXPECT_THAT(one.link(kTwo).error, HasSubstr("refused, certificate"));
  // The other side hears of it.
  EXPECT_TRUE(Eventually([&] {
    return two.transport().status().last_refusal.find("certificate") !=
           std::string::npos;
  }));
}

TEST_F(TlsTest, NobodySaysHelloForAnother) {
  TestPeer one(Certified(kOne));
  const TlsCredentials files = authority_.Issue("three", NameOf(ReplicaId(3)));
  for (const ReplicaId claimed : {kTwo, ReplicaId(3)}) {
    TlsClient client(files, NameOf(ReplicaId(3)), one.address());
    client.SendHello(HelloFrom(TestOptions(claimed), one.options()));
    const auto answer = client.ReadFrame();
    ASSERT_TRUE(answer.has_value());
    if (claimed == ReplicaId(3)) {
      EXPECT_EQ(answer->type, wire::FrameType::kWelcome);
      continue;
    }
    ASSERT_EQ(answer->type, wire::FrameType::kRefusal);
    EXPECT_EQ(wire::DecodeRefusal(answer->meta)->reason,
              wire::RefusalReason::kCertificate);
  }
}

TEST_F(TlsTest, ACertificateWithoutTheNameIsNotEvenLoaded) {
  TcpOptions options = TestOptions(kOne);
  options.tls = authority_.Issue("wrong", NameOf(kTwo));
  const absl::Status status = TcpTransport::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("does not name ", NameOf(kOne))));
}

TEST_F(TlsTest, AnExpiredCertificateOpensNothing) {
  TestPeer one(Certified(kOne));
  TestPeer two(Certified(kTwo, authority_, -absl::Seconds(10)));
  Introduce({&one, &two});
  ASSERT_TRUE(Eventually(
      [&] { return one.link(kTwo).refused && two.link(kOne).refused; }));
  EXPECT_THAT(one.link(kTwo).error, HasSubstr("expired"));
  EXPECT_THAT(two.link(kOne).error, HasSubstr("expired"));
}

TEST_F(TlsTest, PlainAndEncryptedDoNotMeet) {
  TestPeer one(Certified(kOne));
  TestPeer two(TestOptions(kTwo));
  Introduce({&one, &two});
  ASSERT_TRUE(Eventually([&] {
    return !one.link(kTwo).error.empty() && !two.link(kOne).error.empty();
  }));
  EXPECT_THAT(one.link(kTwo).error, HasSubstr("instead of speaking TLS"));
  EXPECT_THAT(two.link(kOne).error, HasSubstr("it may want TLS"));
  LetTimePass(absl::Milliseconds(100));
  EXPECT_FALSE(one.link(kTwo).sending || two.link(kOne).sending);
  EXPECT_FALSE(one.link(kTwo).receiving || two.link(kOne).receiving);
}

TEST_F(TlsTest, ARenewedCertificateIsUsedWithoutARestart) {
  // It has expired already; nobody talks to it.
  TcpOptions options = Certified(kTwo, authority_, -absl::Seconds(10));
  TestPeer one(Certified(kOne));
  TestPeer two(options);
  Introduce({&one, &two});
  ASSERT_TRUE(Eventually([&] { return one.link(kTwo).refused; }));
  // A file that is none changes nothing.
  std::ofstream(options.tls->certificate) << "no certificate";
  LetTimePass(absl::Milliseconds(1200));
  const auto before = two.transport().status().certificate_expires;
  Certified(kTwo);
  EXPECT_TRUE(AllConnected({&one, &two}));
  EXPECT_GT(two.transport().status().certificate_expires, before);
}

TEST_F(TlsTest, FilesThatAreNoneAreNamed) {
  TcpOptions options = Certified(kOne);
  options.tls->authority = folder_ / "absent.pem";
  EXPECT_THAT(std::string(TcpTransport::Start(options).status().message()),
              HasSubstr("absent.pem: no certificates of an authority"));
  options = Certified(kOne);
  options.tls->key = Certified(kTwo).tls->key;
  EXPECT_THAT(std::string(TcpTransport::Start(options).status().message()),
              HasSubstr("no key, or not that of the certificate"));
}

TEST_F(TlsTest, StrangersThatDoNotSpeakTlsAreTurnedAway) {
  TestPeer one(Certified(kOne));
  std::string endless("\x16\x03\x01\xff\xff", 5);
  endless.append(70'000, 'x');
  for (const std::string& bytes : {std::string("GET / HTTP/1.0\r\n\r\n"),
                                   std::string(2000, '\x16'), endless}) {
    RawConnection stranger(one.address());
    stranger.Send(bytes);
    EXPECT_TRUE(stranger.ClosesWithin(absl::Seconds(3)));
  }
  // One that says nothing has as long as a Hello may take.
  RawConnection mute(one.address());
  EXPECT_TRUE(mute.ClosesWithin(absl::Seconds(5)));
  EXPECT_TRUE(
      Eventually([&] { return one.transport().status().turned_away == 4; }));
}

TEST_F(TlsTest, WhoComesBackIsConnectedAgain) {
  TestPeer one(Certified(kOne));
  auto two = std::make_unique<TestPeer>(Certified(kTwo));
  TcpOptions again = two->options();
  again.listen = two->address();
  again.nonce = 77;
  Introduce({&one, two.get()});
  ASSERT_TRUE(AllConnected({&one, two.get()}));
  two.reset();
  ASSERT_TRUE(Eventually([&] { return !one.link(kTwo).sending; }));
  two = std::make_unique<TestPeer>(again);
  Introduce({&one, two.get()});
  EXPECT_TRUE(AllConnected({&one, two.get()}));
}

}  // namespace
}  // namespace trimaran

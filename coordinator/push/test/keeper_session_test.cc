// Workers that say over a connection of their own that they are there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/test/store_fixture.h"
#include "http/test/raw_peer.h"
#include "matmul/test/example.h"

namespace enxame::coordinator {
namespace {

using http::RawPeer;
using http::status_of;
using testing::HasSubstr;

class KeeperSessionTest : public testing::Test {
 protected:
  TaskId submit() {
    const std::string frames = wire::encode_multiply(1, kA, kB).substr(wire::kMessageHeaderBytes);
    return broker().submit(std::make_shared<Operands>(parse_operands(Codec::binary, frames)));
  }
  Claimed claim() {
    Ask ask("w1", Fence::lease);
    ask.keeper = "k1";
    return broker().claim(ask, kNow, still_there);
  }
  TaskState state_of(TaskId id) { return broker().look(id).state; }
  TaskBroker& broker() { return server_.broker(); }

  static constexpr const char* kQuery = "role=keeper&keeper=k1";

  LaggingClock clock_;
  ApiServer server_{{.store = {.lease = std::chrono::seconds(10)},
                     .broker = {.now = [this] { return clock_.now(); }}}};
};

TEST_F(KeeperSessionTest, RenewsWhatIsClaimedUnderItsName) {
  const TaskId id = submit();
  const auto task = claim();
  PushPeer keeper(server_.url(), kQuery);
  const auto renewed_at = [&] { return broker().inspect(id).lease_from.reading; };
  clock_.advance(std::chrono::seconds(8));
  const auto before = renewed_at();
  keeper.send(wire::MessageKind::keep, 1, "");
  eventually([&] { return renewed_at() > before; });
  clock_.advance(std::chrono::seconds(8));
  broker().expire_leases();
  EXPECT_EQ(state_of(id), TaskState::processing);
}

TEST_F(KeeperSessionTest, GivesTasksBackWhenItIsGone) {
  const TaskId id = submit();
  const auto task = claim();
  std::optional<PushPeer> keeper(std::in_place, server_.url(), kQuery);
  keeper->send(wire::MessageKind::keep, 1, "");
  keeper.reset();
  eventually([&] { return state_of(id) == TaskState::pending; });
  EXPECT_THAT(broker().inspect(id).history.claims().at(0).reason,
              HasSubstr("its connection ended"));
}

TEST_F(KeeperSessionTest, SaysNothingElse) {
  PushPeer submitting(server_.url(), kQuery);
  submitting.submit(1, kA, kB);
  EXPECT_EQ(submitting.receive_close(), 1008);
  PushPeer with_payload(server_.url(), kQuery);
  with_payload.send(wire::MessageKind::product, 1, "");
  EXPECT_EQ(with_payload.receive_close(), 1008);
}

TEST_F(KeeperSessionTest, HasAName) {
  RawPeer peer(server_.port());
  peer.send(
      "GET /ws?role=keeper HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const std::string answer = peer.receive_answer();
  EXPECT_EQ(status_of(answer), "400");
  EXPECT_THAT(answer, HasSubstr("keeper is missing"));
}

}  // namespace
}  // namespace enxame::coordinator

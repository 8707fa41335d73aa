#include "worker/stdio/message_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "matmul/test/example.h"
#include "worker/stdio/test/conversation.h"

namespace enxame::worker {
namespace {

using ::testing::HasSubstr;
using wire::MessageKind;

TEST(MessageLoop, AnswersOneMultiplicationAfterAnother) {
  Conversation conversation;
  for (const std::uint64_t call_id : {1u, 7u, 8u}) {
    conversation.say(wire::encode_multiply(call_id, kA, kB));
    const wire::Message answer = conversation.hear();
    EXPECT_EQ(answer.header.kind, MessageKind::product);
    EXPECT_EQ(answer.header.call_id, call_id);
    EXPECT_EQ(wire::decode_product_matrix(answer.payload.view(), kC.shape()), kC);
    const WorkerPhases phases = wire::decode_product_phases(answer.payload.view());
    EXPECT_GT(phases.compute, Duration::zero());
    EXPECT_GE(phases.sent_at - phases.received_at, phases.total());
  }
  EXPECT_EQ(conversation.end(), "");
}

TEST(MessageLoop, GrowsAndShrinksWithItsTasks) {
  Conversation conversation;
  for (const std::size_t n : {1u, 30u, 2u, 40u}) {
    const Matrix a = random_matrix<double>({n, n}, n);
    const Matrix b = random_matrix<double>({n, 1}, n + 1);
    conversation.say(wire::encode_multiply(n, a, b));
    EXPECT_EQ(wire::decode_product_matrix(conversation.hear().payload.view(), {n, 1}),
              multiply(a, b, Kernel::simd));
  }
}

TEST(MessageLoop, RefusesWhatHasNoProductAndGoesOn) {
  Conversation conversation;
  conversation.say(wire::encode_multiply(3, Matrix{{1, 2}}, Matrix{{3, 4}}));
  const wire::Message answer = conversation.hear();
  EXPECT_EQ(answer.header.kind, MessageKind::refused);
  EXPECT_EQ(answer.header.call_id, 3u);
  EXPECT_EQ(answer.payload.view(), "1 × 2 times 1 × 2 has no product");
  conversation.say(wire::encode_multiply(4, kA, kB));
  EXPECT_EQ(conversation.hear().header.kind, MessageKind::product);
}

/// What comes, and what it says of it before it ends.
struct Broken {
  const char* name;
  std::string bytes;
  const char* reason;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenMessageTest : public ::testing::TestWithParam<Broken> {};

INSTANTIATE_TEST_SUITE_P(
    Each, BrokenMessageTest,
    ::testing::Values(
        Broken{"CutHead", wire::encode_multiply(1, kA, kB).substr(0, 63), "within the head"},
        Broken{"CutPayload", wire::encode_multiply(1, kA, kB).substr(0, 100), "within the payload"},
        Broken{"NoMagic", "GET /task/next HTTP/1.1\r\n" + std::string(64, ' '), "magic"},
        Broken{"NoFrames", wire::encode_multiply(1, kA, kB).replace(64, 1, "x"), "frame"},
        Broken{"OtherKind", wire::encode_error(MessageKind::refused, 1, ""), "kind refused"}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(BrokenMessageTest, IsTheLast) {
  Conversation conversation;
  conversation.say(GetParam().bytes);
  EXPECT_THAT(conversation.end(), HasSubstr(GetParam().reason));
  const wire::Message answer = conversation.hear();
  EXPECT_EQ(answer.header.kind, MessageKind::failed);
  EXPECT_EQ(answer.header.call_id, 0u);
  EXPECT_THAT(std::string(answer.payload.view()), HasSubstr(GetParam().reason));
}

}  // namespace
}  // namespace enxame::worker

#include "native-baseline/origin_rpc/text_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/origin_rpc/text_wire.h"
#include "native-baseline/test/support.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;
using Poco::Net::StreamSocket;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kTask = R"({"method":"multiply","A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";
const std::string kEnd = "\r\r\r\r";

/// What a worker says to a client that sends `bytes` and then ends its side, or waits.
std::string said_to(const native::TestWorker& worker, const std::string& bytes, bool ends = false) {
  StreamSocket socket = native::connect_to(worker.address().port);
  native::write_all(socket, bytes);
  if (ends) socket.shutdownSend();
  return native::read_all(socket);
}

native::TestWorker text_worker(WorkerServerOptions options = {}) {
  return native::TestWorker(options, text_transport());
}

TEST(TextServerTest, AnswersAsTheOriginalAndTellsItsPhases) {
  const native::TestWorker worker = text_worker();
  EXPECT_THAT(said_to(worker, kTask + kEnd),
              AllOf(StartsWith(R"({"result":"[[19,22],[43,50]]","timing":")"),
                    HasSubstr("compute;dur="), EndsWith("\"}" + kEnd)));
}

TEST(TextServerTest, WhatIsNoTaskIsRefusedWithTheReason) {
  const native::TestWorker worker = text_worker();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "found nothing; a task is such as"},
      {"GET / HTTP/1.1", "expected '{' at byte 0, found 'G'"},
      {"[1]", "found an array"},
      {kTask + '\0', "found byte value 0"},
      {kTask + kTask, "expected nothing more"},
      {R"({"method":"multiply","A":"[[1]]","A":"[[2]]","B":"[[3]]"})", "is repeated"},
      {R"({"method":"multiply","A":"[[1]]","B":"[[3]]","\u0042":"[[2]]"})", "is repeated"},
      {"{}", "\\\"method\\\" is missing"},
      {R"({"method":"add"})", "the method is \\\"add\\\""},
      {R"({"method":7})", "\\\"method\\\" is a number"},
      {R"({"method":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
       "no more than 64 levels"},
      {R"({"method":"multiply","B":"[[1]]"})", "\\\"A\\\" is missing"},
      {R"({"method":"multiply","A":"[[1]]","B":[[1]]})", "\\\"B\\\" is an array"},
      {R"({"method":"multiply","A":"[[1],[2,3]]","B":"[[1]]"})", "row 1"},
      {R"({"method":"multiply","A":"[[1,2]]","B":"[[1,2]]"})", "cannot multiply 1 × 2"},
      {R"({"method":"multiply","A":"[[1e300]]","B":"[[1e300]]"})", "finite"},
      {"\xFF\xFE{}", "found byte value 255"}};
  for (const auto& [text, reason] : cases) {
    EXPECT_THAT(said_to(worker, text + kEnd),
                AllOf(StartsWith("{\"refused\":"), HasSubstr(reason), EndsWith(kEnd)))
        << text;
  }
  EXPECT_THAT(said_to(worker, kTask + kEnd), HasSubstr("[[19,22],[43,50]]"));
}

TEST(TextServerTest, ATextThatIsCutOffIsToldSo) {
  const native::TestWorker worker = text_worker();
  for (std::size_t size = 1; size < kTask.size(); size += 7) {
    EXPECT_THAT(said_to(worker, kTask.substr(0, size), true),
                HasSubstr("connection closed after " + std::to_string(size) + " bytes"));
  }
  EXPECT_THAT(said_to(worker, kTask + "\r\r\r", true), HasSubstr("before its terminator"));
  EXPECT_THAT(said_to(worker, "", true), IsEmpty());
  EXPECT_THAT(said_to(worker, kTask + kEnd), HasSubstr("[[19,22],[43,50]]"));
}

TEST(TextServerTest, ATextWithoutEndIsToldSoAndCostsOnlyItsConnection) {
  WorkerServerOptions options;
  options.max_payload_bytes = 1'000;
  const native::TestWorker worker = text_worker(options);
  EXPECT_THAT(said_to(worker, std::string(100'000, '1'), true),
              AllOf(HasSubstr("more than the 1000 bytes allowed"), EndsWith(kEnd)));
  EXPECT_THAT(said_to(worker, kTask + kEnd), HasSubstr("[[19,22],[43,50]]"));
}

TEST(TextServerTest, ATextThatTakesTooLongIsToldSo) {
  WorkerServerOptions options;
  options.message_timeout = 100ms;
  const native::TestWorker worker = text_worker(options);
  EXPECT_THAT(said_to(worker, kTask), HasSubstr("time is up"));
}

TEST(TextServerTest, ATextThatTricklesIsCutOffAndOneThatMovesIsNot) {
  WorkerServerOptions options;
  options.message_timeout = 200ms;
  const native::TestWorker worker = text_worker(options);
  StreamSocket socket = native::connect_to(worker.address().port);
  // Much at once is no credit for the trickle after it.
  native::write_all(socket, std::string(100'000, ' '));
  const auto began = net::Clock::now();
  bool cut_off = false;
  while (!cut_off && net::Clock::now() - began < 5s) {
    native::write_all(socket, " ");
    cut_off = socket.poll(Poco::Timespan(0, 10'000), StreamSocket::SELECT_READ);
  }
  EXPECT_TRUE(cut_off);
  EXPECT_LT(net::Clock::now() - began, 2s);
  // Longer than the time in all, but above the slowest rate.
  StreamSocket steady = native::connect_to(worker.address().port);
  const auto end = net::Clock::now() + 600ms;
  while (net::Clock::now() < end) {
    native::write_all(steady, std::string(4096, ' '));
    EXPECT_FALSE(steady.poll(Poco::Timespan(0, 10'000), StreamSocket::SELECT_READ));
  }
  native::write_all(steady, kTask + kEnd);
  EXPECT_THAT(native::read_all(steady), HasSubstr("[[19,22],[43,50]]"));
}

TEST(TextWireTest, AnAnswerWithoutTimingIsOneOfTheOriginal) {
  const wire::Message message = decode_text_answer(R"({"result":"[[1,2]]"})");
  EXPECT_EQ(message.header.kind, wire::MessageKind::product);
  EXPECT_EQ(wire::decode_product_phases(message.payload.view()).total(), 0ns);
  EXPECT_EQ(message.payload.view().substr(wire::kWorkerPhasesBytes), "[[1,2]]");
}

TEST(TextWireTest, AnswersThatAreNoneAreProtocolErrors) {
  for (const std::string text :
       {"", "[]", "{}", R"({"result":7})", R"({"result":"[[1]]","timing":"compute;dur=x"})"}) {
    EXPECT_THROW(decode_text_answer(text), wire::ProtocolError) << text;
  }
  EXPECT_EQ(decode_text_answer(R"({"failed":"no memory"})").header.kind, wire::MessageKind::failed);
}

}  // namespace
}  // namespace enxame::rpc

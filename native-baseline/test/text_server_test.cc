#include "native-baseline/rpc/text_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "native-baseline/rpc/text_wire.h"
#include "native-baseline/test/support.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using Poco::Net::StreamSocket;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kTask = R"({"method":"multiply","A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";
const std::string kEnd = "\r\r\r\r";

/// What a worker says to a client that sends `bytes` and then ends its side, or waits.
std::string said_to(const TestWorker& worker, const std::string& bytes, bool ends = false) {
  StreamSocket socket = connect_to(worker.address().port);
  write_all(socket, bytes);
  if (ends) socket.shutdownSend();
  return read_all(socket);
}

TestWorker text_worker(WorkerServerOptions options = {}) {
  return TestWorker(options, Transport::tcp_text);
}

TEST(TextServerTest, AnswersAsTheOriginalAndTellsItsPhases) {
  const TestWorker worker = text_worker();
  EXPECT_THAT(said_to(worker, kTask + kEnd),
              AllOf(StartsWith(R"({"result":"[[19,22],[43,50]]","timing":")"),
                    HasSubstr("compute;dur="), EndsWith("\"}" + kEnd)));
}

TEST(TextServerTest, WhatIsNoTaskIsRefusedWithTheReason) {
  const TestWorker worker = text_worker();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "not a JSON object"},
      {"GET / HTTP/1.1", "not a JSON object"},
      {"[1]", "not a JSON object"},
      {"{}", "the method is missing"},
      {R"({"method":"add"})", "the method is \\\"add\\\""},
      {R"({"method":7})", "the method is 7"},
      {R"({"method":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}",
       "the method is array"},
      {R"({"method":"multiply","B":"[[1]]"})", "no \\\"A\\\""},
      {R"({"method":"multiply","A":"[[1]]","B":[[1]]})", "no \\\"B\\\""},
      {R"({"method":"multiply","A":"[[1],[2,3]]","B":"[[1]]"})", "row 1"},
      {R"({"method":"multiply","A":"[[1,2]]","B":"[[1,2]]"})", "cannot multiply 1 × 2"},
      {R"({"method":"multiply","A":"[[1e300]]","B":"[[1e300]]"})", "finite"},
      {"\xFF\xFE{}", "not a JSON object"}};
  for (const auto& [text, reason] : cases) {
    EXPECT_THAT(said_to(worker, text + kEnd),
                AllOf(StartsWith("{\"refused\":"), HasSubstr(reason), EndsWith(kEnd)))
        << text;
  }
  EXPECT_THAT(said_to(worker, kTask + kEnd), HasSubstr("[[19,22],[43,50]]"));
}

TEST(TextServerTest, ATextThatIsCutOffIsToldSo) {
  const TestWorker worker = text_worker();
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
  const TestWorker worker = text_worker(options);
  EXPECT_THAT(said_to(worker, std::string(100'000, '1'), true),
              AllOf(HasSubstr("more than the 1000 bytes allowed"), EndsWith(kEnd)));
  EXPECT_THAT(said_to(worker, kTask + kEnd), HasSubstr("[[19,22],[43,50]]"));
}

TEST(TextServerTest, ATextThatTakesTooLongIsToldSo) {
  WorkerServerOptions options;
  options.message_timeout = 100ms;
  const TestWorker worker = text_worker(options);
  EXPECT_THAT(said_to(worker, kTask), HasSubstr("time is up"));
}

TEST(TextWireTest, AnAnswerWithoutTimingIsOneOfTheOriginal) {
  const Message message = decode_text_answer(R"({"result":"[[1,2]]"})");
  EXPECT_EQ(message.header.kind, MessageKind::product);
  EXPECT_EQ(decode_product_phases(message.payload.view()).total(), 0ns);
  EXPECT_EQ(message.payload.view().substr(kWorkerPhasesBytes), "[[1,2]]");
}

TEST(TextWireTest, AnswersThatAreNoneAreProtocolErrors) {
  for (const std::string text :
       {"", "[]", "{}", R"({"result":7})", R"({"result":"[[1]]","timing":"compute;dur=x"})"}) {
    EXPECT_THROW(decode_text_answer(text), ProtocolError) << text;
  }
  EXPECT_EQ(decode_text_answer(R"({"failed":"no memory"})").header.kind, MessageKind::failed);
}

}  // namespace
}  // namespace enxame::rpc

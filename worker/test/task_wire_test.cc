#include "worker/task_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/test/example.h"

namespace enxame::worker {
namespace {

using ::testing::HasSubstr;

Task decode_json(std::string_view body) {
  return decode_task(
      {.status = 200, .headers = {{"content-type", "application/json"}}, .body = body},
      Codec::json);
}

Task decode_binary(std::string_view body, std::string id = "7") {
  return decode_task(
      {.status = 200,
       .headers = {{"content-type", "application/octet-stream"}, {"enxame-task", std::move(id)}},
       .body = body},
      Codec::binary);
}

std::string frames() {
  std::string bytes;
  append_frame(kA, bytes);
  append_frame(kB, bytes);
  return bytes;
}

void expect_operands(const Task& task) {
  EXPECT_EQ(task.id, 7U);
  ASSERT_TRUE(std::holds_alternative<Operands>(task.content))
      << std::get<std::string>(task.content);
  EXPECT_EQ(std::get<Operands>(task.content).a, kA);
  EXPECT_EQ(std::get<Operands>(task.content).b, kB);
}

std::string reason(const Task& task) {
  const auto* text = std::get_if<std::string>(&task.content);
  return text == nullptr ? "no error" : *text;
}

TEST(TaskWire, ReadsTheSeedsJson) {
  expect_operands(decode_json(R"({"taskId":7,"data":{"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}})"));
}

TEST(TaskWire, ReadsJsonInAnyOrderWithSpacesAndEscapes) {
  expect_operands(decode_json(
      R"( { "extra":[1], "data" : { "B":"[[5,6],\n[7,8]]", "C":0, "A":"[[1,\u0032],[3,4]]" },"taskId":7 } )"));
}

TEST(TaskWire, ReadsFrames) { expect_operands(decode_binary(frames())); }

TEST(TaskWire, NamesTheMatrixThatIsNone) {
  EXPECT_THAT(reason(decode_json(R"({"taskId":7,"data":{"A":"[[1,2],[3]]","B":"[[1]]"}})")),
              HasSubstr("A: "));
  EXPECT_THAT(reason(decode_json(R"({"taskId":7,"data":{"A":"[[1]]","B":"[[1e999]]"}})")),
              HasSubstr("B: "));
  EXPECT_EQ(reason(decode_json(R"({"taskId":7,"data":{"A":"[[1]]"}})")),
            "B: missing in the task's data");
  EXPECT_THAT(reason(decode_json(R"({"taskId":7})")), HasSubstr("A: missing"));
}

TEST(TaskWire, ReturnsBrokenJsonUnderItsNumberWhenThatCanBeRead) {
  EXPECT_THAT(reason(decode_json(R"({"taskId":7,"data":{"A":5}})")), HasSubstr("expected '\"'"));
  EXPECT_THAT(reason(decode_json(R"({"taskId":7,"data":{"A":"[[1]])")), HasSubstr("JSON"));
  EXPECT_THAT(reason(decode_json(R"({"taskId":7,"data":{"A":"[[1]]","B":"[[1]]"}}x)")),
              HasSubstr("nothing more"));
}

TEST(TaskWire, RefusesWhatNamesNoTask) {
  for (const char* body : {"", "{}", "[]", "null", "{\"taskId\":\"7\"}", "{\"taskId\":-7}",
                           "{\"data\":{\"A\":\"[[1]]\",\"B\":\"[[1]]\"}}", "<html>"}) {
    EXPECT_THROW(decode_json(body), AnswerError) << body;
  }
  EXPECT_THROW(decode_binary(frames(), ""), AnswerError);
  EXPECT_THROW(decode_binary(frames(), "x"), AnswerError);
}

TEST(TaskWire, ReturnsTruncatedAndSurplusFramesAsErrors) {
  const std::string whole = frames();
  for (std::size_t length = 0; length < whole.size(); length += 16) {
    EXPECT_NE(reason(decode_binary(std::string_view(whole).substr(0, length))), "no error")
        << length;
  }
  EXPECT_THAT(reason(decode_binary(whole + "x")), HasSubstr("B: "));
}

TEST(TaskWire, RefusesACodecThatWasNotAskedFor) {
  const HttpAnswer json{.status = 200,
                        .headers = {{"content-type", "application/json"}},
                        .body = R"({"taskId":7,"data":{"A":"[[1]]","B":"[[1]]"}})"};
  EXPECT_NO_THROW(decode_task(json, Codec::json));
  EXPECT_THROW(decode_task(json, Codec::binary), AnswerError);
  const std::string bytes = frames();
  const HttpAnswer binary{
      .status = 200,
      .headers = {{"content-type", "application/octet-stream"}, {"enxame-task", "7"}},
      .body = bytes};
  EXPECT_NO_THROW(decode_task(binary, Codec::binary));
  EXPECT_THAT([&] { decode_task(binary, Codec::json); },
              ::testing::ThrowsMessage<AnswerError>(HasSubstr("expected application/json")));
}

TEST(TaskWire, WritesProducts) {
  EXPECT_EQ(encode_product(kA, Codec::json), R"({"result":"[[1,2],[3,4]]"})");
  EXPECT_EQ(decode_frame<double>(encode_product(kA, Codec::binary)), kA);
}

TEST(TaskWire, RefusesProductsThatJsonCannotCarry) {
  const Matrix infinite{{std::numeric_limits<double>::infinity()}};
  EXPECT_THROW(encode_product(infinite, Codec::json), TextError);
  EXPECT_EQ(decode_frame<double>(encode_product(infinite, Codec::binary)), infinite);
}

TEST(TaskWire, WritesWhyThereIsNoProduct) {
  EXPECT_EQ(encode_no_product(Ending::failed, "a \"b\""), R"({"error":"a \"b\""})");
  EXPECT_EQ(encode_no_product(Ending::refused, "odd"), R"({"refused":"odd"})");
}

}  // namespace
}  // namespace enxame::worker

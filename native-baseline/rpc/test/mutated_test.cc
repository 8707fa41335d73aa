#include "testing/mutated.h"

#include <gtest/gtest.h>

#include <string>

#include "matmul/matrix.h"
#include "native-baseline/origin_rpc/text_wire.h"
#include "native-baseline/rpc/worker_address.h"

namespace enxame::rpc {
namespace {

using testing::for_each_mutated;

/// Whether `read` takes it; what it refuses with is one of the errors that its header names, in at
/// most so many bytes.
template <typename Error, typename Read>
bool accepts(const Read& read, std::size_t most_bytes = 500) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), most_bytes) << error.what();
    return false;
  }
}

TEST(MutatedRpc, TextsOfTasksAreReadOrRefused) {
  for_each_mutated({R"({"method":"multiply","A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})",
                    R"({"B":"[[0.5]]","A":"[[1],[3]]","method":"multiply","more":[1,{"x":null}]})"},
                   {"\"A\":", "\"B\":\"[[1]]\",", R"(\u0041)", "multiply", "[["},
                   [](const std::string& text) {
                     accepts<TextTaskError>([&] {
                       const wire::Factors factors = decode_text_task(text);
                       const std::size_t bytes =
                           (factors.a.shape().size() + factors.b.shape().size()) * sizeof(double);
                       EXPECT_LE(bytes, text_task_bytes(text));
                     });
                   });
}

TEST(MutatedRpc, TextsOfAnswersAreReadOrRefused) {
  for_each_mutated(
      {R"({"result":"[[19,22],[43,50]]","timing":"decode;dur=0.012, compute;dur=1.5"})",
       R"({"refused":"cannot multiply 1 × 2 by 1 × 2"})", R"({"failed":"no memory"})",
       R"({"result":"[[1]]"})"},
      {"\"timing\":\"", ";dur=", "1e300", "\"result\":\"\",", R"(\ud83d\ude00)"},
      [](const std::string& text) {
        accepts<wire::ProtocolError>([&] {
          const wire::Message answer = decode_text_answer(text);
          EXPECT_EQ(answer.header.payload_bytes, answer.payload.size());
          if (answer.header.kind == wire::MessageKind::product) {
            EXPECT_GE(wire::decode_product_phases(answer.payload.view()).total(), Duration::zero());
          }
        });
      });
}

TEST(MutatedRpc, AnAddressThatIsReadIsTheOneThatIsWritten) {
  for_each_mutated({"127.0.0.1:7001", "localhost:1", "[::1]:65535", "worker-1.example.org:80",
                    std::string(500, 'x')},
                   {"[", "]:", ":", "65536", " "}, [](const std::string& text) {
                     // It is a user's own, and quoted whole.
                     accepts<std::invalid_argument>(
                         [&] {
                           const WorkerAddress address = parse_worker_address(text);
                           EXPECT_EQ(parse_worker_address(to_string(address)), address);
                         },
                         text.size() + 100);
                   });
}

}  // namespace
}  // namespace enxame::rpc

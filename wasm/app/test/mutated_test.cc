#include "testing/mutated.h"

#include <gtest/gtest.h>

#include <string>

#include "matmul/codec/text_codec.h"
#include "wasm/app/matrix_input.h"
#include "worker/query.h"
#include "worker/server_timing.h"
#include "worker/task_wire.h"

namespace enxame::app {
namespace {

using testing::for_each_mutated;

TEST(MutatedWasm, TypedMatricesAreReadyExactlyWhereTheyCanBeSubmitted) {
  const std::string other = "[[1,2],[3,4]]";
  for_each_mutated({other, "[[1],[2]]", " [ [ 1 , -2.5e3 ] ] ", "[[0.1,0.2],[0.3,0.4],[0.5,0.6]]"},
                   {"[[", "]]", "],[", "1e999", "NaN"}, [&](const std::string& text) {
                     const PairCheck check = check_pair(text, other);
                     EXPECT_FALSE(check.a.message.empty());
                     try {
                       const worker::Operands operands = parse_pair(text, other);
                       EXPECT_TRUE(check.ready);
                       EXPECT_EQ(operands.a.shape(), *check.a.shape);
                     } catch (const InputError&) {
                       EXPECT_FALSE(check.ready);
                     }
                   });
}

TEST(MutatedWasm, ARecipeThatIsReadIsBounded) {
  for_each_mutated({"64", "1", "4194304", "18446744073709551615"}, {"0", "-", "1e3", "99999999"},
                   [](const std::string& text) {
                     for (int field = 0; field < 4; ++field) {
                       const auto given = [&](int i) { return i == field ? text : "8"; };
                       try {
                         const Recipe recipe = parse_recipe(given(0), given(1), given(2), given(3));
                         EXPECT_LE(recipe.rows * recipe.cols, kMaxGenerated);
                         EXPECT_LE(recipe.rows * recipe.inner, kMaxGenerated);
                         EXPECT_GE(recipe.rows * recipe.inner * recipe.cols, 1U);
                       } catch (const InputError& error) {
                         EXPECT_NE(std::string(error.what()).find("expected"), std::string::npos);
                       }
                     }
                   });
}

TEST(MutatedWasm, AQueryThatIsReadIsTheOneThatIsWritten) {
  for_each_mutated(
      {"?codec=binary&kernel=simd", "a=1&b=two%20words", "x=%F0%9F%98%80&y=+&z", "&&=&"},
      {"%", "%2", "%00", "&", "=", "+"}, [](const std::string& text) {
        try {
          const auto parameters = worker::parse_query(text);
          std::string written;
          for (const auto& [name, value] : parameters) {
            written += (written.empty() ? "" : "&") + worker::percent_encode(name) + "=" +
                       worker::percent_encode(value);
          }
          EXPECT_EQ(worker::parse_query(written), parameters);
        } catch (const worker::QueryError&) {
        }
      });
}

TEST(MutatedWasm, TimingsAreShownOrUnreadable) {
  // Longest beside its text is a name alone: "a," is shown as "a 0 ms, ".
  for_each_mutated({"queue;dur=0.51234, compute;dur=20", "accepted;dur=1, asked;dur=2",
                    "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z"},
                   {";dur=", "1e300", "-1", "\""}, [](const std::string& text) {
                     EXPECT_LT(worker::server_timing_in_words(text).size(), 4 * text.size() + 100);
                   });
}

TEST(MutatedWasm, TasksAreReadOrSayWhatIsWrong) {
  for_each_mutated({R"({"taskId":7,"data":{"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}})",
                    R"({"data":{"B":"[[1]]","A":"[[2]]"},"taskId":18446744073709551615,"x":[{}]})"},
                   {"\"taskId\":", "\"A\":", "\"data\":{", R"(\u0041)", "[["},
                   [](const std::string& body) {
                     try {
                       const worker::Task task = worker::decode_task({200, {}, body}, Codec::json);
                       if (const auto* reason = std::get_if<std::string>(&task.content)) {
                         EXPECT_FALSE(reason->empty());
                       }
                     } catch (const worker::AnswerError&) {
                     }
                   });
}

}  // namespace
}  // namespace enxame::app

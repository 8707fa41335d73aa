#include "json/writer.h"

#include <gtest/gtest.h>

#include <string>

#include "json/reader.h"

namespace enxame::json {
namespace {

TEST(Writer, WritesWhatTheReaderReads) {
  const std::string hostile = std::string("\"\\\n\x01") + "é€" + std::string(1, '\0');
  std::string text;
  append_json_string(text, hostile);
  EXPECT_EQ(Reader(text).string(), hostile);
}

TEST(Writer, SeparatesMembersAndElements) {
  Writer json;
  json.open_object().member("a", 1).member("b", "x,").key("c").open_array();
  json.value(true).value(false).open_object().close_object().close_array().member("d", -2L);
  EXPECT_EQ(json.close_object().take(), R"({"a":1,"b":"x,","c":[true,false,{}],"d":-2})");
  EXPECT_EQ(json.take(), "");
}

}  // namespace
}  // namespace enxame::json

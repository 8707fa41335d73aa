#include "wasm/app/matrix_input.h"

#include "json/utf8.h"
#include "json/writer.h"
#include "matmul/codec/text_codec.h"
#include "worker/numbers.h"

namespace enxame::app {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

TextCheck check_text(std::string_view text) {
  if (is_blank(text)) return {std::nullopt, "rows in brackets, as in [[1,2],[3,4]]"};
  try {
    const Shape shape = decode_text<double>(text).shape();
    return {shape, to_string(shape)};
  } catch (const std::invalid_argument& error) {
    return {std::nullopt, error.what()};
  }
}

Matrix parse_matrix(std::string_view name, std::string_view text) {
  try {
    return decode_text<double>(text);
  } catch (const std::invalid_argument& error) {
    throw InputError(std::string(name) + ": " + error.what());
  }
}

std::size_t parse_dimension(std::string_view name, std::string_view text) {
  const auto value = worker::parse_whole(text);
  if (!value || *value == 0 || *value > kMaxGenerated) {
    throw InputError(std::string(name) + " is \"" + json::quotable(text) +
                     "\": expected a whole number from 1 to " + std::to_string(kMaxGenerated));
  }
  return static_cast<std::size_t>(*value);
}

void check_generated(std::string_view name, Shape shape) {
  if (shape.rows > kMaxGenerated / shape.cols) {
    throw InputError(std::string(name) + " would be " + to_string(shape) + ": expected at most " +
                     std::to_string(kMaxGenerated) + " elements");
  }
}

}  // namespace

PairCheck check_pair(std::string_view text_a, std::string_view text_b) {
  PairCheck check{check_text(text_a), check_text(text_b), {}, false};
  if (!check.a.shape || !check.b.shape) return check;
  try {
    check.together = "The product is " + to_string(product_shape(*check.a.shape, *check.b.shape));
    check.ready = true;
  } catch (const ShapeError& error) {
    check.together = error.what();
  }
  return check;
}

std::string to_view(const PairCheck& check) {
  return json::Writer()
      .open_object()
      .member("a", check.a.message)
      .member("a-ok", check.a.shape.has_value())
      .member("b", check.b.message)
      .member("b-ok", check.b.shape.has_value())
      .member("together", check.together)
      .member("ready", check.ready)
      .close_object()
      .take();
}

worker::Operands parse_pair(std::string_view text_a, std::string_view text_b) {
  worker::Operands operands{parse_matrix("A", text_a), parse_matrix("B", text_b)};
  try {
    product_shape(operands.a.shape(), operands.b.shape());
  } catch (const ShapeError& error) {
    throw InputError(error.what());
  }
  return operands;
}

Recipe parse_recipe(std::string_view rows, std::string_view inner, std::string_view cols,
                    std::string_view seed) {
  const auto seed_value = worker::parse_whole(seed);
  if (!seed_value) {
    throw InputError("The seed is \"" + json::quotable(seed) +
                     "\": expected a whole number below 2^64");
  }
  const Recipe recipe{parse_dimension("Rows of A", rows),
                      parse_dimension("Columns of A and rows of B", inner),
                      parse_dimension("Columns of B", cols), *seed_value};
  check_generated("A", {recipe.rows, recipe.inner});
  check_generated("B", {recipe.inner, recipe.cols});
  check_generated("The product", {recipe.rows, recipe.cols});
  return recipe;
}

worker::Operands generate(const Recipe& recipe) {
  return {random_matrix<double>({recipe.rows, recipe.inner}, recipe.seed),
          random_matrix<double>({recipe.inner, recipe.cols}, recipe.seed + 1)};
}

}  // namespace enxame::app

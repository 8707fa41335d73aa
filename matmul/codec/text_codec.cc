#include "matmul/codec/text_codec.h"

#include <fast_float/fast_float.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "matmul/number_text.h"

namespace enxame {

namespace {

static_assert(std::endian::native == std::endian::little, "eight digits are read as one integer");

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

struct Digits {
  unsigned count;
  std::uint64_t value;
};

/// The digits among the next 8 bytes up to the first that is none. Without a branch for each digit:
/// the lengths of numbers are what a processor cannot predict. (Lemire: Number parsing at a
/// gigabyte per second, 2021, §3)
Digits leading_digits(const char* eight_bytes) {
  std::uint64_t bytes;
  std::memcpy(&bytes, eight_bytes, sizeof bytes);
  bytes ^= 0x3030303030303030;
  const std::uint64_t above_nine = ((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080;
  const auto count = static_cast<unsigned>(std::countr_zero(above_nine)) / 8;
  if (count == 0) return {0, 0};
  bytes <<= 64 - 8 * count;
  bytes = bytes * 10 + (bytes >> 8);
  constexpr std::uint64_t kPairs = 0x000000ff000000ff;
  return {count,
          ((bytes & kPairs) * 0x000f424000000064 + ((bytes >> 16) & kPairs) * 0x0000271000000001) >>
              32};
}

/// Counts in blocks short enough for a byte to count in, which compilers turn into a few vector
/// instructions.
std::size_t count_commas(std::string_view text) {
  std::size_t commas = 0;
  for (std::size_t begin = 0; begin < text.size(); begin += 255) {
    std::uint8_t in_block = 0;
    for (const char c : text.substr(begin, 255)) {
      in_block = static_cast<std::uint8_t>(in_block + (c == ','));
    }
    commas += in_block;
  }
  return commas;
}

/// Reads one matrix from front to back, without recursion and in linear time.
template <typename T>
class Decoder {
 public:
  explicit Decoder(std::string_view text)
      : begin_(text.data()),
        p_(begin_),
        end_(begin_ + text.size()),
        values_(checked_elements(text)) {}

  MatrixOf<T> decode() {
    skip_space();
    expect('[', "'[' before the first row");
    do {
      skip_space();
      read_row();
      ++row_;
      skip_space();
    } while (take(','));
    expect(']', "',' or ']' after a row");
    skip_space();
    if (p_ != end_) fail("expected nothing after the last ']', found " + found());
    values_.resize(written_);
    return MatrixOf<T>(Shape{row_, cols_}, std::move(values_));
  }

 private:
  /// Every element but the first stands behind a comma of its own, so that storage is asked for
  /// once, needs no bounds check later, and is never more than 8 bytes for a byte of text.
  static std::size_t checked_elements(std::string_view text) {
    const std::size_t elements = most_elements(text);
    if (elements > kMaxElements) {
      throw TextError("text of a matrix: it has " + std::to_string(elements - 1) +
                      " commas, expected at most " + std::to_string(kMaxElements) + " elements");
    }
    return elements;
  }

  void read_row() {
    expect('[', "'[' of a row");
    const std::size_t row_begin = written_;
    do {
      skip_space();
      col_ = written_ - row_begin;
      values_[written_++] = read_number();
      skip_space();
    } while (take(','));
    const std::size_t count = written_ - row_begin;
    if (p_ == end_ || *p_ != ']') fail_in_row("expected ',' or ']', found " + found());
    if (row_ == 0) cols_ = count;
    if (count != cols_) {
      fail("the row has " + std::to_string(count) + " elements, expected " + std::to_string(cols_) +
           " as in row 0");
    }
    ++p_;
  }

  /// A JSON number: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
  T read_number() {
    const char* const number = p_;
    const bool negative = p_ != end_ && *p_ == '-';
    p_ += negative;
    const char* const digits = p_;
    const std::uint64_t whole = read_digits();
    const auto digit_count = p_ - digits;
    if (digit_count == 0) fail_in_row("expected a number, found " + found());
    if (*digits == '0' && digit_count > 1) {
      p_ = digits + 1;
      fail_in_row("expected no digit after a leading 0, found " + found());
    }
    const bool is_whole = p_ == end_ || (*p_ != '.' && *p_ != 'e' && *p_ != 'E');
    // 19 digits always fit into 64 bits, and their conversion to T rounds correctly.
    constexpr int kDigitsThatFit = 19;
    if (is_whole && digit_count <= kDigitsThatFit) {
      // Looked up, because a branch on the sign would be a coin toss.
      static constexpr std::array<T, 2> kSigns{1, -1};
      return static_cast<T>(whole) * kSigns[negative];
    }
    skip_fraction_and_exponent();
    return convert(number);
  }

  /// Passes over all digits from here; their value modulo 2^64.
  std::uint64_t read_digits() {
    static constexpr std::array<std::uint64_t, 9> kPowersOfTen{
        1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
    std::uint64_t value = 0;
    while (end_ - p_ >= 8) {
      const auto [count, digits] = leading_digits(p_);
      value = value * kPowersOfTen[count] + digits;
      p_ += count;
      if (count < 8) return value;
    }
    for (; p_ != end_ && is_digit(*p_); ++p_) value = value * 10 + static_cast<unsigned>(*p_ - '0');
    return value;
  }

  void skip_fraction_and_exponent() {
    if (take('.')) skip_digits("a digit after the decimal point");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      skip_digits("a digit of the exponent");
    }
  }

  void skip_digits(const char* expected) {
    const char* const digits = p_;
    read_digits();
    if (p_ == digits) fail_in_row(std::string("expected ") + expected + ", found " + found());
  }

  /// The value of the well-formed number from `number` to here.
  T convert(const char* number) {
    T value{};
    fast_float::from_chars(number, p_, value);
    if (!std::isfinite(value)) {
      const std::string text(number, p_);
      p_ = number;
      fail_in_row("expected a number that fits a " + std::string(kTypeName) + ", found " +
                  shortened(text));
    }
    return value;
  }

  void skip_space() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }

  bool take(char c) {
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }

  void expect(char c, const char* what) {
    if (!take(c)) fail(std::string("expected ") + what + ", found " + found());
  }

  std::string found() const {
    if (p_ == end_) return "the end of the text";
    const auto byte = static_cast<unsigned char>(*p_);
    if (byte > ' ' && byte <= '~') return {'\'', *p_, '\''};
    return "byte value " + std::to_string(byte);
  }

  static std::string shortened(const std::string& text) {
    constexpr std::size_t kMaxLength = 40;
    return text.size() <= kMaxLength ? text : text.substr(0, kMaxLength) + "…";
  }

  [[noreturn]] void fail(const std::string& what) const { fail_at("", what); }
  [[noreturn]] void fail_in_row(const std::string& what) const {
    fail_at(", column " + std::to_string(col_), what);
  }
  [[noreturn]] void fail_at(const std::string& column, const std::string& what) const {
    throw TextError("text of a matrix: byte " + std::to_string(p_ - begin_) + ", row " +
                    std::to_string(row_) + column + ": " + what);
  }

  static constexpr const char* kTypeName = sizeof(T) == sizeof(double) ? "double" : "float";

  const char* const begin_;
  const char* p_;
  const char* const end_;
  typename MatrixOf<T>::Values values_;
  std::size_t written_ = 0;
  std::size_t row_ = 0;
  std::size_t col_ = 0;
  std::size_t cols_ = 0;
};

/// Writes through a small buffer, so that the hot loop neither asks a string for room nor fills it
/// with zeros first.
class Writer {
 public:
  void put(char c) {
    make_room();
    *p_++ = c;
  }

  template <typename T>
  void put(T value) {
    make_room();
    p_ = write_number(p_, value);
  }

  void reserve(std::size_t size) { text_.reserve(size); }
  std::size_t size() const { return text_.size() + static_cast<std::size_t>(p_ - buffer_.data()); }

  std::string finish() {
    flush();
    return std::move(text_);
  }

 private:
  void make_room() {
    if (buffer_.data() + buffer_.size() < p_ + kMaxNumberLength) flush();
  }
  void flush() {
    text_.append(buffer_.data(), p_);
    p_ = buffer_.data();
  }

  std::array<char, 4096> buffer_;
  char* p_ = buffer_.data();
  std::string text_;
};

}  // namespace

std::size_t most_text_bytes(Shape shape) {
  constexpr std::size_t kElementBytes = kLongestNumber + 1;  // and what stands before it
  constexpr std::size_t kRowBytes = 2;                       // its end, and what follows
  return shape.size() * kElementBytes + shape.rows * kRowBytes + 1;
}

std::size_t most_elements(std::string_view text) { return count_commas(text) + 1; }

template <typename T>
std::string encode_text(const MatrixOf<T>& matrix) {
  checked(matrix.shape());
  Writer out;
  out.put('[');
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.cols(); ++j) {
      const T value = matrix(i, j);
      if (!std::isfinite(value)) {
        throw TextError("text of a matrix: row " + std::to_string(i) + ", column " +
                        std::to_string(j) + ": expected a finite number, found " +
                        std::to_string(value));
      }
      out.put(j == 0 ? '[' : ',');
      out.put(value);
    }
    out.put(']');
    // The rows that follow are about as long as the first.
    if (i == 0) out.reserve(out.size() * matrix.rows());
    out.put(i + 1 == matrix.rows() ? ']' : ',');
  }
  return out.finish();
}

template <typename T>
MatrixOf<T> decode_text(std::string_view text) {
  return Decoder<T>(text).decode();
}

template std::string encode_text(const Matrix&);
template std::string encode_text(const MatrixF32&);
template Matrix decode_text<double>(std::string_view);
template MatrixF32 decode_text<float>(std::string_view);

}  // namespace enxame

#include "native-baseline/grpc/envelope.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "native-baseline/rpc/huge_pages.h"

namespace enxame::rpc {
namespace {

constexpr char kTag = 0x0A;

/// Pieces below this are cheaper copied than kept track of.
constexpr std::size_t kSmallPieceBytes = 1024;

/// The tag and the size of the message.
std::string prefix_of(std::size_t message_bytes) {
  std::string prefix(1, kTag);
  std::uint64_t rest = message_bytes;
  for (; rest >= 0x80; rest >>= 7) prefix += static_cast<char>((rest & 0x7F) | 0x80);
  return prefix + static_cast<char>(rest);
}

/// Bytes that lie in `owner`, which the slice keeps.
grpc::Slice slice_of(std::string_view bytes, const std::shared_ptr<wire::Buffer>& owner) {
  using Owner = std::shared_ptr<wire::Buffer>;
  // gRPC only reads; its Slice has no const.
  return {const_cast<char*>(bytes.data()), bytes.size(),
          [](void* kept) { delete static_cast<Owner*>(kept); }, new Owner(owner)};
}

/// Reads slices one after the other.
class SliceReader {
 public:
  explicit SliceReader(const std::vector<grpc::Slice>& slices) : slices_(slices) {}

  /// Copies up to `size` bytes and returns how many there were.
  std::size_t read(char* into, std::size_t size) {
    std::size_t have = 0;
    while (have < size && slice_ < slices_.size()) {
      const grpc::Slice& slice = slices_[slice_];
      const std::size_t piece = std::min(size - have, slice.size() - offset_);
      std::memcpy(into + have, slice.begin() + offset_, piece);
      have += piece;
      offset_ += piece;
      if (offset_ == slice.size()) {
        ++slice_;
        offset_ = 0;
      }
    }
    return have;
  }

 private:
  const std::vector<grpc::Slice>& slices_;
  std::size_t slice_ = 0;
  std::size_t offset_ = 0;
};

/// Reads the tag and the size of the message.
std::uint64_t read_prefix(SliceReader& reader) {
  char byte = 0;
  if (reader.read(&byte, 1) == 1 && byte == kTag) {
    std::uint64_t size = 0;
    for (unsigned shift = 0; shift < 64 && reader.read(&byte, 1) == 1; shift += 7) {
      size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return size;
    }
  }
  throw wire::ProtocolError("an envelope that does not begin with a message");
}

}  // namespace

grpc::ByteBuffer pack(const wire::OutgoingMessage& message,
                      const std::shared_ptr<wire::Buffer>& memory) {
  const std::string prefix = prefix_of(message.size());
  memory->resize(prefix.size() + message.size());
  prefer_huge_pages(*memory);
  char* end = std::ranges::copy(prefix, memory->data()).out;
  for (const std::string_view piece : message.pieces()) {
    std::memcpy(end, piece.data(), piece.size());
    end += piece.size();
  }
  const grpc::Slice slice = slice_of(memory->view(), memory);
  return {&slice, 1};
}

grpc::ByteBuffer pack_in_place(const wire::OutgoingMessage& message,
                               const std::shared_ptr<wire::Buffer>& owner) {
  std::vector<grpc::Slice> slices;
  std::string small = prefix_of(message.size());
  for (const std::string_view piece : message.pieces()) {
    if (piece.size() < kSmallPieceBytes) {
      small.append(piece);
      continue;
    }
    if (!small.empty()) slices.emplace_back(small);
    small.clear();
    slices.push_back(slice_of(piece, owner));
  }
  if (!small.empty()) slices.emplace_back(small);
  return {slices.data(), slices.size()};
}

void unpack(const grpc::ByteBuffer& envelope, std::size_t max_payload_bytes,
            wire::Message& message) {
  std::vector<grpc::Slice> slices;
  if (!envelope.Dump(&slices).ok()) throw wire::ProtocolError("an envelope that cannot be read");
  SliceReader reader(slices);
  const std::uint64_t size = read_prefix(reader);
  std::array<char, wire::kMessageHeaderBytes> head;
  if (size < head.size() || reader.read(head.data(), head.size()) < head.size()) {
    throw wire::ProtocolError("an envelope with a message of " + std::to_string(size) +
                              " bytes, expected at least " + std::to_string(head.size()));
  }
  message.header = wire::parse_message_header({head.data(), head.size()}, max_payload_bytes);
  // The whole envelope has arrived: its length is no promise any more.
  const std::uint64_t payload_bytes = message.header.payload_bytes;
  if (payload_bytes != size - head.size() || payload_bytes > envelope.Length()) {
    throw wire::ProtocolError("a message with " + std::to_string(payload_bytes) +
                              " bytes of payload in an envelope for " +
                              std::to_string(size - head.size()));
  }
  message.payload.resize(static_cast<std::size_t>(payload_bytes));
  prefer_huge_pages(message.payload);
  char beyond = 0;
  if (reader.read(message.payload.data(), message.payload.size()) < message.payload.size() ||
      reader.read(&beyond, 1) != 0) {
    throw wire::ProtocolError("an envelope of " + std::to_string(envelope.Length()) +
                              " bytes around a message of " + std::to_string(size));
  }
}

}  // namespace enxame::rpc

#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <memory>

#include "wire/buffer.h"
#include "wire/message.h"
#include "wire/outgoing_message.h"

namespace enxame::rpc {

// The Envelope of grpc/matmul.proto, written and read as the bytes that it is on the wire: a
// generated class would copy the matrices twice on each side. It is one `bytes` field, number 1:
//
//   bytes    0x0A (field 1, length-delimited), the message's size as a varint, the message

/// Copies `message` into an envelope, which keeps `memory` and nothing else.
grpc::ByteBuffer pack(const wire::OutgoingMessage& message,
                      const std::shared_ptr<wire::Buffer>& memory);

/// The same without copying the values of matrices, which lie in `owner`: the envelope keeps it.
grpc::ByteBuffer pack_in_place(const wire::OutgoingMessage& message,
                               const std::shared_ptr<wire::Buffer>& owner);

/// Copies the message of `envelope` into `message`, reusing the memory of its payload. Throws
/// ProtocolError for anything but an envelope with a whole message and nothing else.
void unpack(const grpc::ByteBuffer& envelope, std::size_t max_payload_bytes,
            wire::Message& message);

}  // namespace enxame::rpc

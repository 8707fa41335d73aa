#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "http/body_room.h"
#include "http/chunk_reader.h"
#include "http/server/connection.h"

namespace enxame::http {

namespace {

// Bodies are read in steps, so that memory is taken as bytes arrive and not when they are
// announced.
constexpr std::size_t kBodyStepBytes = 512 * 1024;

constexpr std::size_t kMaxKeptBytes = 64 * 1024;

}  // namespace

void Connection::read_body() {
  if (framing_.is_chunked) {
    read_chunked_body();
  } else {
    read_sized_body();
  }
}

void Connection::read_sized_body() {
  const std::size_t length = framing_.content_length;
  if (length > context_.options.max_body_bytes) {
    throw Error(413, "the body has " + std::to_string(length) + " bytes, at most " +
                         std::to_string(context_.options.max_body_bytes) + " are taken");
  }
  const std::size_t buffered = std::min(length, input_.bytes().size());
  std::string& body = request_.body;
  if (length > net::Budget::kUncountedBytes) {
    body_share_.resume();
  } else if (body.capacity() > kMaxKeptBytes) {
    let_go_of_body();
  }
  body.assign(input_.bytes().substr(0, buffered));
  input_.consume(buffered);
  if (buffered == length) return;
  if (length > net::Budget::kUncountedBytes)
    hold_body(body_share_, std::min(length, kBodyStepBytes));
  await_body();

  // Reserved memory is not touched before bytes arrive, so an announced length costs nothing yet.
  body.reserve(length);
  for (std::size_t have = buffered; have < length;) {
    const std::size_t size = std::min(length, std::max(body.size(), have + kBodyStepBytes));
    if (length > net::Budget::kUncountedBytes) hold_body(body_share_, size);
    body.resize(size);
    const std::size_t received =
        stream_.read(body.data() + have, body.size() - have, body_deadline_.at());
    if (received == 0) end_of_input();
    received_bytes_ += received;
    have += received;
    note_body(received);
  }
  body_share_.complete();
}

/// Only data is progress: who sends little else is as slow as its data.
void Connection::read_chunked_body() {
  const std::size_t most = context_.options.max_body_bytes;
  std::string& body = request_.body;
  body_share_.resume();
  body.clear();
  ChunkReader chunks;
  bool is_awaited = false;
  for (;;) {
    input_.consume(chunks.read_framing(input_.bytes()));
    if (chunks.ended()) break;
    if (chunks.data_bytes() > most - body.size()) {
      throw Error(413, "the body has more than the " + std::to_string(most) +
                           " bytes that are taken at most");
    }
    if (const auto data = input_.bytes().substr(0, chunks.data_bytes()); !data.empty()) {
      append_to_body(data);
      if (is_awaited) note_body(data.size());
      chunks.took(data.size());
      input_.consume(data.size());
      continue;
    }
    if (!is_awaited) await_body();
    is_awaited = true;
    receive_more(body_deadline_.at());
  }
  body_share_.complete();
}

/// Appends to a body that may become longer, and counts what it takes.
void Connection::append_to_body(std::string_view data) {
  const std::size_t most = context_.options.max_body_bytes;
  std::string& body = request_.body;
  const std::size_t size = body.size() + data.size();
  const bool is_moved = size > body.capacity();
  // While it is moved there are both, what it has and what it gets.
  const std::size_t taken = std::min(is_moved ? body.size() + size : size, most);
  if (taken > std::max(net::Budget::kUncountedBytes, body_share_.held()))
    hold_body(body_share_, std::min(taken + kBodyStepBytes, most));
  body.append(data);
  if (is_moved) body_share_.shrink_to(size);
}

/// From here on the client's next bytes are waited for.
void Connection::await_body() {
  if (framing_.expects_continue) {
    stream_.write("HTTP/1.1 100 Continue\r\n\r\n", net::Deadline(context_.pace()));
  }
  const net::TimePoint now = std::chrono::steady_clock::now();
  body_deadline_ = net::Deadline(context_.pace(), began_);
  body_stalls_at_ = now + kBodyStalls;
  note_progress(now);
  if (!leave_for(Activity::reading_body)) end_of_input();
}

/// So many bytes of the body have come.
void Connection::note_body(std::size_t bytes) {
  const net::TimePoint now = std::chrono::steady_clock::now();
  body_deadline_.moved(bytes, now);
  body_share_.moved(bytes, now);
  const net::Pace place{kBodyStalls, context_.options.minimum_rate};
  body_stalls_at_ = net::moved_on(body_stalls_at_, bytes, place, now);
  note_progress(body_stalls_at_ - kBodyStalls);
}

/// A large body may be followed by another, and new memory costs a page fault for every 4 KiB.
void Connection::keep_body() noexcept {
  if (request_.body.capacity() > kMaxKeptBytes) {
    body_share_.keep();
  } else {
    body_share_.release();
  }
}

/// Assigning an empty string would leave the memory where it is.
void Connection::let_go_of_body() noexcept {
  if (request_.body.capacity() > kMaxKeptBytes) std::string().swap(request_.body);
  body_share_.release();
}

}  // namespace enxame::http

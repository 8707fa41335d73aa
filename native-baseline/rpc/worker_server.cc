#include "native-baseline/rpc/worker_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <sys/socket.h>

#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "matmul/binary_codec.h"
#include "matmul/stopwatch.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;

Poco::Net::ServerSocket listen_on(const std::string& host, std::uint16_t port) {
  try {
    Poco::Net::ServerSocket listener;
    // Poco shares a port between processes unless told not to.
    listener.bind(Poco::Net::SocketAddress(host, port), true, false);
    listener.listen(1024);
    return listener;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("cannot listen on " + host + ":" + std::to_string(port) + ": " +
                             error.displayText());
  }
}

}  // namespace

WorkerServer::WorkerServer(WorkerServerOptions options, Matmul& matmul)
    : options_(std::move(options)),
      matmul_(matmul),
      listener_(listen_on(options_.listen, options_.port)),
      port_(listener_.address().port()),
      acceptor_([this] { accept_connections(); }) {}

WorkerServer::~WorkerServer() {
  drain(0ms);
  for (Session& session : sessions_) session.thread.join();
}

bool WorkerServer::drain(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
  ::shutdown(listener_.impl()->sockfd(), SHUT_RDWR);  // wakes the acceptor
  if (acceptor_.joinable()) acceptor_.join();

  std::unique_lock lock(mutex_);
  for (Session& session : sessions_) {
    if (session.channel) session.channel->shutdown_receive();
  }
  const bool in_time = changed_.wait_for(lock, patience, [&] { return open_sessions_ == 0; });
  for (Session& session : sessions_) {
    if (session.channel) session.channel->shutdown();
  }
  return in_time;
}

void WorkerServer::accept_connections() {
  while (!draining_) {
    try {
      accept_one();
    } catch (const std::exception& error) {  // Poco's exceptions are among them
      std::unique_lock lock(mutex_);
      if (draining_) return;
      options_.log(std::string("cannot serve a connection: ") + error.what());
      // No descriptors or threads left, most likely: try again when a session has ended, or in a
      // moment.
      changed_.wait_for(lock, 100ms);
    }
  }
}

void WorkerServer::accept_one() {
  std::list<Session> accepted;
  accepted.emplace_back(Channel(listener_.acceptConnection(), options_.max_payload_bytes));
  join_finished_sessions();

  const std::lock_guard lock(mutex_);
  if (open_sessions_ >= options_.max_connections) {
    refuse(*accepted.front().channel);
    return;
  }
  Session& session = accepted.front();
  session.thread = std::thread([this, &session] { serve(session); });
  sessions_.splice(sessions_.end(), accepted);
  ++open_sessions_;
  if (options_.observer != nullptr) options_.observer->opened();
}

void WorkerServer::refuse(Channel& channel) const {
  const std::string text =
      "the worker serves " + std::to_string(options_.max_connections) + " connections already";
  options_.log("refused a connection: " + text);
  if (options_.observer != nullptr) options_.observer->turned_away();
  try {
    channel.send(encode_error(MessageKind::failed, 0, text), Clock::now());
  } catch (const ChannelError&) {  // gone before it could be told
  }
}

void WorkerServer::join_finished_sessions() {
  std::list<Session> finished;
  {
    const std::lock_guard lock(mutex_);
    for (auto session = sessions_.begin(); session != sessions_.end();) {
      const auto next = std::next(session);
      if (!session->channel) finished.splice(finished.end(), sessions_, session);
      session = next;
    }
  }
  for (Session& session : finished) session.thread.join();
}

void WorkerServer::serve(Session& session) {
  Channel& channel = *session.channel;
  try {
    converse(channel);
  } catch (const std::exception& error) {
    options_.log(std::string("connection ended: ") + error.what());
  }
  const std::lock_guard lock(mutex_);
  session.channel.reset();
  --open_sessions_;
  if (options_.observer != nullptr) options_.observer->closed();
  changed_.notify_all();
}

void WorkerServer::converse(Channel& channel) {
  const auto message_deadline = [&] { return Clock::now() + options_.message_timeout; };
  try {
    while (!draining_) {
      channel.wait_readable(kNever);
      std::optional<Message> message = channel.receive(message_deadline());
      if (!message) return;
      const auto reply = answer(std::move(*message), channel);
      if (!reply) return;
      channel.send(*reply, message_deadline());
    }
  } catch (const ProtocolError& error) {
    channel.send(encode_error(MessageKind::failed, 0, error.what()), message_deadline());
    throw;
  }
}

std::optional<std::string> WorkerServer::answer(Message message, const Channel& channel) {
  if (message.header.kind != MessageKind::multiply) {
    throw ProtocolError("a message of kind " + std::string(to_string(message.header.kind)) +
                        ", expected multiply");
  }
  TaskReport report;
  report.received_bytes = kMessageHeaderBytes + message.payload.view().size();
  Stopwatch watch;
  report.phases.received_at = watch.lap_began_at();
  const FifoGate::Pass pass(turn_);
  report.queue = watch.lap();
  if (channel.peer_closed()) return std::nullopt;
  std::string reply = compute(std::move(message), report);
  report.sent_bytes = reply.size();
  if (options_.observer != nullptr) options_.observer->answered(report);
  return reply;
}

std::string WorkerServer::compute(Message message, TaskReport& report) {
  const std::uint64_t call_id = message.header.call_id;
  WorkerPhases& phases = report.phases;
  report.outcome = MessageKind::refused;
  try {
    Stopwatch watch;
    const Factors factors = decode_multiply(message.payload.view());
    message.payload = {};
    const Shape c = product_shape(factors.a.shape(), factors.b.shape());
    if (const std::size_t bytes = product_payload_bytes(c); bytes > options_.max_payload_bytes) {
      return encode_error(MessageKind::refused, call_id,
                          "the product, " + enxame::to_string(c) + ", would take " +
                              std::to_string(bytes) + " bytes on the wire, more than the " +
                              std::to_string(options_.max_payload_bytes) + " allowed");
    }
    phases.decode = watch.lap();
    const Product product = matmul_.multiply(factors.a, factors.b);
    phases.compute = watch.lap();
    std::string reply = encode_product(call_id, product.matrix, phases);
    phases.encode = watch.lap();
    report.outcome = MessageKind::product;
    return reply;
  } catch (const FrameError& error) {
    return encode_error(MessageKind::refused, call_id, error.what());
  } catch (const ShapeError& error) {
    return encode_error(MessageKind::refused, call_id, error.what());
  } catch (const std::exception& error) {
    report.outcome = MessageKind::failed;
    return encode_error(MessageKind::failed, call_id, error.what());
  }
}

}  // namespace enxame::rpc

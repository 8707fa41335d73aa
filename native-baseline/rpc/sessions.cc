#include "native-baseline/rpc/sessions.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <sys/socket.h>

#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace enxame::rpc {

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

Sessions::Sessions(const WorkerServerOptions& options, Manners manners)
    : options_(options),
      manners_(std::move(manners)),
      listener_(listen_on(options_.listen, options_.port)),
      port_(listener_.address().port()),
      acceptor_([this] { accept_connections(); }) {}

Sessions::~Sessions() {
  drain(0ms);
  for (Session& session : sessions_) session.thread.join();
}

bool Sessions::drain(std::chrono::milliseconds patience) {
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

void Sessions::accept_connections() {
  while (!draining_) {
    try {
      accept_one();
    } catch (const std::exception& error) {  // Poco's exceptions are among them
      std::unique_lock lock(mutex_);
      if (draining_) return;
      log_quietly(options_, "cannot serve a connection: ", error.what());
      // No descriptors or threads left, most likely: try again when a session has ended, or in a
      // moment.
      changed_.wait_for(lock, 100ms);
    }
  }
}

void Sessions::accept_one() {
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

void Sessions::refuse(Channel& channel) const {
  const std::string text =
      "the worker serves " + std::to_string(options_.max_connections) + " connections already";
  options_.log("refused a connection: " + text);
  if (options_.observer != nullptr) options_.observer->turned_away();
  try {
    channel.send(manners_.refusal(text), Clock::now());
  } catch (const ChannelError&) {  // gone before it could be told
  }
}

void Sessions::join_finished_sessions() {
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

void Sessions::serve(Session& session) {
  Channel& channel = *session.channel;
  try {
    manners_.converse(channel);
  } catch (const std::exception& error) {
    log_quietly(options_, "connection ended: ", error.what());
  }
  const std::lock_guard lock(mutex_);
  session.channel.reset();
  --open_sessions_;
  if (options_.observer != nullptr) options_.observer->closed();
  changed_.notify_all();
}

}  // namespace enxame::rpc

#pragma once

#include "actors/transport/authorizer.hpp"
#include "actors/transport/http/http_client.hpp"

#include <map>
#include <memory>

namespace hub {

/// Requests to one server with its configured headers and its authorization: gets
/// credentials before a request if need be, and again when the server refuses them
/// (MCP authorization, "Error Handling"), at most three times a request. Without an
/// authorizer, 401 is a failure at once. Belongs to one shard, like its client.
class authorized_client {
public:
  /// @param headers For the origin of the server only. They must not name what the
  ///                protocol says itself.
  authorized_client(shard& home, http_client_settings settings, fetch_headers headers,
                    std::unique_ptr<authorizer> authorizer);

  authorized_client(const authorized_client&) = delete;
  authorized_client& operator=(const authorized_client&) = delete;

  ~authorized_client();

  /// As `http_client::start`. Further failures: `unauthorized`, `forbidden`.
  fetch_id start(fetch_request&& request, std::unique_ptr<fetch_reader> reader);

  /// As `http_client::cancel`.
  void cancel(fetch_id id);

private:
  class core;

  std::shared_ptr<core> core_;
};

} // namespace hub

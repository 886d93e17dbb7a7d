#pragma once

#include <string>
#include <vector>

namespace hub {

/// How the hub gets a token for one server, with every placeholder resolved. It
/// holds secrets: never log, store or send it.
struct oauth_settings {
  /// The address of the MCP server.
  std::string url;

  /// Empty if the hub has to register itself.
  std::string client_id;
  std::string client_secret;

  /// A private key in PEM, to sign with instead of sending a secret.
  std::string private_key;

  /// The authorization server that `client_id` belongs to; empty if any.
  std::string issuer;

  /// An `https` address of a Client ID Metadata Document, or empty.
  std::string client_metadata_url;

  /// To ask for in any case.
  std::vector<std::string> scopes;

  /// Without a user: the grant `client_credentials`.
  bool without_user = false;

  /// Its authorization server may lie in a private network though it does not.
  bool private_network = false;
};

} // namespace hub

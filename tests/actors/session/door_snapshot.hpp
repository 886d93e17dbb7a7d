#pragma once

#include "actors/catalog/snapshot.hpp"
#include "messages/client.hpp"
#include "messages/rpc/json_scan.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::test {

/// What a server offers, of JSON objects.
struct offer {
  std::vector<std::string> tools;
  std::vector<std::string> resources;
  std::vector<std::string> templates;
  std::vector<std::string> prompts;
  std::string capabilities = R"({"tools":{},"resources":{"subscribe":true},"prompts":{}})";
};

inline catalogue_ptr make_catalogue(std::string server, const offer& x) {
  auto result = std::make_shared<server_catalogue>();
  auto add = [](const std::vector<std::string>& from, std::vector<json_text>& to) {
    for (auto& text : from)
      to.emplace_back(text);
  };
  result->fingerprint = "of " + server;
  result->server = std::move(server);
  result->protocol_version = "2025-06-18";
  result->server_info = json_text::of_literal(R"({"name":"its own name","title":"Its title","version":"3"})");
  result->instructions = json_text::of_literal(R"("Be gentle.")");
  result->capabilities = json_text{x.capabilities};
  add(x.tools, result->tools);
  add(x.resources, result->resources);
  add(x.templates, result->templates);
  add(x.prompts, result->prompts);
  return result;
}

/// A server that was asked before; with no catalogue, one that never was.
inline known_server make_server(std::string name, catalogue_ptr catalogue = nullptr) {
  known_server result;
  result.fingerprint = "of " + name;
  result.name = std::move(name);
  result.catalogue = std::move(catalogue);
  return result;
}

inline const offer git_offer{
  {R"({"name":"create_issue","title":"Create issue","description":"Opens an issue in a repository",)"
   R"("inputSchema":{"type":"object","properties":{"repo":{"type":"string"}},"required":["repo"]}})",
   R"({"name":"list_branches","description":"Lists branches","inputSchema":{"type":"object"}})"},
  {R"({"uri":"file:///readme","name":"readme","size":7})", R"({"uri":"file:///both","name":"both"})"},
  {R"({"uriTemplate":"git://{repo}/head","name":"head"})"},
  {R"({"name":"review","description":"Reviews a change"})"}};

inline const offer note_offer{
  {R"({"name":"write_note","description":"Writes a note","inputSchema":{"type":"object"}})"},
  {R"({"uri":"file:///both","name":"both"})"},
  {},
  {R"({"name":"review"})"}};

/// `git hub` (whose tools begin with `git_hub__`) and `notes`, both known, and
/// `new`, which was never asked.
inline std::vector<known_server> three_servers() {
  return {make_server("git hub", make_catalogue("git hub", git_offer)),
          make_server("notes", make_catalogue("notes", note_offer)), make_server("new")};
}

/// A request as a door gives it to a session.
inline client_request make_request(std::string_view method, std::string_view params = "{}",
                                   std::string_view id = "1", hub::era era = hub::era::handshake) {
  client_request result;
  result.message = std::get<rpc::envelope>(rpc::scan_client_message(
    json_text{R"({"jsonrpc":"2.0","id":)" + std::string{id} + R"(,"method":)" + rpc::quote(method)
              + R"(,"params":)" + std::string{params} + "}"}));
  auto context = std::make_shared<client_context>();
  context->era = era;
  context->protocol_version = era == hub::era::handshake ? "2025-06-18" : "2026-07-28";
  context->name = "tester";
  result.client = std::move(context);
  return result;
}

/// The member of a member and so on: `at(x, "a", "b")` of `{"a":{"b":1}}` is `1`.
inline std::string at(std::string_view json) {
  return std::string{json};
}

template <class... Keys>
std::string at(std::string_view json, std::string_view key, Keys... more) {
  return at(rpc::member(json, key), more...);
}

/// The elements of an array.
inline std::vector<std::string> elements(std::string_view array) {
  std::vector<std::string> result;
  rpc::for_each_element(array, [&](std::string_view x) {
    result.emplace_back(x);
    return true;
  });
  return result;
}

/// The text of the first content of a tool's result.
inline std::string first_text(std::string_view result) {
  auto content = elements(rpc::member(result, "content"));
  return content.empty() ? "" : rpc::unquote(rpc::member(content[0], "text")).value_or("");
}

} // namespace hub::test

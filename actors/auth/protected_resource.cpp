#include "actors/auth/protected_resource.hpp"

#include "actors/auth/json_document.hpp"

namespace hub {

namespace {

std::string without_slash(std::string path) {
  while (path.ends_with('/'))
    path.pop_back();
  return path;
}

} // namespace

std::vector<std::string> resource_metadata_addresses(const web_address& url, const std::string& told) {
  std::vector<std::string> result;
  if (!told.empty())
    result.push_back(told);
  auto root = url.origin() + "/.well-known/oauth-protected-resource";
  if (auto path = without_slash(url.path); !path.empty())
    result.push_back(root + path);
  result.push_back(root);
  return result;
}

std::optional<protected_resource> read_protected_resource(std::string_view text) {
  if (!is_document(text))
    return std::nullopt;
  protected_resource result;
  result.resource = document_text(text, "resource");
  result.authorization_servers = document_texts(text, "authorization_servers").value_or(std::vector<std::string>{});
  result.scopes_supported = document_texts(text, "scopes_supported").value_or(std::vector<std::string>{});
  if (result.authorization_servers.empty())
    return std::nullopt;
  return result;
}

bool covers(std::string_view resource, const web_address& url) {
  auto x = read_address(resource);
  if (!x || x->origin() != url.origin())
    return false;
  auto above = without_slash(x->path);
  return url.path.starts_with(above) && (url.path.size() == above.size() || url.path[above.size()] == '/');
}

std::string canonical_resource(const web_address& url) {
  return url.origin() + without_slash(url.path);
}

} // namespace hub

#include "service/config/oauth_entry.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace hub {

namespace {

using kind = config_value::kind;
using names = std::initializer_list<std::string_view>;

const config_value* find(const config_value& x, names any) {
  for (auto name : any)
    if (auto* value = x.find(name); value && !value->is(kind::null))
      return value;
  return nullptr;
}

/// Scopes come as an array, or as one string with blanks between.
std::vector<std::string> read_scopes(const config_value& x, const std::string& label, value_reader& reader) {
  if (!x.is(kind::string))
    return reader.strings(x, label);
  std::vector<std::string> result;
  std::string_view rest = x.text;
  while (!rest.empty()) {
    auto end = std::min(rest.find(' '), rest.size());
    if (end != 0)
      result.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return result;
}

} // namespace

oauth_config read_oauth(const config_value& x, const std::string& label, value_reader& reader) {
  oauth_config result;
  if (!x.is(kind::object)) {
    reader.wrong_type(x, label, "an object", "write it like {\"client_id\": \"abc\"}");
    return result;
  }
  reader.check_unique(x, label);
  auto text = [&](std::string& to, names any) {
    if (auto* value = find(x, any))
      to = reader.string(*value, label + "." + std::string{*any.begin()}).value_or("");
  };
  text(result.client_id, {"client_id", "clientId"});
  text(result.client_secret, {"client_secret", "clientSecret"});
  text(result.private_key, {"private_key", "privateKey"});
  text(result.issuer, {"issuer"});
  text(result.client_metadata_url, {"client_metadata_url", "clientMetadataUrl"});
  if (auto* scopes = find(x, {"scopes", "scope"}))
    result.scopes = read_scopes(*scopes, label + ".scopes", reader);
  if (auto* inside = find(x, {"private_network", "privateNetwork"}))
    result.private_network = reader.boolean(*inside, label + ".private_network").value_or(false);
  std::string grant;
  text(grant, {"grant"});
  result.without_user = grant == "client_credentials";
  if (!grant.empty() && grant != "client_credentials" && grant != "authorization_code")
    reader.fail(find(x, {"grant"})->begin, label + ".grant is \"" + grant + "\", which the hub does not know",
                "use authorization_code or client_credentials");
  auto& document = result.client_metadata_url;
  if (!document.empty() && !document.starts_with("https://") && !document.starts_with("${"))
    reader.fail(find(x, {"client_metadata_url", "clientMetadataUrl"})->begin,
                label + ".client_metadata_url is no https:// address", "put the document where https leads to it");
  if (result.client_id.empty() && (result.without_user || !result.client_secret.empty() || !result.private_key.empty()))
    reader.fail(x.begin, label + " has no client_id", "add the \"client_id\" that the secret or the grant belongs to");
  if (result.without_user && result.client_secret.empty() && result.private_key.empty())
    reader.fail(x.begin, label + " has neither client_secret nor private_key, without which client_credentials gives no token",
                "add one of them, best as a placeholder such as ${MY_SECRET}");
  return result;
}

} // namespace hub

#include "actors/cache/cache_rules.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/glob.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <initializer_list>

namespace hub {

namespace {

using kind = cache_rule::kind;

/// SHA-256 over texts, each behind its size, so that none can be taken for a part of another.
sha256_digest digest_of(std::initializer_list<std::string_view> texts) {
  std::string all;
  for (auto text : texts)
    all.append(std::to_string(text.size())).append(":").append(text);
  return sha256_of(all);
}

std::chrono::milliseconds ttl_of(cache_mode mode, std::chrono::milliseconds ttl) {
  return mode == cache_mode::ttl ? ttl : std::chrono::milliseconds{0};
}

/// What the hints of a tool and the settings say of its calls.
cache_rule rule_of(const server_cache& settings, std::string_view tool, std::string_view name) {
  cache_rule result;
  result.is_public = settings.is_public;
  auto hints = rpc::member(tool, "annotations");
  auto only_reads = rpc::member(hints, "readOnlyHint");
  auto of_others = settings.drop_on_write ? kind::write : kind::pass;
  if (only_reads == "false") {
    // No setting makes a write of it that can be left out.
    result.what = of_others;
    return result;
  }
  auto set = std::ranges::find_if(settings.tools, [&](auto& x) { return matches_pattern(name, x.tool); });
  auto vouched = set != settings.tools.end();
  auto mode = vouched ? set->mode : settings.mode;
  auto may_repeat = only_reads == "true" && rpc::member(hints, "idempotentHint") == "true";
  if (mode != cache_mode::off && (vouched || may_repeat)) {
    result.what = kind::read;
    result.ttl = ttl_of(mode, vouched ? set->ttl : settings.ttl);
  } else if (only_reads != "true") {
    result.what = of_others;
  }
  return result;
}

} // namespace

server_cache_rules::server_cache_rules(const server_cache& settings, const server_catalogue& catalogue,
                                       std::string_view fingerprint) {
  other_tools_.what = settings.drop_on_write ? kind::write : kind::pass;
  if (settings.mode != cache_mode::off && !rpc::member(catalogue.capabilities.view(), "resources").empty()) {
    resources_.what = kind::read;
    resources_.is_public = settings.is_public;
    resources_.subject = digest_of({fingerprint, "resources/read"});
    reads_any_ = true;
  }
  for (auto& tool : catalogue.tools) {
    auto name = rpc::unquote(rpc::member(tool.view(), "name")).value_or("");
    auto rule = rule_of(settings, tool.view(), name);
    if (rule.what == kind::read) {
      rule.subject = digest_of({fingerprint, "tools/call", name, tool.view()});
      reads_any_ = true;
    }
    tools_.emplace(std::move(name), rule);
  }
}

const cache_rule* server_cache_rules::find(std::string_view method, std::string_view tool) const {
  const cache_rule* result = nullptr;
  if (method == "tools/call") {
    auto i = tools_.find(tool);
    result = i != tools_.end() ? &i->second : &other_tools_;
  } else if (method == "resources/read") {
    result = &resources_;
  }
  return result && result->what != kind::pass ? result : nullptr;
}

std::shared_ptr<const server_cache_rules> make_cache_rules(const server_cache& settings, const catalogue_ptr& catalogue,
                                                           std::string_view fingerprint) {
  auto is_on = [](auto& x) { return x.mode != cache_mode::off; };
  if (!catalogue || (settings.mode == cache_mode::off && std::ranges::none_of(settings.tools, is_on)))
    return nullptr;
  auto result = std::make_shared<const server_cache_rules>(settings, *catalogue, fingerprint);
  return result->any() ? result : nullptr;
}

cache_rule_ptr cache_rule_of(const std::shared_ptr<const server_cache_rules>& rules, std::string_view method,
                             std::string_view params) {
  if (!rules)
    return nullptr;
  std::string text;
  // A name that can be read in two ways names a tool that is not known, which may write.
  auto tool = method == "tools/call" ? called_tool(params, text).value_or("") : "";
  auto* rule = rules->find(method, tool);
  return rule ? cache_rule_ptr{rules, rule} : nullptr;
}

} // namespace hub

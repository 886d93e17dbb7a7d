#include "tests/bench/search_corpus.hpp"

#include "actors/catalog/tool_names.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

namespace hub::bench {

namespace {

template <class F>
void for_each_line(const std::string& path, F&& f) {
  std::ifstream file{path};
  if (!file)
    throw std::runtime_error{"cannot read " + path + ": pass a file with one JSON object on each line"};
  for (std::string line; std::getline(file, line);)
    if (!line.empty())
      f(line);
}

std::string text_of(std::string_view object, std::string_view key) {
  return rpc::unquote(rpc::member(object, key)).value_or("");
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> result;
  for (std::string word; in >> word;)
    result.push_back(word);
  return result;
}

} // namespace

void search_corpus::add_distractors(size_t count) {
  std::mt19937 random{42};
  auto pick = [&random](const auto& from) { return from[random() % from.size()]; };
  auto originals = tools.size();
  std::vector<std::string> words;
  std::vector<std::string> name_words;
  for (auto& tool : tools) {
    for (auto& word : words_of(tool.description))
      words.push_back(word);
    auto name = tool.name;
    std::replace(name.begin(), name.end(), '-', '_');
    std::replace(name.begin(), name.end(), '_', ' ');
    for (auto& word : words_of(name))
      name_words.push_back(word);
  }
  auto real_servers = servers;
  while (tools.size() < count) {
    if (tools.size() % 9 == 0 || servers.size() == real_servers.size())
      servers.push_back(pick(real_servers) + '-' + pick(name_words) + std::to_string(servers.size()));
    auto added = tools[random() % originals];
    added.server = static_cast<uint32_t>(servers.size() - 1);
    added.name = pick(name_words) + '_' + pick(name_words) + (random() % 2 ? '_' + pick(name_words) : "");
    std::string description;
    for (auto& word : words_of(added.description))
      description += (random() % 2 ? pick(words) : word) + ' ';
    added.description = description;
    tools.push_back(added);
  }
  auto ids = server_ids(servers);
  for (auto& tool : tools)
    tool.exposed_name = ids[tool.server] + "__" + tool.name;
}

std::vector<server_document> search_corpus::server_documents() const {
  std::vector<server_document> result;
  for (auto& name : servers)
    result.push_back({name, {}});
  return result;
}

std::vector<tool_document> search_corpus::tool_documents() const {
  std::vector<tool_document> result;
  for (auto& tool : tools)
    result.push_back({tool.server, tool.name, tool.exposed_name, {}, tool.description,
                      {tool.parameter_names.begin(), tool.parameter_names.end()}});
  return result;
}

search_corpus read_tools(const std::string& path) {
  search_corpus result;
  for_each_line(path, [&](const std::string& line) {
    auto server = text_of(line, "server");
    auto found = std::find(result.servers.begin(), result.servers.end(), server);
    auto index = static_cast<uint32_t>(found - result.servers.begin());
    if (found == result.servers.end())
      result.servers.push_back(server);
    search_corpus::tool tool{index, text_of(line, "name"), {}, text_of(line, "description"), {},
                             std::make_shared<const std::string>(rpc::member(line, "inputSchema"))};
    rpc::for_each_member(rpc::member(rpc::member(line, "inputSchema"), "properties"), [&](rpc::json_member x) {
      tool.parameter_names.emplace_back(x.key);
      return true;
    });
    result.tools.push_back(std::move(tool));
  });
  return result;
}

std::vector<search_question> read_questions(const std::string& path) {
  std::vector<search_question> result;
  for_each_line(path, [&](const std::string& line) {
    search_question question{text_of(line, "kind"), text_of(line, "query"), {}};
    rpc::for_each_element(rpc::member(line, "tools"), [&](std::string_view x) {
      question.tools.push_back(rpc::unquote(x).value_or(""));
      return true;
    });
    result.push_back(std::move(question));
  });
  return result;
}

} // namespace hub::bench

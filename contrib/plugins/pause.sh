#!/bin/sh
# A plugin of slm-hub: denies all calls while a file named PAUSED lies beside it.
# Usage: copy it into ~/.slm-mcp-hub/plugins, make it executable, run slm-hub reload; then touch and rm PAUSED there

while IFS= read -r line; do
  # The members of a request of the hub stand in this order: jsonrpc, id, method, params.
  id=${line#'{"jsonrpc":"2.0","id":'}
  id=${id%%,*}
  case $line in
    *'"method":"initialize"'*)
      echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocol":1,"name":"pause","version":"1.0","hooks":["before_call"],"time_limit_ms":200}}'
      ;;
    '{"jsonrpc":"2.0","id":'*'"method":"before_call"'*)
      if [ -e PAUSED ]; then
        echo "denied $line" >&2
        echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"deny":"the hub is paused; rm the file PAUSED in its plugins folder"}}'
      else
        echo '{"jsonrpc":"2.0","id":'"$id"',"result":{}}'
      fi
      ;;
  esac
done

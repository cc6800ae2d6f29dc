# A signed request as Hookswitch sends it, to try your receiver with: bash send.sh
TOKEN=${HOOKSWITCH_SECRET_TOKEN:?} SECRET=${HOOKSWITCH_SIGNING_SECRET:?}
URL=http://127.0.0.1:${PORT:-9000}/
ID=msg_test TIME=$(date +%s)
BODY='{"type":"user_inbound_completed","unique_call_id":"n1b1-1790868675.4","caller_id":"61400000001","caller_name":"Jane Citizen","user_name":"Alice","user_number":"1001","dest_number":"61300000000","call_start_at":"2026-10-01T15:31:15.000Z","queue_name":"Support","ring_group_name":null,"connected_at":"2026-10-01T15:31:27.250Z","call_duration":102,"conversation_duration":95}'
KEY=$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
SIGNATURE=$(printf %s "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)
curl -i "$URL" -H 'Content-Type: application/json' -H "X-Pbx-Token: $TOKEN" \
  -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE" \
  --data-raw "$BODY"

<?php
// A receiver of webhooks that needs PHP alone: php -S 127.0.0.1:9000 receiver.php
$token = (string) getenv('HOOKSWITCH_SECRET_TOKEN');
$key = base64_decode(preg_replace('/^whsec_/', '', (string) getenv('HOOKSWITCH_SIGNING_SECRET')));

function is_genuine(string $body, string $token, string $key): bool
{
    if ($token === '' || $key === '') {
        throw new RuntimeException('set HOOKSWITCH_SECRET_TOKEN and HOOKSWITCH_SIGNING_SECRET');
    }
    $at = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (!hash_equals($token, $_SERVER['HTTP_X_PBX_TOKEN'] ?? '') || abs(time() - (int) $at) > 300) {
        return false;
    }
    $signed = ($_SERVER['HTTP_WEBHOOK_ID'] ?? '') . ".$at.$body";
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $one) {
        if (hash_equals($wanted, $one)) {
            return true;
        }
    }
    return false;
}

$body = file_get_contents('php://input');
if (!is_genuine($body, $token, $key)) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true); // the same webhook-id can come twice: handle it once
error_log("{$_SERVER['HTTP_WEBHOOK_ID']} {$event['type']} {$event['unique_call_id']}");
http_response_code(204);

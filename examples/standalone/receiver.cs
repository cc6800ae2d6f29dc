// A receiver of webhooks for ASP.NET: `dotnet new web`, put this in place of Program.cs, `dotnet run`.
using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

var token = Environment.GetEnvironmentVariable("HOOKSWITCH_SECRET_TOKEN")!;
var key = Signature.KeyOf(Environment.GetEnvironmentVariable("HOOKSWITCH_SIGNING_SECRET")!);
var port = Environment.GetEnvironmentVariable("PORT") ?? "9000";
var app = WebApplication.CreateBuilder(args).Build();

app.MapPost("/", async (HttpRequest request) =>
{
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
    if (!Signature.IsGenuine(name => request.Headers[name].ToString(), body, token, key))
        return Results.Unauthorized();
    var call = JsonDocument.Parse(body).RootElement; // the same webhook-id can come twice: handle it once
    Console.WriteLine($"{request.Headers["webhook-id"]} {call.GetProperty("type")} {call.GetProperty("unique_call_id")}");
    return Results.NoContent();
});
app.Run($"http://127.0.0.1:{port}");

static class Signature
{
    public static byte[] KeyOf(string secret) => Convert.FromBase64String(secret.Replace("whsec_", ""));

    public static bool IsGenuine(Func<string, string> header, byte[] body, string token, byte[] key)
    {
        long at;
        if (!Same(token, header("X-Pbx-Token")) || !long.TryParse(header("webhook-timestamp"), out at)) return false;
        if (Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - at) > 300) return false;
        var signed = Encoding.UTF8.GetBytes($"{header("webhook-id")}.{at}.").Concat(body).ToArray();
        using (var hmac = new HMACSHA256(key))
        {
            var wanted = "v1," + Convert.ToBase64String(hmac.ComputeHash(signed));
            return (header("webhook-signature") ?? "").Split(' ').Any(one => Same(wanted, one));
        }
    }

    static bool Same(string wanted, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(wanted), Encoding.UTF8.GetBytes(given ?? ""));
}

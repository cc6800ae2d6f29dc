// A receiver of webhooks that needs .NET alone: `dotnet new console`, put this in place of Program.cs,
// `dotnet run`. Or Mono: `mcs -r:System.Runtime.Serialization,System.Xml.Linq receiver.cs`.
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Runtime.Serialization.Json;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using System.Xml;
using System.Xml.Linq;

static class Receiver
{
    static string token;
    static byte[] key;

    static void Main()
    {
        token = Setting("HOOKSWITCH_SECRET_TOKEN");
        key = Signature.KeyOf(Setting("HOOKSWITCH_SIGNING_SECRET"));
        var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "9000"}/");
        listener.Start();
        while (true)
        {
            var context = listener.GetContext();
            Task.Run(() => Answer(context.Request, context.Response));
        }
    }

    static void Answer(HttpListenerRequest request, HttpListenerResponse response)
    {
        try
        {
            var body = new MemoryStream();
            request.InputStream.CopyTo(body);
            var ok = Signature.IsGenuine(name => request.Headers[name] ?? "", body.ToArray(), token, key);
            if (ok) Handle(request.Headers["webhook-id"], body.ToArray());
            response.StatusCode = ok ? 204 : 401;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            response.StatusCode = 500; // it is sent again
        }
        response.Close();
    }

    static void Handle(string id, byte[] body)
    {
        var reader = JsonReaderWriterFactory.CreateJsonReader(body, XmlDictionaryReaderQuotas.Max);
        var call = XElement.Load(reader); // the same webhook-id can come twice: handle it once
        Console.WriteLine($"{id} {call.Element("type")?.Value} {call.Element("unique_call_id")?.Value}");
    }

    static string Setting(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? throw new InvalidOperationException($"set {name}") : value;
    }
}

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
            return header("webhook-signature").Split(' ').Any(one => Same(wanted, one));
        }
    }

    static bool Same(string wanted, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(wanted), Encoding.UTF8.GetBytes(given));
}

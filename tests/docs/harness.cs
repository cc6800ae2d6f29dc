using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;

// A server for the class Signature of examples/standalone/receiver.cs, which is appended to this.
static class Harness
{
    static void Main()
    {
        var token = Environment.GetEnvironmentVariable("HOOKSWITCH_SECRET_TOKEN");
        var key = Signature.KeyOf(Environment.GetEnvironmentVariable("HOOKSWITCH_SIGNING_SECRET"));
        var listener = new HttpListener();
        listener.Prefixes.Add("http://127.0.0.1:" + Environment.GetEnvironmentVariable("PORT") + "/");
        listener.Start();
        while (true)
        {
            var context = listener.GetContext();
            var body = new MemoryStream();
            context.Request.InputStream.CopyTo(body);
            var headers = context.Request.Headers;
            var ok = Signature.IsGenuine(name => headers[name], body.ToArray(), token, key);
            if (ok) Console.WriteLine(headers["webhook-id"]);
            context.Response.StatusCode = ok ? 204 : 401;
            context.Response.Close();
        }
    }
}


using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting.Https;

/// <summary>Portal in Production with a certificate, an encrypted key ring and no proxy, as <c>docs/hardening.md</c> describes it.</summary>
[Slow]
public sealed partial class HttpsPortalTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Portal_OwnCertificate_ServesPagesAndApiSafely()
    {
        var (data, tls, secret) = (Directory.CreateDirectory(Path.Combine(_folder.Path, "data")).FullName, Path.Combine(_folder.Path, "tls.pem"), Path.Combine(_folder.Path, "secret"));
        var key = await StoredData.WithTokenAsync(data);
        await File.WriteAllTextAsync(secret, "correct horse battery staple\n", TestContext.Current.CancellationToken);
        using (var certificate = TestCertificate.Create("portal.example"))
            certificate.WritePem(tls);
        await using var portal = await PortalProcess.StartAsync(data, environment: new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production", ["Portal__Https__Certificate"] = tls, ["Portal__Https__Url"] = "https://127.0.0.1:0", ["Portal__KeyRing__PassphraseFile"] = secret,
        });
        await portal.WaitForOutputAsync("https://127.0.0.1:");
        using var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=portal.example" },
        })
        { BaseAddress = new Uri(HttpsAddress().Match(portal.Output).Value), DefaultRequestVersion = HttpVersion.Version20 };

        using var page = await GetAsync(client, "/login", "portal.example");
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (page.StatusCode, page.Version));
        Assert.Matches("^max-age=[0-9]{8}", Assert.Single(page.Headers.GetValues("Strict-Transport-Security")));
        Assert.All(page.Headers.GetValues("Set-Cookie"), cookie => Assert.Matches("(?i)^__Host-(?=.*; path=/;)(?=.*; secure)(?=.*; httponly)(?=.*; samesite=(?:strict|lax))", cookie));
        using var local = await GetAsync(client, "/login", "localhost");
        Assert.False(local.Headers.Contains("Strict-Transport-Security"));

        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(key);
        using var answer = await client.GetAsync("/public/v1/auth/tokens", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await portal.StopAsync();
        Assert.Contains("Encrypted the key ring with a passphrase. Changed keys: 1", portal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unsafe setting", portal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", string.Join('\n', Directory.GetFiles(Path.Combine(data, "keys")).Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string host)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = client.DefaultRequestVersion };
        request.Headers.Host = host;
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"https://127\.0\.0\.1:\d+")]
    private static partial Regex HttpsAddress();
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Hosting.Https;
using Portal.Secrets;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting.Https;

/// <summary>The certificate of a real web server, and its files while they change.</summary>
public sealed class HttpsCertificateTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string Pem => Path.Combine(_folder.Path, "tls.pem");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_ReplacedWhileRunning_AreServedWithoutARestart()
    {
        using X509Certificate2 first = TestCertificate.Create("first.example"), second = TestCertificate.Create("second.example");
        first.WritePem(Pem);
        await using var server = await StartAsync(new() { ["Portal:Https:Certificate"] = Pem });
        using var kept = ClientOf(server, out var seen);
        Assert.Equal("ok", await kept.GetStringAsync("/", TestContext.Current.CancellationToken));
        Assert.Equal(["CN=first.example"], seen);

        second.WritePem(Pem);
        Certificate(server).Check();

        // Open connections continue, and new ones get the new certificate.
        Assert.Equal("ok", await kept.GetStringAsync("/", TestContext.Current.CancellationToken));
        using var client = ClientOf(server, out var seenLater);
        Assert.Equal("ok", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
        Assert.Equal(["CN=second.example"], seenLater);
    }

    [Fact]
    public async Task Files_LinkChanges_AsInKubernetes()
    {
        using X509Certificate2 first = TestCertificate.Create("first.example"), second = TestCertificate.Create("second.example");
        foreach (var (name, certificate) in ((string, X509Certificate2)[])[("..1", first), ("..2", second)])
            certificate.WritePem(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName, "tls.pem"));
        var data = Path.Combine(_folder.Path, "..data");
        Directory.CreateSymbolicLink(data, "..1");
        File.CreateSymbolicLink(Pem, Path.Combine("..data", "tls.pem"));
        await using var server = await StartAsync(new() { ["Portal:Https:Certificate"] = Pem });

        Directory.Delete(data);
        Certificate(server).Check(); // Between the two, there is no file.
        Directory.CreateSymbolicLink(data, "..2");
        Certificate(server).Check();

        Assert.Equal("CN=second.example", Certificate(server).Current.TargetCertificate.Subject);
    }

    [Fact]
    public async Task Files_BrokenThenRepaired_KeepTheFormerCertificateAndWarnOnce()
    {
        using X509Certificate2 first = TestCertificate.Create("first.example"), second = TestCertificate.Create("second.example");
        first.WritePem(Pem);
        var log = new LogRecorder();
        await using var server = await StartAsync(new() { ["Portal:Https:Certificate"] = Pem }, log);

        await File.WriteAllTextAsync(Pem, "-----BEGIN CERTIFICATE-----\nhalf", TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
            Certificate(server).Check();
        using (var client = ClientOf(server, out var seen))
        {
            Assert.Equal("ok", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
            Assert.Equal(["CN=first.example"], seen);
        }

        Assert.Single(log.Text.Split("can't be used, so Portal continues with the former one").Skip(1));
        second.WritePem(Pem);
        Certificate(server).Check();
        Assert.Equal("CN=second.example", Certificate(server).Current.TargetCertificate.Subject);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable SYSLIB0039, CA5397 // The server must refuse it.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task Protocol_OlderThanTls12_IsRefused(SslProtocols protocol, bool isAccepted)
    {
        using var certificate = TestCertificate.Create("first.example");
        certificate.WritePem(Pem);
        await using var server = await StartAsync(new() { ["Portal:Https:Certificate"] = Pem });
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, AddressOf(server).Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(connection.GetStream(), false, (_, certificate, _, _) => certificate?.Subject == "CN=first.example");

        var failure = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "first.example", EnabledSslProtocols = protocol }));

        Assert.Equal(isAccepted, failure is null);
    }

    [Fact]
    public void Load_Pkcs12AndSeparateKey_AreRead()
    {
        using var certificate = TestCertificate.Create("first.example");
        var (pfx, cert, key) = (Path.Combine(_folder.Path, "tls.pfx"), Path.Combine(_folder.Path, "tls.crt"), Path.Combine(_folder.Path, "tls.key"));
        File.WriteAllBytes(pfx, certificate.Export(X509ContentType.Pkcs12, "word"));
        File.WriteAllText(cert, certificate.ExportCertificatePem());
        using (var own = certificate.KeyOf())
            File.WriteAllText(key, own.ExportEncryptedPkcs8PrivateKeyPem("word", new System.Security.Cryptography.PbeParameters(
                System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc, System.Security.Cryptography.HashAlgorithmName.SHA256, 1000)));

        Assert.True(new CertificateFile(pfx, null, "word", "x").Load().Own.HasPrivateKey);
        Assert.True(new CertificateFile(cert, key, "word", "x").Load().Own.HasPrivateKey);
    }

    [Theory]
    [InlineData("first.crt", "second.key", "belong together")]
    [InlineData("first.crt", null, "belong together")]
    [InlineData("none.crt", null, "read access to the files")]
    [InlineData("text", null, "belong together")]
    public void Load_Unusable_SaysWhatToDo(string certificateName, string? keyName, string expected)
    {
        foreach (var name in (string[])["first", "second"])
        {
            using var certificate = TestCertificate.Create(name);
            using var key = certificate.KeyOf();
            File.WriteAllText(Path.Combine(_folder.Path, name + ".crt"), certificate.ExportCertificatePem());
            File.WriteAllText(Path.Combine(_folder.Path, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllText(Path.Combine(_folder.Path, "text"), "no certificate");
        var file = new CertificateFile(Path.Combine(_folder.Path, certificateName), keyName is null ? null : Path.Combine(_folder.Path, keyName), null, "Portal:Https:Certificate");

        var refused = Assert.Throws<SecretException>(() => file.Load());

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Portal:Https:Certificate", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/a%20b?x=1", 307, "https://portal.example:PORT/a%20b?x=1")]
    [InlineData("HEAD", "/", 307, "https://portal.example:PORT/")]
    [InlineData("POST", "/login", 400, "Portal accepts forms over HTTPS only.")]
    [InlineData("GET", "/public/v1/agreements", 400, "Portal accepts API requests over HTTPS only.")]
    [InlineData("GET", "/health/live", 404, "")]
    public async Task Http_OfAnotherMachine_LeadsToHttps(string method, string path, int status, string expected)
    {
        using var certificate = TestCertificate.Create("first.example");
        certificate.WritePem(Pem);
        await using var server = await StartAsync(new() { ["Portal:Https:Certificate"] = Pem }, localAddress: IPAddress.Parse("192.0.2.1"));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(new Uri(server.Urls.Single(url => !ListenAddresses.IsHttps(url))), path));
        request.Headers.Host = "portal.example";

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
        var said = answer.Headers.Location?.OriginalString ?? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(expected.Replace("PORT", $"{AddressOf(server).Port}", StringComparison.Ordinal), said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_OfThisMachine_Stays()
    {
        using var certificate = TestCertificate.Create("first.example");
        certificate.WritePem(Pem);
        await using var server = await StartAsync(new() { ["Portal:Https:Certificate"] = Pem });
        using var client = new HttpClient();
        Assert.Equal("ok", await client.GetStringAsync(server.Urls.Single(url => !ListenAddresses.IsHttps(url)), TestContext.Current.CancellationToken));
    }

    private static async Task<WebApplication> StartAsync(Dictionary<string, string?> settings, LogRecorder? log = null, IPAddress? localAddress = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["Portal:Https:Url"] = "https://127.0.0.1:0";
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.AddHttps();
        var app = builder.Build();
        if (localAddress is not null)
            app.Use((context, next) =>
            {
                context.Connection.LocalIpAddress = localAddress;
                return next(context);
            });
        app.UseHttpsOnly();
        app.MapGet("/", () => "ok");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static HttpsCertificate Certificate(WebApplication server) => server.Services.GetRequiredService<HttpsCertificate>();

    private static Uri AddressOf(WebApplication server) =>
        new(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(ListenAddresses.IsHttps));

    /// <param name="seen">The subjects of the certificates that the server has sent.</param>
    private static HttpClient ClientOf(WebApplication server, out List<string> seen)
    {
        var subjects = seen = [];
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    subjects.Add(certificate!.Subject);
                    return certificate.Subject.EndsWith(".example", StringComparison.Ordinal);
                },
            },
        })
        { BaseAddress = AddressOf(server) };
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>Every setting that is unsafe by mistake, and the documented deployments, which are not.</summary>
public sealed class UnsafeSettingsTests
{
    private const string None = "", Stops = "stops", Warns = "warns";

    [Theory]
    // Plain HTTP.
    [InlineData(Stops, "On http://0.0.0.0:5080, passwords and keys would be sent unencrypted.", "urls=http://0.0.0.0:5080", "AllowedHosts=a.example")]
    [InlineData(Stops, "On http://*:8080, passwords", "http_ports=8080", "AllowedHosts=a.example")]
    [InlineData(Stops, "On http://[::]:80, passwords", "urls=http://localhost:5080;http://[::]:80", "AllowedHosts=a.example")]
    [InlineData(Stops, "On http://portal.internal:80, passwords", "Kestrel:Endpoints:Http:Url=http://portal.internal:80", "AllowedHosts=a.example")]
    [InlineData(Warns, "Portal:AllowInsecureHttp is true", "urls=http://0.0.0.0:5080", "Portal:AllowInsecureHttp=true", "AllowedHosts=a.example")]
    [InlineData(None, null, "urls=http://0.0.0.0:5080", "Portal:TrustedProxies:0=10.0.0.7", "AllowedHosts=a.example")]
    [InlineData(None, null, "urls=http://0.0.0.0:5080", "Portal:Https:Certificate=/etc/portal/tls.pem", "AllowedHosts=a.example")]
    [InlineData(None, null, "urls=https://0.0.0.0:5443", "AllowedHosts=a.example")]
    [InlineData(None, null, "urls=http://127.0.0.1:5080;http://[::1]:5080;http://localhost:5081;http://unix:/run/portal.sock")]
    [InlineData(None, null)]
    // Host names.
    [InlineData(Warns, "AllowedHosts is *", "urls=https://0.0.0.0:5443", "AllowedHosts=*")]
    [InlineData(Warns, "AllowedHosts is *", "urls=http://0.0.0.0:5080", "Portal:TrustedProxies:0=10.0.0.7")]
    // Details of failures.
    [InlineData(Stops, "DetailedErrors (ASPNETCORE_DETAILEDERRORS) shows browsers", "detailedErrors=true")]
    [InlineData(None, null, "detailedErrors=false")]
    // Secrets in places where others find them.
    [InlineData(Stops, "Portal:KeyRing:Passphrase is on the command line", "--Portal:KeyRing:Passphrase=a long enough passphrase")]
    [InlineData(Stops, "Portal:KeyRing:Former:0:Passphrase is on the command line", "--Portal:KeyRing:Former:0:Passphrase=a long enough passphrase")]
    [InlineData(Stops, "Portal:Https:Password is on the command line", "--Portal:Https:Password=secret")]
    [InlineData(Stops, "Mail:Password is on the command line", "--Mail:Password=secret")]
    [InlineData(Stops, "Portal:RateLimits:Store is on the command line", "--Portal:RateLimits:Store=redis.internal,password=secret")]
    [InlineData(None, null, "Portal:KeyRing:Passphrase=a long enough passphrase")]
    [InlineData(Stops, "Portal:KeyRing:PassphraseFile is in the data directory", "Portal:DataDirectory=/srv/portal", "Portal:KeyRing:PassphraseFile=/srv/portal/keys/secret")]
    [InlineData(Stops, "Portal:KeyRing:Certificate is in the data directory", "Portal:DataDirectory=/srv/portal", "Portal:KeyRing:Certificate=/srv/portal/../portal/ring.pfx")]
    [InlineData(None, null, "Portal:DataDirectory=/srv/portal", "Portal:KeyRing:PassphraseFile=/srv/portal-secrets/secret")]
    // Protections that are switched off.
    [InlineData(Warns, "Sessions:ProofMinutes is 0", "Sessions:ProofMinutes=0")]
    // Environments that aren't for others.
    [InlineData(Warns, "The Development environment is for this machine only, but Portal listens on http://0.0.0.0:5080", "urls=http://0.0.0.0:5080", "environment=Development")]
    [InlineData(Warns, "The demonstration is for this machine only", "urls=http://0.0.0.0:5080", "demo=true")]
    [InlineData(None, null, "environment=Development", "Sessions:ProofMinutes=0", "detailedErrors=true")]
    public void Find_Setting_StopsOrWarns(string expected, string? message, params string[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.Where(setting => !setting.StartsWith("--", StringComparison.Ordinal)).Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])));
        configuration.AddCommandLine([.. settings.Where(setting => setting.StartsWith("--", StringComparison.Ordinal))]);
        var environment = new HostingEnvironment { EnvironmentName = configuration["environment"] ?? Environments.Production };

        var found = UnsafeSettings.Find(configuration, environment, configuration["demo"] is not null).ToList();

        if (message is null)
        {
            Assert.Empty(found);
            return;
        }

        var setting = Assert.Single(found);
        Assert.Equal(expected == Stops, setting.Stops);
        Assert.StartsWith(message, setting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_UnsafeSetting_EndsWithOneLine()
    {
        using var folder = new TemporaryDirectory();
        var (exitCode, errors) = await ProgramRun.RunToEndAsync(folder.Path, "--environment=Production", "--urls=http://0.0.0.0:0");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Portal did not start: On http://0.0.0.0:0, passwords", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}

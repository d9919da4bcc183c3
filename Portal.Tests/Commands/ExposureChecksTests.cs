using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Portal.Commands.Checks;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

/// <summary>What <c>Portal doctor</c> says about the certificate and about unsafe settings.</summary>
public sealed class ExposureChecksTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string Pem => Path.Combine(_folder.Path, "tls.pem");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(-1, 30, "portal.example", "Ok", "is valid for 29 more days")]
    [InlineData(-1, 5, "portal.example", "Warning", "expires in 4 days")]
    [InlineData(-9, -1, "portal.example", "Failure", "expired at")]
    [InlineData(1, 30, "portal.example", "Failure", "is valid from")]
    [InlineData(-1, 30, "portal.example;other.example", "Warning", "does not have the name other.example")]
    [InlineData(-1, 30, "portal.example;*.example", "Ok", "is valid for 29 more days")]
    public void Certificate_OfThisKind_IsFound(int begin, int end, string hosts, string status, string expected)
    {
        using (var certificate = TestCertificate.Create("portal.example", end, begin))
            certificate.WritePem(Pem);
        var findings = Run(hosts);
        var worst = findings.MaxBy(finding => finding.Status)!;
        Assert.Equal(status, worst.Status.ToString());
        Assert.Contains(findings, finding => finding.Status == worst.Status && finding.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Certificate_Unusable_IsAFailureWithAdvice()
    {
        File.WriteAllText(Pem, "no certificate");
        Assert.Contains(Run("portal.example"), finding => finding is { Check: "https", Status: FindingStatus.Failure } && finding.Message.Contains("belong together", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_UnsafeOne_IsAFailure() => Assert.Contains(
        Run("portal.example", ("detailedErrors", "true")), finding => finding is { Check: "unsafe settings", Status: FindingStatus.Failure });

    private List<Finding> Run(string hosts, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("Portal:Https:Certificate", Pem), new("AllowedHosts", hosts), .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))]);
        return [.. ExposureChecks.Run(configuration, new HostingEnvironment { EnvironmentName = Environments.Production })];
    }
}

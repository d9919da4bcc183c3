using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Portal.Hosting;
using Portal.Hosting.Https;
using Portal.Secrets;

namespace Portal.Commands.Checks;

/// <summary>Checks what protects Portal from others: its settings and its certificate.</summary>
internal static class ExposureChecks
{
    private const string Settings = "unsafe settings", Https = "https";
    private const int FewDays = 14;

    public static IEnumerable<Finding> Run(IConfiguration configuration, IHostEnvironment environment)
    {
        var unsafeSettings = UnsafeSettings.Find(configuration, environment, isDemo: false).ToList();
        foreach (var setting in unsafeSettings)
            yield return setting.Stops ? Finding.Failure(Settings, setting.Message) : Finding.Warning(Settings, setting.Message);
        if (unsafeSettings.Count == 0)
            yield return Finding.Ok(Settings, "There are none.");
        foreach (var finding in CheckCertificate(configuration))
            yield return finding;
    }

    private static IEnumerable<Finding> CheckCertificate(IConfiguration configuration)
    {
        LoadedCertificate loaded;
        try
        {
            if (HttpsCertificate.ReadOptions(configuration) is not { } options)
                return [];
            loaded = HttpsCertificate.FileOf(options).Load();
        }
        catch (SecretException exception)
        {
            return [Finding.Failure(Https, exception.Message)];
        }

        return [CheckValidity(loaded.Own), .. CheckNames(loaded.Own, configuration)];
    }

    private static Finding CheckValidity(X509Certificate2 certificate)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (begin, end) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        var days = (int)(end - now.UtcDateTime).TotalDays;
        return begin > now.UtcDateTime ? Finding.Failure(Https, Say($"The certificate {certificate.Subject} is valid from {begin:u} only. Check the clock, or use another certificate."))
            : end < now.UtcDateTime ? Finding.Failure(Https, Say($"The certificate {certificate.Subject} expired at {end:u}. Replace its files; a running Portal reads them within seconds."))
            : days < FewDays ? Finding.Warning(Https, Say($"The certificate {certificate.Subject} expires in {days} days, at {end:u}. Replace its files; a running Portal reads them within seconds."))
            : Finding.Ok(Https, Say($"The certificate {certificate.Subject} is valid for {days} more days."));
    }

    /// <summary>Browsers refuse a certificate that doesn't have the name in the address bar.</summary>
    private static IEnumerable<Finding> CheckNames(X509Certificate2 certificate, IConfiguration configuration) =>
        from name in AllowedHosts.Split(configuration[AllowedHosts.SettingName])
        where !name.Contains('*') && !certificate.MatchesHostname(name)
        select Finding.Warning(Https, $"The certificate {certificate.Subject} does not have the name {name}, which is in {AllowedHosts.SettingName}. Use a certificate with this name, or correct the setting.");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
